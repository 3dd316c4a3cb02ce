import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { createImmichStore } from '../../adapters/postgres/immich-store.ts';
import { createPublicationStore } from '../../adapters/postgres/publication-store.ts';
import { createStatusQueries } from '../../adapters/postgres/status-queries.ts';
import type { Intent } from '../../domain/immich-store.ts';
import { done, finished, hashOf } from '../support/store-samples.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';

let database: Database;
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 4 });
});
beforeEach(() => emptyTables(database));
after(() => database.close());

const wish = { name: 'immich', root: 'http://immich:2283', ownerId: 'anna', keySha: 'k1', firstLook: 'due' } as const;
const open = async () => {
  const store = createImmichStore({ database });
  return { store, publications: createPublicationStore({ database }), library: await store.ensure(wish) };
};
const photo = (nth: number) => ({ id: `id-${nth}`, path: `id-${nth}/IMG_${nth}.jpg` });

test('a library of an Immich is found again by its server and user, whatever it is called then and with another key', async () => {
  const { store, library } = await open();
  const again = await store.ensure({ ...wish, name: 'other', keySha: 'k2', firstLook: 'over' });
  assert.deepEqual(again, { ...library, keySha: 'k2' });
  assert.equal(again.firstLook, 'due');
});

test('new photos are looked for from a day before the library was made: the clock of Immich may be behind', async () => {
  const { library } = await open();
  const hours = (Date.now() - (library.polledUntil ?? 0)) / 3_600_000;
  assert.ok(hours > 23 && hours < 25, `${hours} h`);
});

test('another user with the same name gets a number behind it, and so does a name that a folder has', async () => {
  const { store } = await open();
  const second = await store.ensure({ ...wish, ownerId: 'boris' });
  const third = await store.ensure({ ...wish, ownerId: 'carl' });
  assert.deepEqual([second.name, third.name], ['immich-2', 'immich-3']);
});

test('what is remembered of a library comes back', async () => {
  const { store, library } = await open();
  await store.setFirstLook(library.id, 'shown');
  await store.setPolled(library.id, 1_000);
  await store.setSwept(library.id, 2_000);
  await store.setReadOnly(library.id, 3_000);
  const [known] = await store.libraries();
  assert.deepEqual(
    [known?.firstLook, known?.polledUntil, known?.swept, known?.readOnlySince],
    ['shown', 1_000, 2_000, 3_000],
  );
  await store.setReadOnly(library.id, undefined);
  assert.equal((await store.libraries())[0]?.readOnlySince, undefined);
});

test('a page is registered once, in its order, and a name that changed in Immich stays what it was here', async () => {
  const { store, library } = await open();
  const first = await store.register(library, [photo(2), photo(1)]);
  assert.deepEqual(
    first.map(({ asset, state }) => [asset.path, state]),
    [
      ['id-2/IMG_2.jpg', 'new'],
      ['id-1/IMG_1.jpg', 'new'],
    ],
  );
  const again = await store.register(library, [{ id: 'id-1', path: 'id-1/renamed.jpg' }, photo(3)]);
  assert.equal(again[0]?.asset.path, 'id-1/IMG_1.jpg');
  assert.equal(again[0]?.asset.assetId, first[1]?.asset.assetId);
  assert.equal(Buffer.from(again[1]?.rawPath ?? []).toString(), 'id-3');
});

test('photos that need nothing are marked with the reason', async () => {
  const { store, library } = await open();
  const [one] = await store.register(library, [photo(1)]);
  await store.skip([{ assetId: one?.asset.assetId ?? '', reason: 'hidden' }]);
  await store.skip([{ assetId: one?.asset.assetId ?? '', reason: 'hidden' }]);
  assert.equal((await store.register(library, [photo(1)]))[0]?.state, 'skipped');
});

