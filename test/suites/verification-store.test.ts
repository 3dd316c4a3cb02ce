import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createControlFacts } from '../../adapters/postgres/control-facts.ts';
import type { AssetRef } from '../../domain/asset.ts';
import type { KeptVerdict } from '../../domain/verification-store.ts';
import { nothingLookedAt, type VerifyKind, verifyKey } from '../../domain/verify.ts';
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

/** So many photos, written a second after each other from the first second on. */
async function written(count: number) {
  const scene = await publishedPhotos(database);
  const assets = await scene.photos(Array.from({ length: count }, () => randomUUID()));
  for (const [nth, asset] of assets.entries()) await scene.write({ asset, text: 'ours', at: (nth + 1) * 1_000 });
  const due = async (before: number, kind: VerifyKind = 'fresh', after?: string, limit = 100) =>
    await scene.verifications.due({ kind, before, after, limit, without: [] });
  const judged = (asset: AssetRef | undefined, verdict: KeptVerdict, at = 50_000) =>
    scene.verifications.judged([{ assetId: asset?.assetId ?? '', textSha, verdict }], at);
  return { ...scene, assets, due, judged };
}

const idsOf = ({ texts }: { texts: readonly { asset: AssetRef }[] }) => texts.map(({ asset }) => asset.assetId);

test('what was written before a time and not seen since is due, the earliest first, page by page, each once', async () => {
  const { assets, due } = await written(5);
  const expected = assets.slice(0, 4).map(({ assetId }) => assetId);
  assert.deepEqual(idsOf(await due(4_000)), expected);
  const first = await due(4_000, 'fresh', undefined, 3);
  assert.ok(first.next);
  const second = await due(4_000, 'fresh', first.next, 3);
  assert.deepEqual([...idsOf(first), ...idsOf(second)], expected);
  assert.equal(second.next, undefined);
  const [one] = first.texts;
  assert.deepEqual([one?.textSha, one?.taken, one?.publication.intended], [textSha, 1_000, 'ours']);
});

test('many that were written in the same instant are neither lost nor repeated between pages', async () => {
  const scene = await publishedPhotos(database);
  const assets = await scene.photos(Array.from({ length: 7 }, () => randomUUID()));
  for (const asset of assets) await scene.write({ asset, text: 'ours', at: 1_700_000_000_123 });
  const found: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await scene.verifications.due({ kind: 'fresh', before: 2e12, after, limit: 3, without: [] });
    found.push(...idsOf(page));
    after = page.next;
  }
  assert.deepEqual(found, assets.map(({ assetId }) => assetId).toSorted());
});

test('a library that does not answer is left out', async () => {
  const { verifications, library } = await written(1);
  const due = { kind: 'fresh', before: 9_000, after: undefined, limit: 9 } as const;
  assert.equal((await verifications.due({ ...due, without: [library.name] })).texts.length, 0);
  assert.equal((await verifications.due({ ...due, without: ['other'] })).texts.length, 1);
});

test('what is only meant, held or left alone is not due', async () => {
  const scene = await publishedPhotos(database);
  const [meant, held] = await scene.photos([randomUUID(), randomUUID()]);
  assert.ok(meant && held);
  await scene.write({ asset: meant, text: 'ours' });
  const run = { workflowId: 'w', runId: 'r', recipeHash: 'a'.repeat(64) };
  await scene.publications.leave({ asset: held, ...run, state: 'held', note: 'first look' });
  const due = await scene.verifications.due({ kind: 'fresh', before: 9e12, after: undefined, limit: 9, without: [] });
  assert.deepEqual(idsOf(due), []);
});

test('what was seen is due again after its time, and is not fresh any more', async () => {
  const { assets, due, judged, state } = await written(2);
  await judged(assets[0], 'stands');
  assert.deepEqual(await state(assets[0]), ['written', 0, true]);
  assert.deepEqual(idsOf(await due(9_000)), [assets[1]?.assetId]);
  assert.deepEqual(idsOf(await due(49_999, 'again')), []);
  assert.deepEqual(idsOf(await due(50_000, 'again')), [assets[0]?.assetId]);
});

