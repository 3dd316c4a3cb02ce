import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { createStatusQueries } from '../../adapters/postgres/status-queries.ts';
import { testDatabase } from '../support/postgres.ts';
import { hashOf, sampleDescription, sampleFile, sampleKey, sampleStat } from '../support/store-samples.ts';
import { addressOf, migrationsFolder } from '../support/stores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const first = '0001_photos_and_descriptions.sql';

/** A database as the first release made it; `newest` brings it up to date. */
async function oldDatabase(t: TestContext) {
  const address = addressOf(await testDatabase());
  const folder = await temporaryFolder(t);
  await copyFile(join(migrationsFolder, first), join(folder, first));
  await migrate(address, folder);
  const database = connect(address, { max: 1 });
  t.after(() => database.close());
  return { address, database, newest: () => migrate(address, migrationsFolder) };
}

/** The statements of the first release, word for word. */
const oldSave = (database: Database, name: string) =>
  database.run(
    (sql) => sql`
      insert into darkroom.description (content_hash, recipe_hash, facts_hash, text, model, host, simulated, total_ms)
      values (${hashOf(name)}, ${hashOf('recipe')}, ${hashOf('facts')}, ${name}, 'm', 'http://h', false, 1)`,
  );
const oldClaimRow = z.object({ holder: z.string().nullable(), text: z.string().nullable() });
const oldClaim = async (database: Database, name: string, owner: string) => {
  const [row] = await database.rows(
    oldClaimRow,
    (sql) => sql`
      select c.holder, (c.known).*
      from darkroom.claim_description(${hashOf(name)}, ${hashOf('recipe')}, ${hashOf('facts')}, ${owner}) as c`,
  );
  return row;
};

test('rows of the first release are read as plain answers and photos without keywords', async (t) => {
  const { database, newest } = await oldDatabase(t);
  await oldSave(database, 'a');
  await database.run(
    (sql) => sql`
      insert into darkroom.content (hash, bytes, kind, width, height, camera) values (${hashOf('a')}, 9, 'jpeg', 4, 3, 'X')`,
  );
  const assets = createAssetStore({ database });
  const library = await assets.ensureLibrary({ name: 'pictures', root: '/pictures' });
  const [photo] = await assets.register(library, [sampleFile('a.jpg')], hashOf('recipe'));
  const { size, mtimeMs, ctimeMs, inode } = sampleStat();
  await database.run(
    (sql) => sql`
      update darkroom.asset set content_hash = ${hashOf('a')}, size = ${size}, mtime_ms = ${mtimeMs}, ctime_ms = ${ctimeMs},
        inode = ${inode}, description_id = (select id from darkroom.description)`,
  );
  assert.notDeepEqual(await newest(), []);

  const plain = { text: 'a', model: 'm', host: 'http://h', simulated: false, totalMs: 1 };
  const descriptions = createDescriptionStore({ database });
  assert.deepEqual(await descriptions.find(sampleKey('a')), plain);
  assert.deepEqual(await descriptions.claim(sampleKey('a'), 'me'), { kind: 'known', description: plain });
  const content = await assets.knownContent(photo?.asset.assetId ?? '', sampleStat());
  assert.deepEqual(content?.capture, { camera: 'X' });
  const [found] = await createStatusQueries({ database }).findByPath('a.jpg');
  assert.deepEqual(found?.content, content);
  assert.equal(found?.description?.text, 'a');
});

test('a process of the first release goes on with the connection that it has while a newer one migrates', async (t) => {
  const { address, database, newest } = await oldDatabase(t);
  await oldSave(database, 'a');
  // Often enough for the server to keep the plans of these statements and of those in the function.
  for (let turn = 0; turn < 8; turn += 1) {
    assert.deepEqual(await oldClaim(database, 'a', 'old'), { holder: null, text: 'a' });
    assert.deepEqual(await oldClaim(database, 'b', 'old'), { holder: 'old', text: null });
  }
  await newest();
  const newer = connect(address, { max: 1 });
  t.after(() => newer.close());
  const descriptions = createDescriptionStore({ database: newer });
  await descriptions.save(sampleKey('c'), { ...sampleDescription('c'), tags: ['x'] });
  for (let turn = 0; turn < 8; turn += 1) {
    assert.deepEqual(await oldClaim(database, 'a', 'old'), { holder: null, text: 'a' });
    assert.deepEqual(await oldClaim(database, 'b', 'other'), { holder: 'old', text: null });
    assert.deepEqual(await oldClaim(database, 'c', 'old'), { holder: null, text: 'c' });
    assert.deepEqual(await descriptions.claim(sampleKey('b'), 'newer'), { kind: 'held', owner: 'old' });
  }
});