test('names that were told are kept, and a mark is set, counted, chosen and taken off, in one library only', async () => {
  const { store, library } = await open();
  const other = await store.ensure({ ...wish, ownerId: 'boris' });
  const assets = createAssetStore({ database });
  const peopleOf = async (nth: number) => (await store.register(library, [photo(nth)]))[0]?.people;
  assert.deepEqual(await peopleOf(1), { told: undefined, changed: false });
  const rows = [...(await store.register(library, [photo(1), photo(2)])), ...(await store.register(other, [photo(1)]))];
  for (const { asset } of rows) {
    await store.tellPeople(asset.assetId, 'anna');
    await store.tellPeople(asset.assetId, 'anna');
    await assets.finishRun(finished(asset, done(asset.path)));
  }
  const [assetId = '', second = ''] = rows.map(({ asset }) => asset.assetId);
  const told = 'anna';
  assert.deepEqual(await peopleOf(1), { told, changed: false });
  const counts = async () =>
    (await createStatusQueries({ database }).counts()).map(({ peopleChanged }) => peopleChanged);
  const selection = { which: { kind: 'written', people: 'changed' } } as const;
  const scope = { library: library.name, wantedHash: hashOf('recipe') };
  const backfills = createBackfillStore({ database });
  const chosen = async () =>
    (await backfills.page({ backfill: 'b', selection }, { ...scope, cursor: undefined, limit: 9 })).photos.map(
      ({ asset }) => asset.assetId,
    );
  assert.deepEqual([await counts(), await chosen()], [[0, 0], []]);
  await store.markPeople([
    { assetId, told, changed: true },
    // Told others since the page was judged.
    { assetId: second, told: 'ben', changed: true },
  ]);
  assert.deepEqual(await peopleOf(1), { told, changed: true });
  assert.deepEqual([await counts(), await chosen()], [[1, 0], [assetId]]);
  await store.markPeople([{ assetId, told, changed: false }]);
  assert.deepEqual([await counts(), await chosen()], [[0, 0], []]);
  await store.markPeople([{ assetId, told, changed: true }]);
  await store.tellPeople(assetId, 'anna and ben');
  assert.deepEqual(await peopleOf(1), { told: 'anna and ben', changed: false });
  await store.markPeople([{ assetId: 'no id', told, changed: true }]);
  await store.markPeople([]);
});

async function intent(over: Partial<Intent> = {}) {
  const opened = await open();
  const [one] = await opened.store.register(opened.library, [photo(1)]);
  assert.ok(one);
  const { asset } = one;
  const given = { asset, workflowId: 'w', runId: 'r1', recipeHash: 'recipe', before: 'theirs', taken: 5_000 };
  return { ...opened, asset, intend: { ...given, text: 'ours', textSha: 's1', partSha: 'p1', ...over } };
}

test('what stood there before the first write of a run stays known, also when the write is tried again', async () => {
  const { publications, asset, intend } = await intent();
  await publications.intend(intend);
  await publications.intend({ ...intend, before: 'ours', text: 'ours', textSha: 's1' });
  await publications.intend({ ...intend, before: 'ours', text: 'ours, merged', textSha: 's2' });
  const known = await publications.find(asset.assetId);
  assert.deepEqual([known?.before, known?.intended, known?.state], ['theirs', 'ours, merged', 'intended']);
  assert.deepEqual(known?.shas, ['s1', 's2']);
});

test('a later run keeps what it met, and every text of ours is known, of the last ones', async () => {
  const { publications, asset, intend } = await intent({ before: '' });
  await publications.intend(intend);
  await publications.written(asset.assetId, 10_000);
  for (let nth = 2; nth <= 12; nth += 1) {
    await publications.intend({ ...intend, runId: `r${nth}`, before: `text ${nth - 1}`, textSha: `s${nth}` });
  }
  const known = await publications.find(asset.assetId);
  assert.equal(known?.before, 'text 11');
  assert.deepEqual(known?.shas, ['s5', 's6', 's7', 's8', 's9', 's10', 's11', 's12']);
  assert.equal(known?.writtenAt, undefined);
});

test('a text counts as written only where one was meant, and twice is once', async () => {
  const { publications, asset, intend } = await intent();
  await publications.written(asset.assetId, 1_000);
  assert.equal(await publications.find(asset.assetId), undefined);
  await publications.intend(intend);
  await publications.written(asset.assetId, 1_000);
  await publications.written(asset.assetId, 2_000);
  const known = await publications.find(asset.assetId);
  assert.deepEqual([known?.state, known?.writtenAt], ['written', 1_000]);
});

test('a text that is held back is told with its page, and nothing is ours there yet', async () => {
  const { store, library, publications, intend } = await intent();
  const { asset, workflowId, runId, recipeHash } = intend;
  await publications.leave({ asset, workflowId, runId, recipeHash, state: 'held', note: 'first look' });
  const [one] = await store.register(library, [photo(1)]);
  assert.deepEqual([one?.publication?.state, one?.publication?.shas], ['held', []]);
});
