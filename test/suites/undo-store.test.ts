import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import type { AssetRef } from '../../domain/asset.ts';
import { isLeftAlone, type UndoChoice } from '../../domain/undo.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { publishedPhotos } from '../support/published-photos.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';

let database: Database;
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 4 });
});
beforeEach(() => emptyTables(database));
after(() => database.close());

const textSha = sha256('ours');

/** So many photos that one run each wrote: `run-0` and so on. */
async function written(count: number) {
  const scene = await publishedPhotos(database);
  const ids = Array.from({ length: count }, () => randomUUID()).sort();
  const assets = await scene.photos(ids);
  for (const [nth, asset] of assets.entries())
    await scene.write({ asset, text: 'ours', before: 'theirs', at: 1_000, runId: `run-${nth}` });
  const chosen = async (choice: UndoChoice) => {
    const { texts } = await scene.undos.page({ choice, after: undefined, limit: 100 });
    assert.equal(await scene.undos.count(choice), texts.length);
    return texts.map(({ asset }) => assets.findIndex(({ assetId }) => assetId === asset.assetId));
  };
  const [first] = assets;
  assert.ok(first);
  return { ...scene, assets, first, chosen, all: { kind: 'since', library: 'immich', from: 0 } as const };
}

const took = (backfill: string, { assetId }: AssetRef, at: string) =>
  database.run(
    (sql) =>
      sql`insert into darkroom.backfill_photo (backfill, asset_id, taken) values (${backfill}, ${assetId}, ${at})`,
  );
const ran = ({ assetId }: AssetRef, runId: string, ended: string) =>
  database.run(
    (sql) => sql`
      insert into darkroom.asset_run (asset_id, run_id, workflow_id, started, ended, outcome, steps)
      values (${assetId}, ${runId}, 'w', ${ended}, ${ended}, 'done', '[]')`,
  );

test('texts are chosen by the run that wrote them, by their photo, or by when they were written', async () => {
  const { assets, chosen } = await written(3);
  assert.deepEqual(await chosen({ kind: 'run', runId: 'run-1' }), [1]);
  assert.deepEqual(await chosen({ kind: 'photo', assetId: assets[2]?.assetId ?? '' }), [2]);
  assert.deepEqual(await chosen({ kind: 'since', library: 'immich', from: Date.now() - 60_000 }), [0, 1, 2]);
  assert.deepEqual(await chosen({ kind: 'since', library: 'immich', from: Date.now() + 60_000 }), []);
  assert.deepEqual(await chosen({ kind: 'since', library: 'other', from: 0 }), []);
  for (const odd of ['', 'x\u0000', "'"]) assert.deepEqual(await chosen({ kind: 'run', runId: odd }), []);
});

test('of a backfill they are those that its own runs wrote: what was written since is of a later one', async () => {
  const { assets, chosen, write } = await written(3);
  const [own, later] = assets;
  assert.ok(own && later);
  for (const asset of [own, later]) await took('backfill-a', asset, '2026-01-01T10:00:00Z');
  await ran(own, 'run-before', '2026-01-01T09:00:00Z');
  await ran(own, 'run-0', '2026-01-01T11:00:00Z');
  await ran(later, 'run-1', '2026-01-01T11:00:00Z');
  await ran(later, 'run-redo', '2026-01-02T11:00:00Z');
  await write({ asset: later, text: 'newer', before: 'ours', at: 2_000, runId: 'run-redo' });
  assert.deepEqual(await chosen({ kind: 'backfill', backfill: 'backfill-a' }), [0]);
  assert.deepEqual(await chosen({ kind: 'backfill', backfill: 'backfill-b' }), []);
});

test('of a pass they are those of the runs that began while it ran', async () => {
  const { assets, chosen } = await written(3);
  for (const [nth, asset] of assets.entries()) await ran(asset, `run-${nth}`, `2026-01-01T1${nth}:00:00Z`);
  const [ten, eleven] = [Date.UTC(2026, 0, 1, 10), Date.UTC(2026, 0, 1, 11)];
  assert.deepEqual(await chosen({ kind: 'pass', library: 'immich', from: eleven }), [1, 2]);
  assert.deepEqual(await chosen({ kind: 'pass', library: 'immich', from: ten, to: eleven }), [0, 1]);
  assert.deepEqual(await chosen({ kind: 'pass', library: 'other', from: 0 }), []);
});

