import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createImmichStore } from '../../adapters/postgres/immich-store.ts';
import type { ChosenPhotos } from '../../domain/contract.ts';
import { done, finished, hashOf, parked, sampleKey } from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';

const scope = { library: 'immich', wantedHash: hashOf('recipe') };
const albums = [{ id: '6d1f', name: 'Summer "24"\u0000' }];
const people = [{ id: '7a20', name: 'Žofie' }];
const wish = { name: 'immich', root: 'http://immich:2283', ownerId: 'anna', keySha: 'k', firstLook: 'over' } as const;

/** A library of an Immich, one photo for each of these names. */
async function library(t: TestContext, names: readonly string[]) {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 2 });
  t.after(() => database.close());
  const immich = createImmichStore({ database });
  const known = await immich.register(
    await immich.ensure(wish),
    names.map((name) => ({ id: name, path: `${name}/IMG.jpg` })),
  );
  const photos = known.map(({ asset }) => asset);
  const named = (name: string) => {
    const photo = photos[names.indexOf(name)];
    assert.ok(photo, name);
    return photo;
  };
  return {
    immich,
    assets: createAssetStore({ database }),
    backfills: createBackfillStore({ database }),
    photos,
    named,
  };
}

test('of what an Immich has listed the rows say what is to be done, also of what was left alone or had vanished', async (t) => {
  const names = ['new', 'left', 'back', 'done', 'parked', 'elsewhere'];
  const { immich, assets, backfills, photos, named } = await library(t, names);
  await immich.skip([{ assetId: named('left').assetId, reason: 'it has a text' }]);
  await assets.finishRun(finished(named('back'), { outcome: 'gone', why: 'trashed' }));
  await assets.finishRun(finished(named('done'), done('done')));
  await assets.finishRun(finished(named('parked'), parked({ key: sampleKey('parked') })));
  const listed = photos.slice(0, 5).map(({ assetId }) => assetId);
  const chosen = async (selection: ChosenPhotos['selection'], among: readonly string[] | undefined = listed) => {
    const page = { ...scope, among, cursor: undefined, limit: 10 };
    const found = await backfills.page({ backfill: 'b1', selection: { albums, ...selection } }, page);
    assert.equal(await backfills.count({ albums, ...selection }, { ...scope, among }), found.photos.length);
    return found.photos.map(({ asset }) => asset.path.split('/')[0] ?? '').toSorted();
  };
  const wanted = { which: { kind: 'wanted' } } as const;
  assert.deepEqual(await chosen(wanted), ['back', 'left', 'new']);
  // Immich has told of time and camera too: our rows know neither.
  assert.deepEqual(await chosen({ ...wanted, takenFrom: '2024', camera: 'Leica' }), ['back', 'left', 'new']);
  assert.deepEqual(await chosen({ which: { kind: 'undescribed' } }), ['back', 'left', 'new']);
  assert.deepEqual(await chosen({ which: { kind: 'parked' } }), ['parked']);
  assert.deepEqual(await chosen({ which: { kind: 'written', recipe: hashOf('recipe').slice(0, 8) } }), ['done']);
  assert.deepEqual(await chosen(wanted, listed.slice(0, 2)), ['left', 'new']);
  assert.deepEqual(await chosen(wanted, []), []);
  assert.deepEqual(await chosen(wanted, ['no id', '999999']), []);

  const unlisted = { ...scope, cursor: undefined, limit: 10 };
  const { photos: none } = await backfills.page({ backfill: 'b1', selection: { ...wanted, albums } }, unlisted);
  assert.deepEqual(none, [], 'an album that nobody has asked Immich for is no whole library');
});

test('an order by chance among listed photos is one order, over all its pages', async (t) => {
  const names = Array.from({ length: 12 }, (_, at) => `photo-${at}`);
  const { backfills, photos } = await library(t, names);
  const among = photos.slice(0, 10).map(({ assetId }) => assetId);
  const chosen = { backfill: 'b1', selection: { which: { kind: 'wanted' }, albums }, sample: true } as const;
  const walk = async (limit: number) => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await backfills.page(chosen, { ...scope, among, cursor, limit });
      ids.push(...page.photos.map(({ asset }) => asset.assetId));
      cursor = page.next;
    } while (cursor !== undefined);
    return ids;
  };
  const inPages = await walk(3);
  assert.deepEqual(inPages, await walk(100));
  assert.deepEqual(inPages.toSorted(), among.toSorted());
  assert.notDeepEqual(inPages, among);
});

test('a choice of albums and people that is begun is known with both, and so is one that has ended', async (t) => {
  const { backfills } = await library(t, []);
  const selection = { which: { kind: 'wanted' }, camera: 'Leica', albums, people } as const;
  const chosen = { backfill: 'b1', selection, limit: 20, sample: true };
  const begun = { workflowId: 'backfill/immich/b1', library: 'immich', chosen, priority: 2 };
  await backfills.begin(begun);
  const stored = { ...selection, albums: [{ id: '6d1f', name: 'Summer "24"' }] };
  assert.deepEqual(await backfills.begun(), [{ ...begun, chosen: { ...chosen, selection: stored } }]);
  const progress = { passes: 1, seen: 9, started: 4, skipped: 5, unsupported: 0, problems: [] };
  await backfills.keep({ ...begun, backfill: 'b1', startedAt: 1, endedAt: 2, outcome: 'finished', progress });
  assert.deepEqual((await backfills.ended(1))[0]?.chosen?.selection, stored);
});
