import { after, before } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createStatusQueries } from '../../adapters/postgres/status-queries.ts';
import { createFakeStores } from '../support/fake-stores.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { assetStoreSuite } from './asset-store.suite.ts';
import { descriptionStoreSuite } from './description-store.suite.ts';

let database: Database;
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 10 });
});
after(() => database.close());

async function openPostgres() {
  await emptyTables(database);
  return {
    assets: createAssetStore({ database }),
    descriptions: createDescriptionStore({ database }),
    story: createStatusQueries({ database }),
  };
}

for (const [name, open] of [
  ['in memory', async () => createFakeStores()],
  ['Postgres', openPostgres],
] as const) {
  assetStoreSuite(name, open);
  descriptionStoreSuite(name, open);
}
