import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../../domain/errors.ts';
import { type ImmichTables, immichTables } from '../support/immich-db-tables.ts';
import { type ImmichDbWorld, makeDbWorld } from '../support/immich-db-world.ts';
import { assetIn, patience } from '../support/in-world.ts';

let tables: ImmichTables;
let world: ImmichDbWorld;
before(async () => {
  tables = await immichTables('3.2');
  world = await makeDbWorld(tables);
});
after(async () => {
  await world.close();
  await tables.close();
});

const write = (id: string, text: string, seen: string) =>
  world.library.writeDescription({ id, text, seen, signal: patience() });

async function lockedOf(id: string): Promise<string[]> {
  const rows = await tables.sql`select unnest("lockedProperties") from asset_exif where "assetId" = ${id} order by 1`;
  return rows.map((row) => String(row['unnest']));
}

/** Another connection that is about to commit what a person typed; `whenWaiting` runs `meanwhile` against its row lock. */
async function typedMeanwhile<T>(id: string, text: string, meanwhile: () => Promise<T>): Promise<T> {
  const person = await tables.sql.reserve();
  try {
    await person`begin`;
    await person`update asset_exif set description = ${text} where "assetId" = ${id}`;
    const outcome = meanwhile();
    outcome.catch(() => undefined);
    await someoneWaitsForALock();
    await person`commit`;
    return await outcome;
  } finally {
    person.release();
  }
}

async function someoneWaitsForALock(): Promise<void> {
  for (;;) {
    const waiting = await tables.sql`select from pg_stat_activity
      where datname = current_database() and application_name = 'darkroom' and wait_event_type = 'Lock'`;
    if (waiting.length > 0) return;
    await sleep(10);
  }
}

test('a text stays when Immich reads the file again, which wipes one that is written without the lock', async () => {
  const ours = await world.addAsset();
  const plain = await world.addAsset();
  assert.equal(await write(ours, 'Ours.', ''), 'written');
  await tables.sql`update asset_exif set description = 'Plain.' where "assetId" = ${plain}`;
  await world.settle();
  assert.equal(await world.descriptionOf(ours), 'Ours.');
  assert.equal(await world.descriptionOf(plain), '');
});

test('an edit of the photo in Immich writes our text into the sidecar, from where it comes back', async () => {
  const id = await world.addAsset();
  await write(id, 'Ours.', '');
  await world.tag(id, ['family']);
  await world.settle();
  assert.deepEqual(await lockedOf(id), []);
  await world.settle();
  assert.equal(await world.descriptionOf(id), 'Ours.');
});

test('other locks of a person stay', async () => {
  const id = await world.addAsset();
  await tables.sql`update asset_exif set "lockedProperties" = '{rating,latitude}' where "assetId" = ${id}`;
  await write(id, 'Ours.', '');
  await write(id, 'Ours again.', 'Ours.');
  assert.deepEqual(await lockedOf(id), ['description', 'latitude', 'rating']);
});

test('a text that a person commits while ours waits for the row is not written over', async () => {
  for (const seen of ['', 'Before.']) {
    const id = await world.addAsset({ description: seen });
    assert.equal(await typedMeanwhile(id, 'Typed.', () => write(id, 'Ours.', seen)), 'differs');
    assert.equal(await world.descriptionOf(id), 'Typed.');
  }
});

test('a wipe that is committed while ours waits leaves room for our text', async () => {
  const id = await world.addAsset({ description: 'Before.' });
  assert.equal(await typedMeanwhile(id, '', () => write(id, 'Ours.', 'Before.')), 'written');
  assert.equal(await world.descriptionOf(id), 'Ours.');
});

