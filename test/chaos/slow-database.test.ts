import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { socketPath } from '../../runtime/database/target.ts';
import { makePhotos } from '../support/photos.ts';
import { testDatabase } from '../support/postgres.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { slowSocket } from '../support/slow-socket.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test('a database 200 ms away: every photo comes to its end, and each picture is asked about once', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 24, 6);
  const { target } = await testDatabase();
  const away = await slowSocket(t, socketPath(target.socketDir), 200);
  const hosts = await Promise.all([1, 2].map(() => startScriptedHost({ answer: () => ({ firstByteMs: 100 }) })));
  for (const host of hosts) t.after(() => host.off());
  const up = await startUp(t, {
    folders: [folder],
    hosts: hosts.map(({ url }) => url),
    env: { DATABASE_URL: `postgres://${target.user}@127.0.0.1:${away.port}/${target.database}` },
  });
  await up.until('all 24 are described', async () => (await up.counts()).done === 24);
  const calls = hosts.map(({ total }) => total.calls);
  assert.equal(
    calls.reduce((sum, count) => sum + count, 0),
    18,
    `${calls.join(' + ')} calls`,
  );
  assert.ok(away.bytes() > 10_000, 'it went around the slow way');
  const { code, ms } = await up.stop();
  assert.equal(code, 0);
  assert.ok(ms < 10_000, `it took ${ms} ms to stop`);
});
