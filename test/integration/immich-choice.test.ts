import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createRecentAssets } from '../../activities/recent-assets.ts';
import { createFolders } from '../../activities/folders.ts';
import type { ImmichDeps } from '../../activities/immich-deps.ts';
import { createStartPageActivities } from '../../activities/start-page.ts';
import { createImmichLibrary } from '../../adapters/immich/library.ts';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createImmichStore } from '../../adapters/postgres/immich-store.ts';
import { createPublicationStore } from '../../adapters/postgres/publication-store.ts';
import type { AssetRef } from '../../domain/asset.ts';
import type { StartPageResult } from '../../domain/contract.ts';
import type { PhotoSelection } from '../../domain/selection.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { attempt } from '../support/attempt.ts';
import { running } from '../support/immich/running.ts';
import { createMemoryFolder } from '../support/memory-folder.ts';
import { done, finished, hashOf } from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';

const recipeHash = hashOf('recipe');
const wanted = { kind: 'wanted' } as const;

/** An Immich, its library in our rows, and the step that starts runs, which stay open until they are ended. */
async function scene(t: TestContext) {
  const immich = await running(t);
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 3 });
  const library = createImmichLibrary({ apiUrl: immich.apiUrl, key: immich.user.key });
  t.after(async () => void (await Promise.all([database.close(), library.close()])));
  const [assets, store] = [createAssetStore({ database }), createImmichStore({ database })];
  const { id: ownerId } = immich.user;
  const known = { name: 'immich', root: immich.url, ownerId, keySha: 'k' };
  const record = await store.ensure({ ...known, firstLook: 'over' });
  const deps: ImmichDeps = {
    immichs: {
      of: async (name) =>
        name === 'immich' ? { record, immich: library, policy: 'none', recognisesFaces: true } : undefined,
    },
    store,
    publications: createPublicationStore({ database }),
    waits: { previewWaitMs: 0, peopleWaitMs: 0 },
    videos: false,
    recent: createRecentAssets(Date.now),
    tellsAlbums: false,
    tellsTags: false,
    tellsPeople: false,
    looksForFaces: 'auto',
    firstLookCount: 0,
    wrapper: 'off',
    ignore: [],
    publishesTags: false,
    sha256,
  };
  const open = new Map<string, AssetRef>();
  const started: string[] = [];
  const { startPage } = createStartPageActivities({
    folders: createFolders(assets, () => createMemoryFolder()),
    assets,
    immich: deps,
    wanted: { of: async () => ({ hash: recipeHash }) },
    brakeMs: 1,
    backfills: createBackfillStore({ database }),
    runs: {
      async start({ asset }) {
        const isNew = !open.has(asset.assetId);
        if (isNew) started.push(asset.path.slice(0, 36));
        open.set(asset.assetId, asset);
        return isNew;
      },
      countOpen: async () => 0,
    },
  });
  /** One page after the other, as the workflow asks for them; `most` of them. */
  const pages = async (selection: PhotoSelection, more: { limit?: number; sample?: boolean } = {}, most = 100) => {
    const results: StartPageResult[] = [];
    let cursor: string | undefined;
    do {
      const result = await attempt().run(startPage, {
        library: 'immich',
        pageSize: 100,
        window: 2_000,
        chosen: { backfill: 'b1', selection, ...more },
        ...(cursor !== undefined && { cursor }),
      });
      results.push(result);
      cursor = result.next;
    } while (cursor !== undefined && results.length < most);
    return results;
  };
  const endAll = async () => {
    for (const asset of open.values()) await assets.finishRun(finished(asset, done(asset.path)));
    open.clear();
  };
  const take = () => started.splice(0);
  return { immich, owner: immich.user.id, assets, store, pages, endAll, take };
}

test('photos of an album are started newest first, whatever is in it by then, and nothing else', async (t) => {
  const { immich, owner, pages, take } = await scene(t);
  const partner = immich.addUser({ name: 'Ben' });
  immich.sharePhotos(partner.id, owner);
  const ids = immich.addAssets(owner, 300);
  const theirs = immich.addAsset(partner.id, { fileCreatedAt: Date.UTC(2000) });
  const typed = ids[60] ?? '';
  immich.editByPerson(typed, 'Grandma at the lake');
  const album = immich.addAlbum(owner, 'Summer', [...ids.slice(0, 290), theirs]);
  const selection = { which: wanted, albums: [{ id: album, name: 'Summer' }] };
  const [first] = await pages(selection, {}, 1);
  const newest = ids.slice(40, 290).filter((id) => id !== typed);
  assert.deepEqual(take(), newest.toReversed());
  assert.ok(first?.next !== undefined);
  assert.deepEqual([first.started, first.skipped], [249, 1]);

  // It has another name by now, and other photos.
  immich.changeAlbum(album, { name: 'Summer 2024', assetIds: ids.slice(5) });
  const [again] = await pages(selection);
  assert.deepEqual(take(), [...ids.slice(290).toReversed(), ...ids.slice(5, 40).toReversed()]);
  assert.deepEqual([again?.seen, again?.underWay, again?.next], [295, 249, undefined]);
});

