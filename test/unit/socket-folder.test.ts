import assert from 'node:assert/strict';
import { chmod, chown, lstat, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureSocketFolder, makeSocketFolder } from '../../runtime/database/socket-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const refused = { code: 'BadConfig', message: /must lie in a private one/ };
const isRoot = process.getuid?.() === 0;

test('the socket lies in a short folder of its own that nobody else may enter', async (t) => {
  const dataDir = await temporaryFolder(t);
  const folder = await makeSocketFolder(dataDir, undefined);
  t.after(() => rm(folder, { recursive: true }));
  assert.match(folder, /^\/tmp\/darkroom-\d+-[0-9a-f]{8}$/);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  assert.equal(await makeSocketFolder(dataDir, undefined), folder);
});

test('a folder that others could enter is closed', async (t) => {
  const folder = join(await temporaryFolder(t), 'open');
  await mkdir(folder);
  await chmod(folder, 0o777);
  await ensureSocketFolder(folder, undefined);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
});

test('a link, a file, or the folder of somebody else is not used, whatever it is called', async (t) => {
  const parent = await temporaryFolder(t);
  const [link, file, foreign] = [join(parent, 'link'), join(parent, 'file'), join(parent, 'foreign')];
  await mkdir(join(parent, 'mine'));
  await symlink(join(parent, 'mine'), link);
  await assert.rejects(ensureSocketFolder(link, undefined), refused);
  await writeFile(file, '');
  await assert.rejects(ensureSocketFolder(file, undefined), refused);
  if (isRoot) {
    await mkdir(foreign);
    await chown(foreign, 54_321, 54_321);
  }
  await assert.rejects(ensureSocketFolder(isRoot ? foreign : '/usr', undefined), refused);
});

test('where somebody has taken the name in /tmp, the data folder serves, or, too long for a socket, nothing does', async (t) => {
  const short = await temporaryFolder(t);
  const long = join(await temporaryFolder(t), 'x'.repeat(80));
  await mkdir(join(short, 'postgres'));
  await mkdir(join(long, 'postgres'), { recursive: true });
  for (const dataDir of [short, long]) {
    const name = await makeSocketFolder(dataDir, undefined);
    await rm(name, { recursive: true });
    await symlink(dataDir, name);
    t.after(() => rm(name));
  }
  const inside = await makeSocketFolder(short, undefined);
  assert.equal(inside, join(short, 'postgres', 'socket'));
  assert.ok((await lstat(inside)).isDirectory());
  await assert.rejects(makeSocketFolder(long, undefined), refused);
});
