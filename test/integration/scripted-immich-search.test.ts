import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../support/immich/ask.ts';
import { running } from '../support/immich/running.ts';
import type { ScriptedImmich } from '../support/immich/server.ts';

const minute = 60_000;
const start = Date.UTC(2024, 0, 1);
const at = (number: number): string => new Date(start + number * minute).toISOString();

/** Ids of the photos that a search gives, and what it says of more. */
async function search(immich: ScriptedImmich, body: object) {
  const { json, status } = await ask(immich, 'POST /search/metadata', { body });
  assert.equal(status, 200, JSON.stringify(json));
  const items: { id: string; exifInfo?: object; people?: object[]; tags?: object[] }[] = json.assets.items;
  return { ids: items.map(({ id }) => id), items, assets: json.assets };
}

test('pages are told by number, newest first, and the total is of the page (5.3)', async (t) => {
  const immich = await running(t);
  const ids = [0, 1, 2, 3, 4].map((number) =>
    immich.addAsset(immich.user.id, { fileCreatedAt: start + number * minute }),
  );
  const first = await search(immich, { size: 2 });
  assert.deepEqual(first.ids, [ids[4], ids[3]]);
  assert.deepEqual([first.assets.total, first.assets.count, first.assets.nextPage], [2, 2, '2']);
  const last = await search(immich, { size: 2, page: 3 });
  assert.deepEqual([last.ids, last.assets.nextPage], [[ids[0]], null]);
  assert.deepEqual((await search(immich, { order: 'asc' })).ids, ids);
  assert.deepEqual((await ask(immich, 'POST /search/statistics', { body: {} })).json, { total: 5 });
});

test('rows that come meanwhile shift the next page (5.3)', async (t) => {
  const immich = await running(t);
  const ids = immich.addAssets(immich.user.id, 4).toReversed();
  assert.deepEqual((await search(immich, { size: 2 })).ids, ids.slice(0, 2));
  immich.addAsset(immich.user.id);
  assert.deepEqual((await search(immich, { size: 2, page: 2 })).ids, ids.slice(1, 3));
});

test('times are bounds that count in (5.3)', async (t) => {
  const immich = await running(t);
  const [, second, third, fourth] = [0, 1, 2, 3].map((number) =>
    immich.addAsset(immich.user.id, { fileCreatedAt: start + number * minute, createdAt: start + number * minute }),
  );
  assert.deepEqual((await search(immich, { takenAfter: at(1), takenBefore: at(2) })).ids, [third, second]);
  assert.deepEqual((await search(immich, { createdAfter: at(1), createdBefore: at(2) })).ids, [third, second]);
  assert.deepEqual((await search(immich, { createdAfter: at(3) })).ids, [fourth]);
  assert.deepEqual((await search(immich, { createdAfter: at(4) })).ids, []);
  immich.change(String(second), { updatedAt: start });
  assert.deepEqual((await search(immich, { updatedBefore: at(0) })).ids, [second]);
});

test('without a word on visibility version 2 means the timeline and version 3 all but locked (5.3)', async (t) => {
  const immich = await running(t, { version: '2.7.5' });
  const kinds = ['timeline', 'archive', 'hidden', 'locked'] as const;
  const [timeline, archive, hidden] = kinds.map((visibility) => immich.addAsset(immich.user.id, { visibility }));
  assert.deepEqual((await search(immich, {})).ids, [timeline]);
  assert.deepEqual((await search(immich, { visibility: 'archive' })).ids, [archive]);
  immich.set({ version: '3.1.0' });
  assert.deepEqual((await search(immich, {})).ids, [hidden, archive, timeline]);
});

test("a partner's photos are among the results, what is in the trash is not (5.3)", async (t) => {
  const immich = await running(t, { users: [{ name: 'Ana' }, { name: 'Ben' }] });
  const ben = immich.users[1]?.id ?? '';
  const [own, theirs] = [immich.addAsset(immich.user.id), immich.addAsset(ben)];
  assert.deepEqual((await search(immich, {})).ids, [own]);
  immich.sharePhotos(ben, immich.user.id);
  assert.deepEqual((await search(immich, {})).ids, [theirs, own]);
  assert.equal((await ask(immich, 'GET /assets/statistics')).json.total, 1);
  immich.trash(own);
  assert.deepEqual((await search(immich, {})).ids, [theirs]);
  assert.deepEqual((await search(immich, { withDeleted: true })).ids, [theirs, own]);
});