test('one person and one album: in both, by the camera and at the time that Immich tells', async (t) => {
  const { immich, owner, pages, take } = await scene(t);
  const [anna, ben] = [immich.addPerson(owner, 'Anna'), immich.addPerson(owner, 'Ben')];
  const add = (people: readonly string[], more: object = {}) => immich.addAsset(owner, { people, ...more });
  const [one, two, both] = [add([anna]), add([ben]), add([anna, ben])];
  const taken = Date.UTC(2020, 5, 1, 23, 30);
  // The next day by the camera's clock, which is what counts.
  const late = add([anna], {
    fileCreatedAt: taken,
    localDateTime: taken + 7_200_000,
    exif: { make: 'Leica', model: 'Q3' },
  });
  const named = (...ids: string[]) => ids.map((id) => ({ id, name: 'a name' }));
  const chosen = async (selection: Omit<PhotoSelection, 'which'>) => {
    const [result] = await pages({ which: wanted, ...selection });
    assert.equal(result?.next, undefined);
    return [result?.started, result?.underWay, take().toSorted()];
  };
  const album = immich.addAlbum(owner, 'Trip', [one, two]);
  assert.deepEqual(await chosen({ people: named(anna), albums: named(album) }), [1, 0, [one]]);
  assert.deepEqual(await chosen({ people: named(anna), camera: 'leica' }), [1, 0, [late]]);
  assert.deepEqual(await chosen({ people: named(anna), takenFrom: '2020-06-02', takenBefore: '2020-06-03' }), [
    0,
    1,
    [],
  ]);
  assert.deepEqual(await chosen({ takenBefore: '2020-06-02' }), [0, 0, []]);
  assert.deepEqual(await chosen({ people: named(anna, ben), takenFrom: '2024' }), [2, 1, [two, both].toSorted()]);
  assert.deepEqual(await chosen({ albums: [] }), [0, 0, []], 'in one of no albums is everything');
});

test('an album that is gone or empty ends the choice, and says so', async (t) => {
  const { immich, owner, pages } = await scene(t);
  immich.addAssets(owner, 3);
  const albums = [{ id: immich.user.id, name: 'Summer' }];
  const [result, more] = await pages({ which: wanted, albums });
  assert.equal(more, undefined);
  assert.deepEqual(result?.problems, ['Immich lists no photo in the album "Summer".']);
});

test('a limit is exact, and what was done is not done again by the same backfill that begins anew', async (t) => {
  const { immich, owner, pages, endAll, take } = await scene(t);
  const ids = immich.addAssets(owner, 20);
  const selection = { which: wanted, albums: [{ id: immich.addAlbum(owner, 'Trip', ids), name: 'Trip' }] };
  await pages(selection, { limit: 8 });
  const first = take();
  assert.deepEqual(first, ids.slice(12).toReversed());
  // The worker died and the page is made once more; then Temporal's files were lost: the same backfill begins anew.
  await pages(selection, { limit: 8 });
  await endAll();
  await pages(selection, { limit: 8 });
  assert.deepEqual(take(), []);
  await pages(selection, { limit: 10 });
  assert.deepEqual(take(), ids.slice(10, 12).toReversed());
});

test('a sample of an album is one by chance, and the same one when its page is made again', async (t) => {
  const { immich, owner, pages, endAll, take } = await scene(t);
  const ids = immich.addAssets(owner, 1_200);
  const [outside = '', typed = ''] = ids;
  immich.editByPerson(typed, 'Grandma at the lake');
  const album = immich.addAlbum(
    owner,
    'Trip',
    ids.filter((id) => id !== outside),
  );
  const selection = { which: wanted, albums: [{ id: album, name: 'Trip' }] };
  const [result] = await pages(selection, { limit: 40, sample: true });
  assert.equal(result?.started, 40);
  const chosen = take();
  assert.equal(new Set(chosen).size, 40);
  assert.ok(!chosen.includes(outside) && !chosen.includes(typed));
  const places = chosen.map((id) => ids.indexOf(id));
  // From all over the album, and not its beginning: chance itself would fail this once in 10^9.
  assert.ok(places.some((at) => at < 400) && places.some((at) => at >= 800), places.join(' '));
  await pages(selection, { limit: 40, sample: true });
  await endAll();
  await pages(selection, { limit: 40, sample: true });
  assert.deepEqual(take(), []);
});
