import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { createPreviewWatch } from '../../adapters/immich-db/preview-watch.ts';
import { TransientError } from '../../domain/errors.ts';
import { type ImmichTables, immichTables } from '../support/immich-db-tables.ts';
import { type ImmichDbWorld, makeDbWorld } from '../support/immich-db-world.ts';
import { assetIn, idsOf, patience, walk } from '../support/in-world.ts';
import { jpegLike } from '../support/immich-db-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let tables: ImmichTables;
before(async () => {
  tables = await immichTables('3.2');
});
after(() => tables.close());

const inside = (name: string, body: (world: ImmichDbWorld) => Promise<void>): void =>
  void test(name, async (t) => {
    const world = await makeDbWorld(tables);
    t.after(() => world.close());
    await body(world);
  });

inside(
  'photos that differ by microseconds come in their order, each once, and an inclusive end takes them all',
  async (world) => {
    const at = Date.UTC(2024, 4, 31, 16, 4, 5) + 123;
    const ids = await Promise.all(Array.from({ length: 40 }, () => world.addAsset({ fileCreatedAt: at })));
    for (const [index, id] of ids.entries()) {
      await tables.sql`update asset set "fileCreatedAt" = "fileCreatedAt" + ${index * 25} * interval '1 microsecond' where id = ${id}`;
    }
    const newestFirst = ids.toReversed();
    for (const limit of [1, 7]) assert.deepEqual(idsOf(await walk(world, { limit })), newestFirst);
    const found = await walk(world, { takenFrom: at, takenTo: at });
    assert.deepEqual(idsOf(found), newestFirst);
    assert.ok(found.every(({ fileCreatedAt }) => fileCreatedAt === at));
  },
);

inside('photos of before 1970 and far beyond 2038 are walked as all others', async (world) => {
  const years = [1839, 1969, 1970, 2024, 9999];
  const ids: string[] = [];
  for (const year of years)
    ids.unshift(await world.addAsset({ fileCreatedAt: Date.UTC(year, 11, 31, 23, 59, 59, 999) }));
  assert.deepEqual(idsOf(await walk(world, { limit: 1 })), ids);
});

inside('a cursor that was made over REST begins the walk anew', async (world) => {
  const id = await world.addAsset();
  for (const cursor of ['2', 'eyJwYWdlIjoyfQ', '12_nonsense']) {
    assert.deepEqual(idsOf((await world.library.page({ cursor, limit: 10, signal: patience() })).assets), [id]);
  }
});

inside('ids of albums and people that are none choose nothing', async (world) => {
  await world.addAsset();
  for (const choice of [{ albums: ['nonsense'] }, { people: [''] }, { albums: [] }, { people: [] }]) {
    assert.deepEqual(await walk(world, choice), []);
  }
});

inside('faces that were deleted, or lie outside the crop of an edited picture, show nobody', async (world) => {
  const id = await world.addAsset();
  const [anna, ben] = [await world.addPerson({ name: 'Anna' }), await world.addPerson({ name: 'Ben' })];
  await world.recognise(anna, [id]);
  await world.recognise(ben, [id]);
  await tables.sql`update asset_face set "deletedAt" = now() where "personGroupId" = ${anna}`;
  await tables.sql`update asset_face set "isVisible" = false where "personGroupId" = ${ben}`;
  assert.deepEqual((await assetIn(world, id)).people, []);
  assert.deepEqual(await walk(world, { people: [anna, ben] }), []);
});

inside('a person is called what the owner of the photo calls them', async (world) => {
  const id = await world.addAsset();
  const mum = await world.addPerson({ name: 'Mum' });
  await world.recognise(mum, [id]);
  await tables.sql`insert into person ("ownerId", "personGroupId", name) values (${world.partnerId}, ${mum}, 'Maria')`;
  assert.deepEqual((await assetIn(world, id)).people, [{ name: 'Mum' }]);
});

inside('an edited photo has no preview until the edited one is made', async (world) => {
  const id = await world.addAsset({ preview: jpegLike(10) });
  await tables.sql`update asset set "isEdited" = true where id = ${id}`;
  const asset = await assetIn(world, id);
  assert.equal(asset.hasPreview, false);
  assert.equal(await world.library.preview(asset, patience()), undefined);
});

inside('albums that others share with the user are told, and deleted ones are not', async (world) => {
  const id = await world.addAsset();
  const shared = await world.addAlbum({ name: 'Shared', assets: [id] });
  const deleted = await world.addAlbum({ name: 'Deleted', assets: [id] });
  await tables.sql`update album_user set "userId" = ${world.partnerId} where "albumId" = ${shared}`;
  await tables.sql`insert into album_user ("albumId", "userId", role) values (${shared}, ${world.userId}, 'viewer')`;
  await tables.sql`update album set "deletedAt" = now() where id = ${deleted}`;
  assert.deepEqual(await world.library.albumsOf(id, patience()), ['Shared']);
  assert.deepEqual(await world.library.albums(patience()), [{ id: shared, name: 'Shared' }]);
});

