import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { sharedTemporal } from '../support/temporal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test('Temporal away for 30 s while answers finish: none is asked for again', async (t) => {
  const temporal = await sharedTemporal();
  const server = temporal.services.find(({ name }) => name === 'temporal');
  assert.ok(server);
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 6);
  const hosts = await Promise.all([1, 2].map(() => startScriptedHost({ answer: () => ({ firstByteMs: 5_000 }) })));
  for (const host of hosts) t.after(() => host.off());
  const total = () =>
    hosts.reduce(
      (sum, host) => ({ calls: sum.calls + host.total.calls, finished: sum.finished + host.total.finished }),
      { calls: 0, finished: 0 },
    );
  const up = await startUp(t, {
    folders: [folder],
    hosts: hosts.map(({ url }) => url),
    env: { TEMPORAL_ADDRESS: temporal.address },
  });

  await up.until('two calls are under way', () => total().calls === 2);
  await server.stop();
  await sleep(30_000);
  assert.equal(total().finished, 2, 'the answers came while Temporal was away');
  await server.start();
  await server.ready(AbortSignal.timeout(60_000));

  await up.until('all six are described', async () => (await up.counts()).done === 6, 120_000);
  assert.deepEqual(total(), { calls: 6, finished: 6 });
  assert.equal((await up.stop()).code, 0);
});
