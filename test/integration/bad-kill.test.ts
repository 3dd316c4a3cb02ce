import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { processesOn } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test('kill -9 of up: the next one takes over its Postgres, ends its Temporal, goes on, and leaves nothing', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 12);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 300 }) });
  t.after(() => host.off());

  const first = await startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  await first.until('three calls are finished', () => host.total.finished >= 3);
  const [postgres, temporal] = await Promise.all([first.pid('postgres'), first.pid('temporal')]);
  await first.kill();

  const second = await startUp(t, { folders: [], hosts: [host.url], dataDir });
  await second.said(/embedded Postgres .*left over from an earlier run and taken over/);
  await second.said(/^ready/);
  assert.equal(await second.pid('postgres'), postgres);
  assert.notEqual(await second.pid('temporal'), temporal);
  await second.until('all are described', async () => (await second.counts()).done === 12);
  assert.ok(host.total.calls <= 13, `${host.total.calls} calls: more than the one in flight was repeated`);
  const { code, ms } = await second.stop();
  assert.equal(code, 0);
  assert.ok(ms < 10_000, `${ms} ms`);
  assert.deepEqual(await processesOn(dataDir), []);
});
