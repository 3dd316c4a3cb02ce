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
  // The disk is smaller than what is kept free by default.
  const env = { ...disk.env, DARKROOM_MIN_FREE_MB: '0' };
  const up = await startUp(t, { folders: [folder], hosts: [host.url], dataDir, env });
  await up.until('three are described', async () => (await up.counts()).done === 3);

  await disk.fill();
  await makePhotos(path.join(folder, 'more'), 4, 0, { width: 330 });
  await up.said(/^The disk of \S+ is full: free some space there, or set DARKROOM_DATA_DIR .*Photos wait/);
  const { code, out, err } = await darkroom(['status'], { DARKROOM_DATA_DIR: dataDir, ...env });
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

test('on a disk that is short of room the backlog waits, is said to, and goes on by itself when there is room', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 5);
  const host = await startScriptedHost();
  t.after(() => host.off());
  // No disk of the tests has a million MB free: the setting is what is too high.
  const env = { DARKROOM_MIN_FREE_MB: '1048576' };
  const up = await startUp(t, { folders: [folder], hosts: [host.url], dataDir, env });
  await up.said(/^The disk of \S+ has less than 1048576 MB free \(DARKROOM_MIN_FREE_MB\): .* backlog/);
  await up.said(/^nothing more is started in library: The disk of \S+ has less/);
  await up.said(/^library {2}0\/5 described · 5 not started$/);
  const told = await darkroom(['status'], { DARKROOM_DATA_DIR: dataDir, ...env, COLUMNS: '300' });
  assert.match(told.out, /\nThe disk of \S+ has less than 1048576 MB free/);
  assert.match(told.out, /\nlibrary {2}0\/5 described · 5 not started\n {2}\S+\n\n/);
  const doctor = await darkroom(['doctor'], { DARKROOM_DATA_DIR: dataDir, ...env, COLUMNS: '300' });
  assert.match(doctor.out, /WRONG data folder: .* free: photos of the backlog wait\n +→ .*DARKROOM_MIN_FREE_MB/);
  assert.equal(host.total.calls, 0);

  // A photo that a person asks for is not of the backlog.
  const asked = await darkroom(['describe', path.join(folder, 'IMG_0000.jpg')], { DARKROOM_DATA_DIR: dataDir, ...env });
  assert.equal(asked.code, 0, asked.err);
  assert.equal(host.total.calls, 1);
  assert.equal((await up.stop()).code, 0);
  const again = await startUp(t, { folders: [], hosts: [host.url], dataDir });
  await again.until('all are described', async () => (await again.counts()).done === 5);
  assert.equal((await again.stop()).code, 0);
});