test('of a hundred edits of people and a hundred writes of ours at the same moments, no edit is lost', async () => {
  const ids = await Promise.all(Array.from({ length: 100 }, () => world.addAsset()));
  const other = world.libraryFor({});
  await Promise.all(
    ids.flatMap((id, index) => [
      tables.sql`update asset_exif set description = ${`Typed ${index}.`} where "assetId" = ${id}`,
      (index % 2 === 0 ? other : world.library).writeDescription({ id, text: 'Ours.', seen: '', signal: patience() }),
    ]),
  );
  const texts = await Promise.all(ids.map((id) => world.descriptionOf(id)));
  assert.deepEqual(
    texts,
    ids.map((_, index) => `Typed ${index}.`),
  );
});

test('of two that write on the same grounds one is told that the text differs', async () => {
  const id = await world.addAsset();
  const other = world.libraryFor({});
  const outcomes = await Promise.all([
    write(id, 'One.', ''),
    other.writeDescription({ id, text: 'Two.', seen: '', signal: patience() }),
  ]);
  assert.deepEqual(outcomes.sort(), ['differs', 'written']);
});

test('a write whose answer was lost may be made again', async () => {
  const id = await world.addAsset();
  assert.equal(await write(id, 'Ours.', ''), 'written');
  assert.equal(await write(id, 'Ours.', ''), 'written');
  assert.equal(await write(id, 'Other.', ''), 'differs');
});

test('what was seen is compared without the room around it, of whatever kind', async () => {
  const id = await world.addAsset({ description: '\u00a0\u3000 Seen.\r\n\ufeff' });
  assert.equal((await assetIn(world, id)).description, 'Seen.');
  assert.equal(await write(id, 'Ours.', 'Seen.'), 'written');
  const blank = await world.addAsset({ description: ' \n\u2003' });
  assert.equal(await write(blank, 'Ours.', ''), 'written');
});

test('what Postgres cannot hold is left out of a text', async () => {
  const id = await world.addAsset();
  assert.equal(await write(id, 'A\0 text\ud800.', ''), 'written');
  assert.equal(await world.descriptionOf(id), 'A text\ufffd.');
});

test('a photo of an external library that Immich has not read yet can be written to', async () => {
  const id = await world.addAsset({ isExternal: true, isRead: false });
  await tables.sql`delete from asset_exif where "assetId" = ${id}`;
  assert.equal(await write(id, 'Ours.', ''), 'written');
  assert.equal(await world.descriptionOf(id), 'Ours.');
});

test('what is in the locked folder, and what another user has, can be neither read nor written', async () => {
  const { library } = world;
  const provenance = { recipe: 'a', model: 'b', textSha: 'c', at: 'd' };
  for (const id of [await world.addAsset({ visibility: 'locked' }), await world.addAsset({ owner: 'partner' })]) {
    assert.equal(await library.asset(id, patience()), undefined);
    assert.equal(await library.preview({ id, isEdited: false }, patience()), undefined);
    assert.equal(await write(id, 'Ours.', ''), 'gone');
    await library.writeProvenance([{ id, provenance }], patience());
    await library.addTags(id, ['AI'], patience());
    await world.addAlbum({ name: 'Album', assets: [id] });
    assert.deepEqual(await library.albumsOf(id, patience()), []);
    const left = await tables.sql`select key from asset_metadata where "assetId" = ${id} union all
      select 'tag' from tag_asset where "assetId" = ${id}`;
    assert.equal(left.length, 0);
  }
});

test('what is no id is nothing, and no fault', async () => {
  const { library } = world;
  for (const id of ['', 'nonsense', "'; drop table asset; --"]) {
    assert.equal(await library.asset(id, patience()), undefined);
    assert.equal(await library.provenance(id, patience()), undefined);
    assert.equal(await library.preview({ id, isEdited: false }, patience()), undefined);
    assert.equal(await write(id, 'Ours.', ''), 'gone');
    await library.writeProvenance([{ id, provenance: undefined }], patience());
  }
});

