import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createPhotos } from '../../clients/photos.ts';
import { priorities } from '../../domain/queues.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { makePhotos } from '../support/photos.ts';
import { testDatabase } from '../support/postgres.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { sharedTemporal } from '../support/temporal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { onServers, startWorkerProcess } from '../support/worker-process.ts';

const photoCount = 24;

test('two workers ask a host for no more than its slots, and one that is killed frees what it held', async (t) => {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  await makePhotos(folder, photoCount);
  const host = await startScriptedHost({ serialise: false, answer: () => ({ firstByteMs: 150 }) });
  t.after(() => host.off());
  const [testServer, temporal] = await Promise.all([testDatabase(), sharedTemporal()]);
  const { target } = testServer;
  const env = {
    ...onServers(testServer, temporal),
    VISION_HOSTS: host.url,
    VISION_MODEL: host.model,
    VISION_SLOTS: '2',
  };
  const first = await startWorkerProcess(t, { env, home }, 'first');
  const second = await startWorkerProcess(t, { env, home }, 'second');

  const database = connect(postgresOptions(target, { max: 2 }), { max: 2 });
  const connection = await Connection.connect({ address: temporal.address });
  t.after(async () => await Promise.all([database.close(), connection.close()]));
  const client = new Client({ connection, namespace: temporal.namespace });
  const photos = createPhotos({ client, sha256 });
  const assets = createAssetStore({ database });
  const library = await assets.ensureLibrary({ name: 'shared', root: folder });
  const files = await createFolder({ root: folder, ignored: createIgnored({ root: folder }) }).page({
    cursor: undefined,
    limit: photoCount,
  });
  for (const { asset, rawPath } of await assets.register(library, files.files, '')) {
    await photos.changed({ asset, rawPath, priority: priorities.upload }, 'in the test');
  }
  while (host.total.finished < photoCount / 2) await sleep(50);
  first.kill('SIGKILL');
  while (host.pictures.size < photoCount || host.total.finished < photoCount) {
    assert.equal(second.exitCode, null);
    await sleep(100);
  }
  assert.ok(host.total.mostAtOnce <= 2, `${host.total.mostAtOnce} calls at once`);
});
