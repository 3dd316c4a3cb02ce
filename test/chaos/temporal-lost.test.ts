import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test("Temporal's files deleted between two runs: everything is refilled, and no call is repeated", async (t) => {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  const dataDir = path.join(home, 'data');
  await makePhotos(folder, 12, 3);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 400 }) });
  t.after(() => host.off());

  const first = await startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  await first.until('four calls are finished', () => host.total.finished >= 4);
  const { code, ms } = await first.stop();
  assert.equal(code, 0);
  assert.ok(ms < 10_000, `it took ${ms} ms to stop`);
  const calls = host.total.calls;
  assert.equal(host.total.finished, calls, 'calls in flight were given time to finish');
  await rm(path.join(dataDir, 'temporal', 'state'), { recursive: true });

  // No folder is named: libraries are remembered.
  const second = await startUp(t, { folders: [], hosts: [host.url], dataDir });
  await second.until('all are described', async () => (await second.counts()).done === 12);
  assert.equal(host.total.calls, 9, 'one call for each of the nine different pictures, over both runs');
  assert.equal((await second.stop()).code, 0);
});
