import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';
import { processesOf } from './mixed/processes.ts';

test('a second SIGTERM while calls in flight are waited for loses no more than those calls, and the next start goes on', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 6);
  const host = await startScriptedHost({ answer: (_, nth) => (nth <= 3 ? {} : { firstByteMs: 60_000 }) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  await up.until('the fourth call is under way', () => host.total.calls === 4);
  up.signal('SIGTERM');
  await up.said(/^stopping/);
  up.signal('SIGTERM');
  assert.equal(await up.exited, 0);
  assert.deepEqual(processesOf(dataDir), []);

  host.script(() => ({}));
  const again = await startUp(t, { folders: [], hosts: [host.url], dataDir });
  await again.until('all are described', async () => (await again.counts()).done === 6);
  assert.deepEqual({ calls: host.total.calls, finished: host.total.finished }, { calls: 7, finished: 6 });
  assert.equal((await again.stop()).code, 0);
});