test('what others left under our key is no provenance of ours', async () => {
  const id = await world.addAsset();
  for (const value of ['text', { recipe: 1 }, []]) {
    await tables.sql`insert into asset_metadata ("assetId", key, value) values (${id}, 'darkroom', ${tables.sql.json(value)})
      on conflict ("assetId", key) do update set value = excluded.value`;
    assert.equal(await world.library.provenance(id, patience()), undefined);
  }
});

test('tags have their place in the tree, as Immich makes it', async () => {
  const id = await world.addAsset();
  await world.library.addTags(id, ['AI/place/beach', '/AI// sky /', 'AI'], patience());
  const rows = await tables.sql`
    select d.value, string_agg(a.value, ' < ' order by a.value) as above
    from tag_closure c join tag a on a.id = c.id_ancestor join tag d on d.id = c.id_descendant
    where d."userId" = ${world.userId} and d.value like 'AI%' group by d.value order by d.value`.values();
  assert.deepEqual(
    rows.map((row) => [...row]),
    [
      ['AI', 'AI'],
      ['AI/place', 'AI < AI/place'],
      ['AI/place/beach', 'AI < AI/place < AI/place/beach'],
      ['AI/sky', 'AI < AI/sky'],
    ],
  );
  assert.deepEqual([...(await world.tagsOf(id))].sort(), ['AI', 'AI/place/beach', 'AI/sky']);
});

test('tags of a person that stand in no locked column yet survive ours', async () => {
  const id = await world.addAsset();
  await world.tag(id, ['family']);
  await world.settle();
  // As an upgrade from 2.4 leaves it until each file was read again.
  await tables.sql`update asset_exif set tags = null, "lockedProperties" = null where "assetId" = ${id}`;
  await world.library.addTags(id, ['AI/beach'], patience());
  await world.settle();
  assert.deepEqual([...(await world.tagsOf(id))].sort(), ['AI/beach', 'family']);
});

test('the same tags from several photos at once make each tag once', async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, () => world.addAsset()));
  await Promise.all(ids.map((id) => world.library.addTags(id, ['same/time', 'same/place'], patience())));
  for (const id of ids) assert.deepEqual([...(await world.tagsOf(id))].sort(), ['same/place', 'same/time']);
});

test('Immich older than 2.5 takes no tags, and older than 2.4 no text; nothing is lost by trying', async (t) => {
  const old = await immichTables('3.1');
  const then = await makeDbWorld(old);
  t.after(async () => {
    await then.close();
    await old.close();
  });
  const id = await then.addAsset({ description: 'Before.' });
  const refusal = (words: RegExp) => (error: unknown) => error instanceof ConfigError && words.test(error.message);
  const text = () => then.library.writeDescription({ id, text: 'Ours.', seen: 'Before.', signal: patience() });
  await old.sql`alter table asset drop column "isEdited"`;
  await old.sql`alter table asset_file drop column "isEdited" cascade`;
  await old.sql`alter table asset_face drop column "isVisible" cascade`;
  await old.sql`alter table asset_exif drop column tags`;
  assert.equal((await assetIn(then, id)).description, 'Before.');
  assert.notEqual(await then.library.preview({ id, isEdited: false }, patience()), undefined);
  await assert.rejects(then.library.addTags(id, ['AI'], patience()), refusal(/older than 2\.5.*IMMICH_API_URL/));
  assert.equal(await text(), 'written');
  await old.sql`alter table asset_exif drop column "lockedProperties"`;
  const again = then.libraryFor({});
  await assert.rejects(
    again.writeDescription({ id, text: 'Worse.', seen: 'Ours.', signal: patience() }),
    refusal(/older than 2\.4.*IMMICH_API_URL/),
  );
  const provenance = { recipe: 'a', model: 'b', textSha: 'c', at: 'd' };
  await assert.rejects(again.writeProvenance([{ id, provenance }], patience()), refusal(/older than 2\.4/));
  assert.equal(await then.descriptionOf(id), 'Ours.');
});
