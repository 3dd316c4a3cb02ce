import assert from 'node:assert/strict';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { smallDisk } from '../support/full-disk.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

const photos = 150;
/** Both servers write into room that they have already for a while. */
const said = /disk is full|no space left on device/i;

for (const [store, name] of [
  ['temporal', 'Temporal'],
  ['postgres', 'the database'],
] as const) {
  test(`the disk of ${name} alone full while answers come: photos wait, no answer is lost, no call repeated`, async (t) => {
    const home = await temporaryFolder(t);
    const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
    await makePhotos(folder, photos);
    const disk = await smallDisk(t);
    t.diagnostic(disk.real ? 'on a file system of its own' : 'only half a test: no file system may be mounted here');
    await mkdir(dataDir, { mode: 0o711 });
    await symlink(disk.folder, path.join(dataDir, store));
    const host = await startScriptedHost({ answer: () => ({ firstByteMs: 30 }) });
    t.after(() => host.off());
    const up = await startUp(t, { folders: [folder], hosts: [host.url], dataDir, env: disk.env });
    await up.until('the first call is finished', () => host.total.finished >= 1);

    await disk.fill();
    const log = () => readFile(path.join(dataDir, 'logs', 'darkroom.log'), 'utf8');
    if (disk.real) await up.until('it is noticed', async () => said.test(await log()));
    await sleep(5_000);
    t.diagnostic(`${host.total.finished} answers when there was room again`);
    assert.ok(host.total.finished < photos || !disk.real, 'it was noticed too late');
    await disk.free();

    await up.until(
      'all are described',
      async () => (await up.counts().catch(() => ({ done: 0 }))).done === photos,
      120_000,
    );
    assert.equal((await up.counts()).parked, 0);
    assert.deepEqual({ calls: host.total.calls, finished: host.total.finished }, { calls: photos, finished: photos });
    assert.equal((await up.stop()).code, 0);
  });
}
