import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createImmichLibrary } from '../../adapters/immich/library.ts';
import { choiceOf } from '../../clients/choice.ts';
import { immichNamed, type Libraries } from '../../clients/immich/library.ts';
import { type MemberFlags, membersOf } from '../../clients/immich/members.ts';
import { immichQuestion, isTakenSo } from '../../domain/immich-choice.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
import { selectionInWords } from '../../domain/selection.ts';

const id = (nth: number) => `00000000-0000-4000-8000-00000000000${nth}`;
const albums = [
  { id: id(3), name: 'Été 2024' },
  { id: id(1), name: 'Summer 2024' },
  { id: id(2), name: 'Summer  2023' },
  { id: id(4), name: 'Twice' },
  { id: id(5), name: 'twice' },
  { id: id(6), name: 'Twice' },
];
const people = [
  { id: id(7), name: 'Jörg Straße' },
  { id: id(8), name: 'Anna' },
  { id: id(9), name: 'Anná' },
];

const asked = { albums: 0, people: 0 };
const immich = {
  albums: async () => ((asked.albums += 1), albums),
  people: async () => ((asked.people += 1), people),
};
const members = (flags: MemberFlags) => membersOf(immich, flags, new AbortController().signal);
const albumsOf = async (...album: string[]) => (await members({ album })).albums?.map((one) => one.id);

test('albums and people are known without regard to case, accents and white space', async () => {
  assert.deepEqual(await albumsOf('ete 2024'), [id(3)]);
  assert.deepEqual(await albumsOf(' SUMMER 2023 '), [id(2)]);
  const { people: found } = await members({ person: ['jorg strasse'] });
  assert.deepEqual(found, [{ id: id(7), name: 'Jörg Straße' }]);
});

test('a name that is exactly one goes before others like it, and an id names one of many', async () => {
  assert.deepEqual(await albumsOf('twice'), [id(5)]);
  assert.deepEqual((await members({ person: ['Anná'] })).people, [{ id: id(9), name: 'Anná' }]);
  assert.deepEqual(await albumsOf(id(6)), [id(6)]);
  assert.deepEqual(await albumsOf(id(6).toUpperCase()), [id(6)]);
});

test('what is said twice or in another order is one choice, and nothing is asked that is not needed', async () => {
  Object.assign(asked, { albums: 0, people: 0 });
  const one = await members({ album: ['Summer 2024', 'Summer 2023', 'summer 2024'] });
  assert.deepEqual(one, await members({ album: ['summer 2023', 'Summer 2024'] }));
  assert.deepEqual([one.albums?.map((album) => album.id), asked], [[id(1), id(2)], { albums: 2, people: 0 }]);
  assert.deepEqual(await members({}), {});
});

test('a name of none or of several is refused with what there is', async () => {
  await assert.rejects(
    members({ album: ['summer'] }),
    /No album "summer" is there\. Did you mean:\n {2}Summer 2024\n {2}Summer/,
  );
  await assert.rejects(members({ album: ['Winter'] }), /No album "Winter" is there\. There are:\n {2}Été 2024/);
  await assert.rejects(members({ album: ['Twice'] }), (error: Error) => {
    assert.equal(error.name, 'UsageError');
    assert.match(error.message, /^Several albums are called "Twice"\. Say the id/);
    assert.match(error.message, new RegExp(`\\n {2}${id(4)} {2}Twice\\n {2}${id(6)} {2}Twice$`));
    return true;
  });
  await assert.rejects(members({ person: ['ANNA'] }), /Several people are called "ANNA"/);
  await assert.rejects(members({ person: [' '] }), /--person is empty/);
  const nobody = { albums: async () => [], people: async () => [] };
  await assert.rejects(
    membersOf(nobody, { person: ['Anna'] }, new AbortController().signal),
    /nobody with a name at all/,
  );
});

test('long lists of candidates are cut', async () => {
  const many = Array.from({ length: 14 }, (_, at) => ({ id: `${at}`, name: `Trip ${at}` }));
  const listed = { ...immich, albums: async () => many };
  await assert.rejects(membersOf(listed, { album: ['trip'] }, new AbortController().signal), /Trip 9\n {2}and 4 more$/);
});

