import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';
import { cutPower } from './mixed/processes.ts';

test('everything killed at once, twice: the next start goes on, and repeats only calls in flight', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 24, 6);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 300 }) });
  t.after(() => host.off());
  const start = () => startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  let up = await start();
  const kept = new Map<string, number>();
  const inFlight = new Set<string>();
  for (const finished of [3, 9]) {
    await up.until(`${finished} calls are finished`, () => host.total.finished >= finished);
    for (const [hash, { finished, calls }] of host.pictures) {
      if (finished > 0 && !inFlight.has(hash)) kept.set(hash, calls);
    }
    // What was answered this long ago is saved; what is answered in the very instant was in flight.
    await sleep(250);
    await cutPower(dataDir);
    await up.exited;
    for (const hash of host.pictures.keys()) if (!kept.has(hash)) inFlight.add(hash);
    up = await start();
  }
  await up.until('all are described', async () => (await up.counts().catch(() => ({ done: 0 }))).done === 24);
  for (const [hash, calls] of kept) {
    assert.equal(host.pictures.get(hash)?.calls, calls, 'a finished call was repeated');
  }
  assert.equal(host.pictures.size, 18, 'copies share one description');
  assert.ok(kept.size >= 7, `${kept.size} were finished before the second cut`);
  assert.ok(host.total.calls <= 18 + 2, `${host.total.calls} calls: more than the two in flight were repeated`);
  assert.equal((await up.stop()).code, 0);
});
