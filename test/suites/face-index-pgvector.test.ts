import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createFaceIndexes } from '../../adapters/face-index/face-indexes.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { peopleStores } from '../support/people-scene.ts';
import { emptyTables, migrationsFolder } from '../support/stores.ts';
import { faceIndexSuite } from './face-index.suite.ts';
import { pgvectorServer } from '../support/pgvector-server.ts';

let server: Awaited<ReturnType<typeof pgvectorServer>>;
let database: Database;
before(async () => {
  server = await pgvectorServer();
  await migrate(server.address, migrationsFolder);
  database = connect(server.address, { max: 1, limitMs: 60_000 });
});
after(async () => {
  await database.close();
  await server.stop();
});

async function open() {
  await emptyTables(database);
  const stores = peopleStores(database);
  const start = (model: string) =>
    createFaceIndexes({
      database,
      patient: database,
      vectors: stores.vectors,
    }).of(model);
  return { stores, start };
}

faceIndexSuite('pgvector', open);

test('where the database has pgvector it is used, with an index for each model', async () => {
  const { start } = await open();
  const index = await start("o'model");
  assert.equal(index.kind, 'pgvector');
  await index.refresh();
});