const record = (name: string): ImmichRecord => ({
  id: '1',
  name,
  root: 'http://immich',
  kind: 'immich',
  ownerId: 'o',
  keySha: name,
  firstLook: 'over',
});

test('albums are of the only Immich library, or of the one that is named', async () => {
  const way = (keySha: string) => ({
    immich: createImmichLibrary({ apiUrl: 'http://there', key: keySha }),
    root: 'http://there',
    keySha,
    policy: 'all' as const,
  });
  const access = (...names: string[]): Libraries => ({
    store: { libraries: async () => names.map((name) => record(name)) },
    ways: async () => [way('immich'), way('immich-ben')],
  });
  const folder = { id: '9', name: 'pictures', root: '/pictures' };
  const named = (libraries: Libraries, name?: string) => immichNamed(libraries, [folder], name);
  const { record: only, policy } = await named(access('immich'));
  assert.deepEqual([only.name, policy], ['immich', 'all']);
  assert.equal((await named(access('immich', 'immich-ben'), 'immich-ben')).record.name, 'immich-ben');
  await assert.rejects(named(access('immich', 'immich-ben')), /Which library\? There are: immich, immich-ben/);
  await assert.rejects(named(access('immich'), 'pictures'), /pictures is a folder; albums and people are of Immich/);
  await assert.rejects(named(access('immich'), 'pics'), /pics is no Immich library\. There are: immich/);
  await assert.rejects(named(access()), /there is none: set IMMICH_API_URL/);
  await assert.rejects(named(access('other')), /This shell has no settings to ask Immich for other/);
});

test('a glob with folders is refused in an Immich, which has none', () => {
  const place = { library: record('immich'), folder: '' };
  assert.deepEqual(choiceOf({ glob: '*.heic' }, place, 'buffalo_l'), { which: { kind: 'wanted' }, glob: '*.heic' });
  assert.throws(
    () => choiceOf({ glob: '2024/**' }, place, 'buffalo_l'),
    /immich is an Immich library, which has none: --album <name>/,
  );
});

test('what is asked of Immich is wider than the choice by what two clocks can differ', () => {
  const which = { kind: 'wanted' } as const;
  const day = 86_400_000;
  const bounds = (takenFrom: string, takenBefore: string) => immichQuestion({ which, takenFrom, takenBefore });
  for (const [from, at] of [
    ['2024', Date.UTC(2024)],
    ['2024-05', Date.UTC(2024, 4)],
    ['2024-05-31T18:04:10', Date.UTC(2024, 4, 31, 18, 4, 10)],
  ] as const) {
    const { takenFrom = 0, takenTo = 0 } = bounds(from, from);
    assert.ok(takenFrom <= at - day && takenFrom > at - 2 * day, from);
    assert.ok(takenTo >= at + day && takenTo < at + 2 * day, from);
  }
  assert.deepEqual(bounds('2024-02-31T25:00', 'never'), {});
  const facts = { takenAt: '2024-05-31T18:04:00', camera: 'NIKON Z 8' };
  const isIn = (choice: object) => isTakenSo({ facts }, { which, ...choice });
  assert.ok(isIn({ takenFrom: '2024-05-31', takenBefore: '2024-06', camera: 'nikon' }));
  assert.ok(!isIn({ takenFrom: '2024-06' }) && !isIn({ takenBefore: '2024-05-31' }) && !isIn({ camera: 'Leica' }));
  assert.ok(!isTakenSo({ facts: {} }, { which, takenBefore: '2025' }), 'what Immich has not read yet');
});

test('a choice names its albums and people, a few of many', () => {
  const which = { kind: 'undescribed' } as const;
  assert.equal(
    selectionInWords({ which, albums: albums.slice(0, 1), people: people.slice(0, 2) }),
    'photos without a description, in the album "Été 2024", with Jörg Straße or Anna',
  );
  const many = Array.from({ length: 7 }, (_, at) => ({ id: `${at}`, name: `P${at}` }));
  assert.equal(
    selectionInWords({ which, people: many }),
    'photos without a description, with P0 or P1 or P2 or P3 or P4 or 2 more',
  );
});
