import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test('a host whose first byte takes 60 s is asked exactly once', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 1);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 60_000 }) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  await up.until('it is described', async () => (await up.counts()).done === 1, 120_000);
  assert.deepEqual({ calls: host.total.calls, finished: host.total.finished }, { calls: 1, finished: 1 });
});

test('Ctrl-C with a call in flight that would take longer ends in time, cancels the call and names it', async (t) => {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  const dataDir = path.join(home, 'data');
  await makePhotos(folder, 1);
  let slow = true;
  const host = await startScriptedHost({ answer: () => (slow ? { firstByteMs: 60_000 } : {}) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  await up.until('the call is under way', () => host.total.calls === 1);
  const { code, ms } = await up.stop();
  assert.equal(code, 0);
  assert.ok(ms < 10_000, `it took ${ms} ms`);
  assert.ok(
    up.lines.some((line) => /cancelled.*IMG_0000\.jpg/.test(line)),
    up.lines.join('\n'),
  );

  slow = false;
  const again = await startUp(t, { folders: [], hosts: [host.url], dataDir });
  await again.until('it is described', async () => (await again.counts()).done === 1);
  assert.equal(host.total.finished, 1);
});
