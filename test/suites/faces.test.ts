import { after, before } from 'node:test';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { peopleStores } from '../support/people-scene.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { faceAssignmentsSuite } from './face-assignments.suite.ts';
import { faceEditsSuite } from './face-edits.suite.ts';
import { faceStoreSuite } from './face-store.suite.ts';
import { faceVectorsSuite } from './face-vectors.suite.ts';
import { personListsSuite } from './person-lists.suite.ts';
import { mergeStoreSuite } from './person-merge.suite.ts';
import { unmergeSuite } from './person-unmerge.suite.ts';
import { personStoreSuite } from './person-store.suite.ts';

let database: Database;
/** One connection: what it begins stays open until it commits. */
let other: Database;
before(async () => {
  const { address } = await migratedDatabase();
  // 20,000 faces at once take a second of the server's time; its limit is not what is tested.
  database = connect(address, { max: 10, limitMs: 60_000 });
  other = connect(address, { max: 1 });
});
after(() => Promise.all([database.close(), other.close()]));

async function open() {
  await emptyTables(database);
  return peopleStores(database);
}

const openWithOther = async () => ({ ...(await open()), other });

faceStoreSuite('Postgres', open);
faceEditsSuite('Postgres', open);
faceAssignmentsSuite('Postgres', open);
faceVectorsSuite('Postgres', openWithOther);
personStoreSuite('Postgres', open);
personListsSuite('Postgres', open);
mergeStoreSuite('Postgres', open);
unmergeSuite('Postgres', open);
