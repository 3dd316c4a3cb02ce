import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test('kill -9 of the engine in the middle of 40 photos, 10 of them copies: no finished call is repeated', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 40, 10);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 150 }) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  await up.said(/^ready/);

  for (const finished of [8, 16]) {
    await up.until(`${finished} calls are finished`, () => host.total.finished >= finished);
    const before = new Map([...host.pictures].map(([hash, { calls, finished }]) => [hash, { calls, finished }]));
    // What was answered this long ago is saved; what is answered in the very instant of the kill was in flight.
    await sleep(250);
    process.kill(await up.pid('engine'), 'SIGKILL');
    await up.until(
      'the engine is there again',
      () => up.lines.filter((line) => line === 'ready').length > finished / 8,
    );
    for (const [hash, was] of before) {
      if (was.finished > 0) assert.equal(host.pictures.get(hash)?.calls, was.calls, 'a finished call was repeated');
    }
  }

  await up.until('all 40 are described', async () => (await up.counts()).done === 40);
  assert.equal(host.pictures.size, 30, 'copies share one description');
  for (const { finished } of host.pictures.values()) assert.ok(finished >= 1);
  assert.ok(host.total.calls <= 30 + 2, `${host.total.calls} calls: more than the two in flight were repeated`);
});