test('page by page each text comes once', async () => {
  const { undos, all, assets } = await written(5);
  const first = await undos.page({ choice: all, after: undefined, limit: 3 });
  const second = await undos.page({ choice: all, after: first.next, limit: 3 });
  assert.deepEqual(
    [...first.texts, ...second.texts].map(({ asset }) => asset.assetId).sort(),
    assets.map(({ assetId }) => assetId).sort(),
  );
  assert.equal(second.next, undefined);
});

test('what is meant to be taken back stays chosen until it is known to be, and is not chosen then', async () => {
  const { undos, first, state, all } = await written(1);
  const key = { assetId: first.assetId, textSha };
  assert.equal(await undos.begin(key), true);
  assert.equal(await undos.begin(key), true, 'a second attempt goes on with it');
  const { texts } = await undos.page({ choice: all, after: undefined, limit: 9 });
  assert.deepEqual([texts[0]?.isUnderWay, texts[0]?.publication.before], [true, 'theirs']);
  await undos.undone(key);
  await undos.undone(key);
  assert.equal((await state(first))[0], 'undone');
  assert.equal(await undos.count(all), 0);
  assert.equal(await undos.begin(key), false);
});

test('what was written anew since it was chosen is not taken back', async () => {
  const { undos, first, write, state } = await written(1);
  await write({ asset: first, text: 'newer', at: 2_000, runId: 'later' });
  assert.equal(await undos.begin({ assetId: first.assetId, textSha }), false);
  assert.equal((await state(first))[0], 'written');
});

for (const [isEmpty, kept] of [
  [false, 'kept'],
  [true, 'cleared'],
] as const)
  test(`what somebody ${isEmpty ? 'emptied' : 'changed'} while it was taken back is ${kept}`, async () => {
    const { undos, first, state } = await written(1);
    const key = { assetId: first.assetId, textSha };
    await undos.left({ ...key, isEmpty });
    assert.equal((await state(first))[0], 'written', 'not without a beginning');
    await undos.begin(key);
    await undos.left({ ...key, isEmpty });
    assert.equal((await state(first))[0], kept);
  });

test('what is held, left alone, emptied or lost is not chosen; what a person changed is, to be told of', async () => {
  const { undos, assets, verifications, publications, chosen, all } = await written(4);
  const [edited, emptied, lost, kept] = assets;
  assert.ok(edited && emptied && lost && kept);
  for (const [asset, verdict] of [
    [edited, 'edited'],
    [emptied, 'cleared'],
    [lost, 'wiped'],
  ] as const)
    await verifications.judged([{ assetId: asset.assetId, textSha, verdict }], 5_000);
  const run = { workflowId: 'w', runId: 'r', recipeHash: 'a'.repeat(64) };
  await publications.leave({ asset: kept, ...run, state: 'kept', note: 'somebody wrote it' });
  assert.deepEqual(await chosen(all), [0]);
  await undos.askAgain([emptied.assetId, lost.assetId, 'nonsense']);
  const states = await Promise.all([emptied, lost].map(async ({ assetId }) => await publications.find(assetId)));
  assert.deepEqual(
    states.map((one) => one?.state),
    ['kept', 'kept'],
  );
});

test('a photo is left alone that a person emptied, and one that was taken back as long as nothing else is wanted', () => {
  const recipeHash = 'a'.repeat(64);
  const other = 'b'.repeat(64);
  assert.equal(isLeftAlone({ state: 'cleared', recipeHash }, { field: '', recipeHash: other }), true);
  assert.equal(isLeftAlone({ state: 'cleared', recipeHash }, { field: 'Grandma', recipeHash }), false);
  assert.equal(isLeftAlone({ state: 'undone', recipeHash }, { field: 'theirs', recipeHash }), true);
  assert.equal(isLeftAlone({ state: 'undone', recipeHash }, { field: 'theirs', recipeHash: other }), false);
  assert.equal(isLeftAlone({ state: 'written', recipeHash }, { field: '', recipeHash }), false);
  assert.equal(isLeftAlone(undefined, { field: '', recipeHash }), false);
});
