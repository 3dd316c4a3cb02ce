import assert from 'node:assert/strict';
import { test } from 'node:test';
import { search, type SearchOptions } from '../../clients/commands/search.ts';
import { photoQuery } from '../../clients/photo-query.ts';
import { UsageError } from '../../clients/usage-error.ts';
import type { LibraryRecord } from '../../domain/ports.ts';
import {
  type FoundPhoto,
  namesWord,
  type PhotoQuery,
  type PhotoSearch,
  searchTerms,
  takenBounds,
} from '../../domain/search.ts';

const beach: FoundPhoto = {
  asset: { assetId: '1', library: 'pictures', path: '2024/a b.jpg' },
  root: '/home/me/pictures/',
  state: 'done',
  takenAt: '2024-05-31T18:04:00',
  description: 'A long description of a beach, with many people on it, and a boat behind them in the evening light.',
  snippet: 'a beach, with many people on it',
  people: [
    { personId: '7', name: 'Anna' },
    { personId: '8', name: 'Ben' },
  ],
};
const inImmich: FoundPhoto = {
  asset: { assetId: '2', library: 'immich', path: '2f1d2c3b-1111-4222-8333-944455566677/IMG_1.jpg' },
  root: 'http://immich:2283/api',
  kind: 'immich',
  state: 'done',
  people: [],
};

const libraries: readonly LibraryRecord[] = [{ id: '1', name: 'pictures', root: '/home/me/pictures' }];

async function run(
  over: Partial<SearchOptions>,
  photos: readonly FoundPhoto[],
  { left = 0, columns = 80, more = false } = {},
) {
  const lines: string[] = [];
  const told: unknown[] = [];
  const asked: PhotoQuery[] = [];
  const photoSearch: PhotoSearch = {
    async find(query) {
      asked.push(query);
      return { photos, ...(more && { next: { assetId: '1' } }) };
    },
    peopleNamed: async (name) => (name === 'Anna' ? [{ personId: '7', name: 'Anna' }] : []),
    fill: async () => 0,
    unsearchable: async () => left,
  };
  await search(
    { search: photoSearch, assets: { ...never, libraries: async () => libraries } },
    { line: (text = '') => void lines.push(text), json: (value) => void told.push(value), columns },
    { words: 'beach', limit: 20, json: false, ...over },
  );
  return { lines, told, asked };
}

const refuse = () => Promise.reject(new Error('not asked for'));
const never = {
  ensureLibrary: refuse,
  register: refuse,
  find: refuse,
  knownContent: refuse,
  rememberContent: refuse,
  markWaiting: refuse,
  countWaiting: refuse,
  finishRun: refuse,
};

test('each photo is told with its file or its page, when, who, and the words around', async () => {
  const { lines, asked } = await run({ person: 'Anna', library: '/home/me/pictures' }, [beach, inImmich]);
  assert.deepEqual(lines, [
    '/home/me/pictures/2024/a b.jpg',
    '  2024-05-31 18:04 · Anna, Ben',
    '  a beach, with many people on it',
    'IMG_1.jpg  http://immich:2283/photos/2f1d2c3b-1111-4222-8333-944455566677',
    '',
    '2 photos',
  ]);
  assert.deepEqual(asked, [
    {
      terms: { wanted: ['beach'], unwanted: [] },
      people: { personIds: ['7'], name: 'Anna' },
      limit: 20,
      library: 'pictures',
    },
  ]);
});

test('in a narrow terminal the text is broken and the place is not', async () => {
  const { lines } = await run({}, [beach], { columns: 24 });
  assert.equal(lines[0], '/home/me/pictures/2024/a b.jpg');
  for (const line of lines.slice(1)) assert.ok(line.length <= 24, line);
});

test('what a model or a person wrote cannot move the cursor', async () => {
  const [esc, turn] = ['\u001B[2J', '\u202E'];
  const odd: FoundPhoto = {
    ...beach,
    snippet: `a ${esc}beach${turn}`,
    people: [{ personId: '7', name: `An${turn}na` }],
  };
  const { lines } = await run({ person: `x${esc}` }, [odd]);
  assert.doesNotMatch(lines.join(''), /\p{Cc}|\u202E/u);
  assert.doesNotMatch((await run({ person: `x${esc}` }, [])).lines.join(''), /\p{Cc}/u);
});