test('people and exif are told on request, tags never (5.3)', async (t) => {
  const immich = await running(t, { version: '2.7.5' });
  const person = immich.addPerson(immich.user.id, 'Cleo');
  const id = immich.addAsset(immich.user.id, { people: [person, person], description: 'Ä text' });
  immich.tagByPerson(id, ['sea']);
  const [bare] = (await search(immich, {})).items;
  assert.deepEqual([bare?.exifInfo, bare?.people, bare?.tags], [undefined, [], undefined]);
  const [full] = (await search(immich, { withExif: true, withPeople: true })).items;
  assert.deepEqual([Object(full?.exifInfo).description, full?.people?.length], ['Ä text', 1]);
  const [tag] = (await ask(immich, `GET /assets/${id}`)).json.tags;
  assert.equal(tag.value, 'sea');
  assert.deepEqual((await search(immich, { description: 'a TEXT' })).ids, [id]);
});

test('of an external asset that was not read yet withExif finds nothing (2.2)', async (t) => {
  const immich = await running(t);
  const libraryId = immich.addLibrary(immich.user.id, false);
  const id = immich.addAsset(immich.user.id, { libraryId, extractedInMs: null });
  const upload = immich.addAsset(immich.user.id, { extractedInMs: null });
  assert.deepEqual((await search(immich, {})).ids, [upload, id]);
  assert.deepEqual((await search(immich, { withExif: true })).ids, [upload]);
  assert.equal((await ask(immich, `GET /assets/${id}`)).json.exifInfo, undefined);
  immich.readFile(id);
  assert.deepEqual((await search(immich, { withExif: true })).ids, [upload, id]);
});

test('albums and people in the flat form are all of them together (inAlbums, hasPeople)', async (t) => {
  const immich = await running(t);
  const [one = '', both = ''] = immich.addAssets(immich.user.id, 2);
  const [first, second] = [
    immich.addAlbum(immich.user.id, 'A', [one, both]),
    immich.addAlbum(immich.user.id, 'B', [both]),
  ];
  assert.deepEqual((await search(immich, { albumIds: [first] })).ids, [both, one]);
  assert.deepEqual((await search(immich, { albumIds: [first, second] })).ids, [both]);
  const person = immich.addPerson(immich.user.id, 'Cleo');
  immich.recognise(one, person);
  assert.deepEqual((await search(immich, { personIds: [person] })).ids, [one]);
});

test('the filter of 3.2 selects what has no description, and says where to go on (5.3)', async (t) => {
  const immich = await running(t, { version: '3.2.0' });
  const [bare, trashed] = immich.addAssets(immich.user.id, 2);
  const text = immich.addAsset(immich.user.id, { description: 'A text' });
  immich.trash(String(trashed));
  const filter = { description: { eq: '' } };
  // The trash is not excluded by itself there.
  assert.deepEqual((await search(immich, { filter })).ids, [trashed, bare]);
  assert.deepEqual((await search(immich, { filter: { ...filter, trashedAt: { eq: null } } })).ids, [bare]);
  const first = await search(immich, { filter: {}, size: 2 });
  const rest = await search(immich, { filter: {}, size: 2, cursor: first.assets.nextCursor });
  assert.deepEqual([...first.ids, ...rest.ids], [text, trashed, bare]);
  assert.equal(rest.assets.nextCursor, null);
  const wrong = await ask(immich, 'POST /search/metadata', { body: { filter: { nonsense: {} } } });
  assert.equal(wrong.status, 400);
});

test('before 3.2 a filter is an unknown field and filters nothing (5.3)', async (t) => {
  const immich = await running(t, { version: '3.1.0' });
  immich.addAsset(immich.user.id, { description: 'A text' });
  const { ids, assets } = await search(immich, { filter: { description: { eq: '' } } });
  assert.deepEqual([ids.length, assets.nextCursor], [1, undefined]);
});
