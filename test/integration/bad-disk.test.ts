import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { darkroom, processesOn } from '../support/darkroom-command.ts';
import { smallDisk } from '../support/full-disk.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test('a full disk under the data folder is said with its setting, photos wait, and go on when there is room', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 3);
  const disk = await smallDisk(t);
  const dataDir = disk.folder;
  t.diagnostic(disk.real ? 'on a file system of its own' : 'simulated: no file system may be mounted here');
  const host = await startScriptedHost();
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url], dataDir, env: disk.env });
  await up.until('three are described', async () => (await up.counts()).done === 3);

  await disk.fill();
  await makePhotos(path.join(folder, 'more'), 4, 0, { width: 330 });
  await up.said(/^The disk of \S+ is full: free some space there, or set DARKROOM_DATA_DIR .*Photos wait/);
  const { code, out, err } = await darkroom(['status'], { DARKROOM_DATA_DIR: dataDir, ...disk.env });
  assert.equal(code, 0, err);
  assert.match(out.replace(/\s+/g, ' '), /The disk of \S+ is full: .*DARKROOM_DATA_DIR/);
  assert.equal((await up.counts()).parked, 0);
  assert.equal(host.total.calls, 3, 'nothing went on without room for its result');

  await disk.free();
  await up.said(/^There is room on the disk of \S+ again; work goes on\./);
  await up.until('all seven are described', async () => (await up.counts()).done === 7, 90_000);
  assert.equal(host.total.calls, 7);
  assert.equal((await up.stop()).code, 0);
  assert.deepEqual(await processesOn(dataDir), []);
});