test('for programs it is one object, with file or page', async () => {
  const { told, lines } = await run({ json: true }, [beach, inImmich], { more: true, left: 3 });
  assert.deepEqual(lines, []);
  assert.partialDeepStrictEqual(told, [
    {
      photos: [
        { assetId: '1', library: 'pictures', file: '/home/me/pictures/2024/a b.jpg', people: [{ name: 'Anna' }, {}] },
        { page: 'http://immich:2283/photos/2f1d2c3b-1111-4222-8333-944455566677' },
      ],
      more: true,
      notSearchableYet: 3,
    },
  ]);
});

test('that nothing fits, that there is more, and that some cannot be found yet is said in words', async () => {
  assert.match((await run({ person: 'Zoe' }, [])).lines.join(' '), /^No photo with Zoe on it fits\. Each word/);
  assert.match((await run({}, [beach], { more: true })).lines.join(' '), /The newest 1; there are more: --limit 40/);
  assert.match((await run({}, [], { left: 12_345 })).lines.join(' '), /12,345 older descriptions are not searched yet/);
});

test('a search for nothing, in no library, or on a day that does not exist is used wrongly', async () => {
  for (const over of [
    { words: '' },
    { words: '-dog' },
    { words: '"' },
    { words: '!!!', person: 'Anna' },
    { words: 'a '.repeat(13) },
    { library: 'nowhere' },
    { from: '2024-02-30' },
    { to: 'May' },
  ]) {
    await assert.rejects(run(over, []), UsageError, JSON.stringify(over));
  }
});

test('words with nothing to look for are not taken for none, and none is dropped where there are too many', async () => {
  const peopleNamed = async () => [];
  const ask = (words: string) => photoQuery({ peopleNamed }, { words });
  await assert.rejects(ask('!!!'), { name: 'UsageError', message: /no word/ });
  await assert.rejects(ask(' '), { name: 'UsageError', message: /no word/ });
  await assert.rejects(ask('a '.repeat(13)), { name: 'UsageError', message: /13 words are too many/ });
  assert.equal((await ask(`${'a '.repeat(10)} -b -c`)).terms?.unwanted.length, 2);
  assert.deepEqual(await ask(''), {});
});

test('what was typed is taken apart into words and phrases', () => {
  assert.deepEqual(searchTerms('Red  boat "old  harbour" -dog -"big cat"'), {
    wanted: ['Red', 'boat', 'old  harbour'],
    unwanted: ['dog', 'big cat'],
  });
  assert.deepEqual(searchTerms(' - "" -- & !!! "open end'), { wanted: ['open', 'end'], unwanted: [] });
  assert.deepEqual(searchTerms('well-known x-ray'), { wanted: ['well-known', 'x-ray'], unwanted: [] });
});

test('a name is meant by its whole words, however they are written', () => {
  for (const term of ['Anna', 'ANNA', 'maría', 'anna maría', 'Anna-María'])
    assert.ok(namesWord('anna maría', term), term);
  for (const term of ['ann', 'ria', 'maría anna', '-', '']) assert.equal(namesWord('anna maría', term), false, term);
});

test('a day, a month and a year reach until their end', async () => {
  assert.deepEqual(takenBounds('2024-02'), { from: '2024-02', before: '2024-03-01' });
  assert.deepEqual(takenBounds('2024-12-31'), { from: '2024-12-31', before: '2025-01-01' });
  assert.deepEqual(takenBounds('2024'), { from: '2024', before: '2025-01-01' });
  for (const odd of ['2024-2', '24', '2023-02-29', '2024-13', '', 'x']) assert.equal(takenBounds(odd), undefined, odd);
  const people = { peopleNamed: async () => [] };
  assert.deepEqual(await photoQuery(people, { person: '12', from: '2023', to: '2024' }), {
    people: { personIds: ['12'] },
    takenFrom: '2023',
    takenBefore: '2025-01-01',
  });
});