inside('whether faces are recognised is read from what the administrator has set', async (world) => {
  const recognises = async (config: object) => {
    await tables.sql`insert into system_metadata (key, value) values ('system-config', ${tables.sql.json({ ...config })})
      on conflict (key) do update set value = excluded.value`;
    return (await world.library.account(patience())).recognisesFaces;
  };
  assert.equal(await recognises({ machineLearning: { clip: { enabled: false } } }), true);
  assert.equal(await recognises({ machineLearning: { facialRecognition: { enabled: false } } }), false);
  assert.equal(await recognises({ machineLearning: { enabled: false } }), false);
  assert.equal(await recognises({ machineLearning: 'nonsense' }), true);
});

inside('that this way is unsupported is said once', async (world) => {
  const said: string[] = [];
  const library = world.libraryFor({ log: (message) => said.push(message) });
  await library.account(patience());
  await library.account(patience());
  assert.equal(said.length, 1);
  assert.match(said.join(''), /does not support.*IMMICH_API_URL/);
});

const since = (world: ImmichDbWorld, cursor: string | undefined, limit = 100) =>
  world.library.changedSince(cursor, { limit, signal: patience() });

inside('new previews are told since a cursor, also those that were committed late', async (world) => {
  const start = await since(world, undefined);
  assert.deepEqual(start.assets, []);
  const early = await world.addAsset({ preview: null });
  const late = await tables.sql.reserve();
  await late`begin`;
  await late`insert into asset_file ("assetId", type, path) values (${early}, 'preview', '/data/a.jpeg')`;
  const onTime = await world.addAsset();
  const first = await since(world, start.cursor);
  assert.deepEqual(first.assets, [onTime]);
  await late`commit`;
  late.release();
  const second = await since(world, first.cursor);
  assert.ok(second.assets.includes(early));
});

inside('what is older than a minute is told once, and so is a preview that was made anew', async (world) => {
  const id = await world.addAsset();
  const start = await since(world, undefined);
  // The trigger restamps every update; without it the row would be of this moment.
  await tables.sql`alter table asset_file disable trigger "asset_file_updatedAt"`;
  await tables.sql`update asset_file set "updateId" = immich_uuid_v7(now() - interval '10 minutes') where "assetId" = ${id}`;
  await tables.sql`alter table asset_file enable trigger "asset_file_updatedAt"`;
  const tenMinutesAgo = (Date.now() - 11 * 60_000).toString(16).padStart(12, '0');
  const longBefore = `${tenMinutesAgo.slice(0, 8)}-${tenMinutesAgo.slice(8)}-0000-0000-000000000000`;
  const told = await since(world, longBefore);
  assert.deepEqual(told.assets, [id]);
  assert.deepEqual((await since(world, told.cursor)).assets, []);
  assert.deepEqual((await since(world, start.cursor)).assets, []);
  await tables.sql`update asset_file set path = path where "assetId" = ${id}`;
  assert.deepEqual((await since(world, told.cursor)).assets, [id]);
});

inside('many new previews are told in portions, and none is missed', async (world) => {
  const { cursor } = await since(world, undefined);
  const ids: string[] = [];
  for (let count = 0; count < 23; count += 1) ids.push(await world.addAsset());
  await world.addAsset({ owner: 'partner' });
  await world.addAsset({ visibility: 'hidden', type: 'VIDEO' });
  const told: string[] = [];
  let portion = await since(world, cursor, 5);
  told.push(...portion.assets);
  while (portion.hasMore) {
    portion = await since(world, portion.cursor, 5);
    told.push(...portion.assets);
  }
  assert.deepEqual(told, ids);
});

const quiet = { info: () => {}, warn: () => {} };

for (const poll of ['off', 'on'] as const) {
  test(`previews are noticed in thumbs, and nothing else there (poll ${poll})`, async (t) => {
    const mediaRoot = await temporaryFolder(t);
    await mkdir(join(mediaRoot, 'thumbs'));
    const seen = new Set<string>();
    const both = Promise.withResolvers<void>();
    const watch = createPreviewWatch({
      mediaRoot,
      poll,
      log: quiet,
      timing: { quietMs: 20, gapMs: 20, quickScanMs: 50 },
      onAsset: (id) => {
        seen.add(id);
        if (seen.size >= 2) both.resolve();
      },
    });
    t.after(() => watch.close());
    await watch.ready;
    const [one, two, three, person] = ['a1', 'b2', 'c3', 'd4'].map((at) => `${at}000000-1111-4222-8333-944455566677`);
    const put = async (name: string) => {
      const file = join(mediaRoot, 'thumbs', 'owner', name.slice(0, 2), name.slice(2, 4), name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, jpegLike(100));
    };
    for (const name of [`${person}.jpeg`, `${three}_thumbnail.webp`, `${three}_fullsize.jpeg`]) await put(name);
    await put(`${one}_preview.jpeg`);
    await put(`${two}-preview.webp`);
    await both.promise;
    assert.deepEqual(seen, new Set([one, two]));
  });
}

test('without the folder of previews there is nothing to watch, which is said', async (t) => {
  const watch = createPreviewWatch({ mediaRoot: await temporaryFolder(t), log: quiet, onAsset: () => {} });
  t.after(() => watch.close());
  await assert.rejects(watch.ready, (error) => error instanceof TransientError && error.code === 'LibraryUnreadable');
});
