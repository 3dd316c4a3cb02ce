import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { darkroom, processesOn } from '../support/darkroom-command.ts';
import { makeJpeg } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

/** Root reads everything, unless it gives that right away (util-linux, part of every Debian and Alpine image with it). */
const unprivileged =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-dac_override,-dac_read_search']
    : [];

test('a folder that cannot be a library is refused before anything starts, with what to change', async (t) => {
  const home = await temporaryFolder(t);
  const dataDir = path.join(home, 'data');
  const locked = path.join(home, 'locked');
  await mkdir(locked);
  await chmod(locked, 0o000);
  await mkdir(path.join(dataDir, 'inside'), { recursive: true });
  await writeFile(path.join(home, 'photo.jpg'), await makeJpeg(1));
  const refused = {
    nowhere: /There is no folder \S+nowhere \(if it is on a drive or share, mount it first\)\./,
    'photo.jpg': /photo\.jpg is a file; a library is a folder\./,
    locked: /The library folder \S+locked cannot be read: /,
    'data/inside': /belongs to Darkroom's own data folder/,
  };
  try {
    for (const [name, words] of Object.entries(refused)) {
      const ended = await darkroom(['up', path.join(home, name)], { DARKROOM_DATA_DIR: dataDir }, unprivileged);
      assert.deepEqual([ended.code, ended.out], [2, ''], ended.err);
      assert.match(ended.err, words);
      assert.match(ended.err, /Change LIBRARY_FOLDERS, or the folder given to "darkroom up"\./);
      assert.equal(ended.err.trim().split('\n').length, 1, 'one line, no stack');
    }
  } finally {
    await chmod(locked, 0o700);
  }
  assert.deepEqual(await processesOn(dataDir), []);
});

test('an empty folder is said and watched: a photo copied in later is described', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'empty');
  await mkdir(folder);
  const host = await startScriptedHost();
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  await up.said(/empty is empty\. Photos copied into it will be noticed/);
  await up.said(/^empty {2}0\/0 described · up to date/);
  await writeFile(path.join(folder, 'late.jpg'), await makeJpeg(1));
  await up.until('it is described', async () => (await up.counts()).done === 1);
  assert.equal((await up.stop()).code, 0);
  assert.deepEqual(await processesOn(up.dataDir), []);
});