for (const [verdict, kept] of [
  ['edited', 'kept'],
  ['cleared', 'cleared'],
  ['wiped', 'wiped'],
] as const)
  test(`found ${verdict}, the row says ${kept}, our hashes stay, and it is due no more`, async () => {
    const { assets, due, judged, state, publications } = await written(1);
    await judged(assets[0], verdict);
    await judged(assets[0], verdict, 60_000);
    assert.deepEqual(await state(assets[0]), [kept, 0, true]);
    assert.deepEqual((await publications.find(assets[0]?.assetId ?? ''))?.shas, [textSha]);
    assert.deepEqual([idsOf(await due(9e12)), idsOf(await due(9e12, 'again'))], [[], []]);
  });

test('a verdict on a text that was written anew meanwhile changes nothing', async () => {
  const { assets, judged, state, write } = await written(1);
  const [asset] = assets;
  assert.ok(asset);
  await write({ asset, text: 'newer', at: 7_000, runId: 'later' });
  await judged(asset, 'cleared');
  assert.deepEqual(await state(asset), ['written', 0, false]);
});

test('what is put back is meant first, counted once, due like a new one, and then written', async () => {
  const { assets, due, judged, state, verifications } = await written(1);
  const [asset] = assets;
  assert.ok(asset);
  const again = { assetId: asset.assetId, textSha, rewrites: 0 };
  assert.equal(await verifications.putBack(again), true);
  assert.equal(await verifications.putBack(again), true, 'a second attempt goes on with it');
  assert.deepEqual(await state(asset), ['intended', 1, false]);
  assert.deepEqual(idsOf(await due(9_000)), [asset.assetId], 'a process that ended in between is made up for');
  await judged(asset, 'again', 20_000);
  assert.deepEqual(await state(asset), ['written', 1, false]);
  assert.deepEqual([idsOf(await due(19_999)), idsOf(await due(20_000))], [[], [asset.assetId]]);
  assert.equal(await verifications.putBack(again), false, 'that was the last time');
});

test('what is written anew or taken out meanwhile is not put back', async () => {
  const { assets, judged, verifications, write } = await written(2);
  const [newer, emptied] = assets;
  assert.ok(newer && emptied);
  await write({ asset: newer, text: 'newer', at: 7_000, runId: 'later' });
  await judged(emptied, 'cleared');
  for (const { assetId } of [newer, emptied])
    assert.equal(await verifications.putBack({ assetId, textSha, rewrites: 0 }), false);
});

test('what a library kept and lost is counted by when it was written', async () => {
  const { assets, judged, verifications, library } = await written(4);
  await judged(assets[0], 'stands');
  await judged(assets[1], 'stands');
  await judged(assets[2], 'wiped');
  const [, , , last] = assets;
  assert.ok(last);
  await verifications.putBack({ assetId: last.assetId, textSha, rewrites: 0 });
  await judged(last, 'again', 4_000);
  await judged(last, 'wiped');
  const [past, future] = [Date.now() - 60_000, Date.now() + 60_000];
  assert.deepEqual(await verifications.wipes(library.id, past), { verified: 2, wiped: 2, rewrittenAndWipedAgain: 1 });
  assert.deepEqual(await verifications.wipes(library.id, future), { verified: 0, wiped: 0, rewrittenAndWipedAgain: 0 });
  assert.deepEqual(await verifications.wipes('7', past), { verified: 0, wiped: 0, rewrittenAndWipedAgain: 0 });
});

test('the latest report is kept, and an older one does not take its place', async () => {
  const { verifications } = await publishedPhotos(database);
  await verifications.keep({ ...nothingLookedAt, startedAt: 2, endedAt: 3, looked: 4 });
  await verifications.keep({ ...nothingLookedAt, startedAt: 1, endedAt: 4 });
  const kept = await createControlFacts({ database }).get(verifyKey);
  assert.deepEqual(kept?.value, { ...nothingLookedAt, startedAt: 2, endedAt: 3, looked: 4 });
});
