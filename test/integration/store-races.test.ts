import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect, type Database, type Statement } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createStatusQueries } from '../../adapters/postgres/status-queries.ts';
import { done, finished, hashOf, registerOne, sampleFile, sampleKey } from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';

/** `database` for what is tested; `other` is one connection that holds a transaction open, as a slow neighbour would. */
async function open(t: TestContext) {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 2 });
  const other = connect(address, { max: 1 });
  t.after(() => Promise.all([database.close(), other.close()]));
  const assets = createAssetStore({ database });
  const library = await assets.ensureLibrary({ name: 'pictures', root: '/pictures' });
  const descriptions = createDescriptionStore({ database });
  return { database, other, assets, library, descriptions, status: createStatusQueries({ database }) };
}

const waitsRow = z.object({ waits: z.boolean() });
const waits: Statement = (sql) => sql`
  select exists (
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  ) as waits`;

/** Starts `call` while `statements` are not committed, and commits them once it waits for them. */
async function meanwhile<T>(
  { database, other }: { database: Database; other: Database },
  statements: readonly Statement[],
  call: () => Promise<T>,
): Promise<T> {
  await other.run((sql) => sql`begin`);
  for (const statement of statements) await other.run(statement);
  const answer = call();
  while (!(await database.rows(waitsRow, waits))[0]?.waits) await sleep(10);
  await other.run((sql) => sql`commit`);
  return await answer;
}

const savedBy =
  (text: string): Statement =>
  (sql) => sql`
    insert into darkroom.description (content_hash, recipe_hash, facts_hash, text, model, host, simulated, total_ms)
    values (${hashOf('a')}, ${hashOf('recipe')}, ${hashOf('facts')}, ${text}, 'm', 'http://h', false, 1)`;

test('an answer that is saved while a claim waits for the last holder is known, not made again', async (t) => {
  const { descriptions, ...stores } = await open(t);
  await descriptions.claim(sampleKey('a'), 'first');
  const letGo: Statement = (sql) => sql`delete from darkroom.claim where owner = 'first'`;
  const claim = await meanwhile(stores, [letGo, savedBy('A boat.')], () =>
    descriptions.claim(sampleKey('a'), 'second'),
  );
  assert.equal(claim.kind, 'known');
  assert.equal((await stores.database.rows(z.unknown(), (sql) => sql`select from darkroom.claim`)).length, 0);
});

test('a claim that is let go without an answer passes to who waits for it', async (t) => {
  const { descriptions, ...stores } = await open(t);
  await descriptions.claim(sampleKey('a'), 'first');
  const letGo: Statement = (sql) => sql`delete from darkroom.claim where owner = 'first'`;
  const claim = await meanwhile(stores, [letGo], () => descriptions.claim(sampleKey('a'), 'second'));
  assert.deepEqual(claim, { kind: 'mine' });
});

test('a file that another process registers at this moment is told with the row that it got there', async (t) => {
  const { assets, library, ...stores } = await open(t);
  const insert: Statement = (sql) => sql`
    insert into darkroom.asset (library_id, raw_path, path, state)
    values (${library.id}, ${Buffer.from('b.jpg')}, 'b.jpg', 'open')`;
  const files = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => sampleFile(name));
  const page = await meanwhile(stores, [insert], () => assets.register(library, files, hashOf('recipe')));
  assert.deepEqual(
    page.map(({ asset, state }) => [asset.path, state]),
    [
      ['a.jpg', 'new'],
      ['b.jpg', 'open'],
      ['c.jpg', 'new'],
    ],
  );
  assert.equal((await assets.find(page[1]?.asset.assetId ?? ''))?.asset.path, 'b.jpg');
});

test('a photo that ends while its answer is saved by somebody else points to that answer', async (t) => {
  const { assets, library, status, ...stores } = await open(t);
  const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
  await meanwhile(stores, [savedBy('A boat.')], () => assets.finishRun(finished(asset, done('a', 'A ship.'))));
  const [found] = await status.findByPath('a.jpg');
  assert.equal(found?.description?.text, 'A boat.');
});

test('scanning a library that is done writes nothing and uses up no ids', async (t) => {
  const { assets, library, database } = await open(t);
  const files = Array.from({ length: 50 }, (_, index) => sampleFile(`${index}.jpg`));
  const page = await assets.register(library, files, hashOf('recipe'));
  for (const { asset } of page) await assets.finishRun(finished(asset, done(asset.path)));
  const versions = () =>
    database.rows(z.unknown(), (sql) => sql`select id, xmin::text from darkroom.asset order by id`);
  const before = await versions();
  for (let scan = 0; scan < 3; scan += 1) await assets.register(library, files, hashOf('recipe'));
  for (const { asset } of page) await assets.finishRun(finished(asset, done(asset.path)));
  assert.deepEqual(await versions(), before);
  const next = await registerOne(assets, library, sampleFile('new.jpg'));
  assert.equal(Number(next.asset.assetId), Math.max(...page.map(({ asset }) => Number(asset.assetId))) + 1);
});

test('a statement that the server ended for a deadlock is done once more, once', async (t) => {
  const { database } = await open(t);
  // A sequence goes on whatever becomes of the statement.
  await database.run((sql) => sql`create sequence tries`);
  await database.run(
    (sql) => sql`
      create function ended_times(most bigint) returns bigint language plpgsql as $$
      begin
        if nextval('tries') <= most then
          raise exception 'deadlock detected' using errcode = '40P01';
        end if;
        return currval('tries');
      end $$`,
  );
  const row = z.object({ tries: z.coerce.number() });
  const ask = (most: number) => database.rows(row, (sql) => sql`select ended_times(${most}) as tries`);
  assert.deepEqual(await ask(1), [{ tries: 2 }]);
  await assert.rejects(ask(4), /40P01: deadlock detected/);
  assert.deepEqual(await ask(0), [{ tries: 5 }]);
});
