import { after, before } from 'node:test';
import { createFaceIndexes } from '../../adapters/face-index/face-indexes.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { peopleStores } from '../support/people-scene.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { concurrentNewsSuite, faceIndexSuite } from './face-index.suite.ts';

let database: Database;
let other: Database;
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 4 });
  other = connect(address, { max: 1 });
});
after(() => Promise.all([database.close(), other.close()]));

async function open() {
  await emptyTables(database);
  const stores = peopleStores(database);
  const start = (model: string) => createFaceIndexes({ database, patient: other, vectors: stores.vectors }).of(model);
  return { stores, start };
}

faceIndexSuite('in memory, of a Postgres without pgvector', open);
concurrentNewsSuite('in memory', open, () => other);
