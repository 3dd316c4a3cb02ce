import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ImmichAsset } from '../../domain/immich.ts';
import { factsOfAsset } from '../../domain/immich-facts.ts';
import { shownPath } from '../../domain/immich-rules.ts';
import { factsFor, renderPrompt } from '../../domain/prompt.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { immichAsset } from '../support/immich-asset.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const recipe = (over: Partial<Recipe> = {}): Recipe => ({
  prompt: 'Describe.',
  language: 'en',
  models: ['m'],
  numCtx: 4096,
  numPredict: 256,
  longSide: 1344,
  ...over,
});
const party = immichAsset({
  facts: {
    takenAt: '2024-05-31T18:04:00',
    camera: 'Pixel 8',
    lens: 'Pixel 8 back camera',
    exposure: 'f/1.8, 1/120 s, ISO 200, 26 mm',
    latitude: 42.858_37,
    longitude: 10.994_48,
    place: 'Cala Violina, Tuscany, Italy',
    rating: 4,
  },
  people: [
    { name: 'Max', birthDate: '2023-10-31' },
    { name: 'Anna', birthDate: '1990-02-14' },
  ],
  tags: ['Holiday/Italy', 'beach'],
  description: 'Our first day.\nLots of wind.\n\n[AI]\nA beach.\n[/AI]',
});

test('everything that Immich knows of a photo is a fact, and a person’s words without ours', () => {
  assert.deepEqual(factsOfAsset(party, { albums: ['Summer 2024', 'Best of'] }), {
    takenAt: '2024-05-31T18:04:00',
    camera: 'Pixel 8',
    place: 'Cala Violina, Tuscany, Italy',
    lens: 'Pixel 8 back camera',
    exposure: 'f/1.8, 1/120 s, ISO 200, 26 mm',
    people: ['Anna (34)', 'Max (7 months)'],
    albums: ['Best of', 'Summer 2024'],
    keywords: ['Holiday/Italy', 'beach'],
    rating: 4,
    existingText: 'Our first day. Lots of wind.',
    fileName: 'IMG_2031.HEIC',
  });
  assert.deepEqual(factsOfAsset(immichAsset({ originalFileName: '' })), {});
  const { place: _, ...unnamed } = party.facts;
  assert.equal(factsOfAsset(immichAsset({ facts: unnamed })).place, '42.86, 10.99');
});

test('what is ours or a camera’s is no text of a person', () => {
  const texts = { ours: [sha('A dog.')], parts: [sha('A cat.')], part: undefined, ignore: ['OLYMPUS*'], sha };
  const existing = (description: string) => factsOfAsset(immichAsset({ description }), { texts }).existingText;
  assert.equal(existing('A dog.'), undefined);
  assert.equal(existing('OLYMPUS DIGITAL CAMERA'), undefined);
  assert.equal(existing('Rex!\n\nA cat.'), 'Rex!');
  assert.equal(existing('A dog. Rex!'), 'A dog. Rex!');
});

test('an age is told as of the day of the photo, in months for the smallest, and not where it cannot be', () => {
  const rows: readonly [string | undefined, string | undefined, string][] = [
    ['1990-06-01', '2024-05-31T10:00:00', 'Ada (33)'],
    ['1990-05-31', '2024-05-31T10:00:00', 'Ada (34)'],
    ['2000-02-29', '2023-02-28T10:00:00', 'Ada (22)'],
    ['2000-02-29', '2023-03-01T10:00:00', 'Ada (23)'],
    ['2022-05-31', '2024-05-30T10:00:00', 'Ada (23 months)'],
    ['2022-05-31', '2024-05-31T10:00:00', 'Ada (2)'],
    ['2024-04-30', '2024-05-31T10:00:00', 'Ada (1 month)'],
    ['2024-05-31', '2024-05-31T10:00:00', 'Ada (newborn)'],
    ['2024-06-01', '2024-05-31T10:00:00', 'Ada'],
    ['1900-01-01', '2024-05-31T10:00:00', 'Ada'],
    ['0001-01-01', '2024-05-31T10:00:00', 'Ada'],
    ['1990-02-30', '2024-05-31T10:00:00', 'Ada'],
    ['1990', '2024-05-31T10:00:00', 'Ada'],
    ['1990-06-01', undefined, 'Ada'],
    ['1990-06-01', '2024', 'Ada'],
    [undefined, '2024-05-31T10:00:00', 'Ada'],
  ];
  for (const [birthDate, takenAt, expected] of rows) {
    const person = { name: ' Ada\n', ...(birthDate !== undefined && { birthDate }) };
    const asset = immichAsset({ people: [person], facts: takenAt === undefined ? {} : { takenAt } });
    assert.deepEqual(factsOfAsset(asset).people, [expected], `${birthDate} ${takenAt}`);
  }
});

test('the order in which Immich tells of people, tags and albums changes no fact', () => {
  const turned: ImmichAsset = { ...party, people: party.people.toReversed(), tags: party.tags.toReversed() };
  assert.deepEqual(factsOfAsset(turned, { albums: ['a', 'b', 'a'] }), factsOfAsset(party, { albums: ['b', 'a'] }));
});

test('a prompt without placeholders tells of people and places by name, and of more only where the recipe says so', () => {
  const rendered = (over: Partial<Recipe>) => {
    const asked = recipe(over);
    return renderPrompt(asked, factsFor(asked, factsOfAsset(party, { albums: ['Summer'] }), shownPath(party)));
  };
  assert.equal(
    rendered({}),
    'Describe.\n\nKnown about the photo (do not repeat it word for word):\nTaken: 2024-05-31 18:04:00\nCamera: Pixel 8\n' +
      'Place: Cala Violina, Tuscany, Italy\nPeople in it (call them by their names): Anna (34), Max (7 months)\n\n' +
      'Answer in English.',
  );
  assert.equal(
    rendered({ facts: ['albums', 'rating', 'lens', 'file_name', 'folder', 'tags', 'exposure', 'existing_text'] }),
    'Describe.\n\nKnown about the photo (do not repeat it word for word):\nLens: Pixel 8 back camera\n' +
      'Exposure: f/1.8, 1/120 s, ISO 200, 26 mm\nAlbums: Summer\nKeywords: Holiday/Italy, beach\nRating: 4 of 5\n' +
      'File name: IMG_2031.HEIC\nWhat somebody wrote about it: Our first day. Lots of wind.\n\nAnswer in English.',
  );
  assert.equal(rendered({ facts: [] }), 'Describe.\n\nAnswer in English.');
  assert.equal(
    rendered({ prompt: '{{lens}} | {{exposure}} | {{albums}} | {{rating}} | {{folder}} | {{file_name}}', facts: [] }),
    'Pixel 8 back camera | f/1.8, 1/120 s, ISO 200, 26 mm | Summer | 4 of 5 | unknown | IMG_2031.HEIC\n\nAnswer in English.',
  );
});

test('whatever people type, facts stay small and of one line each', () => {
  const text = fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
    { weight: 1, arbitrary: fc.constant('🎅 '.repeat(400)) },
  );
  const person = fc.record({ name: text, birthDate: fc.constantFrom('2000-01-01', 'x') });
  fc.assert(
    fc.property(text, fc.array(person, { maxLength: 60 }), fc.array(text, { maxLength: 60 }), (words, people, tags) => {
      const facts = factsOfAsset(
        immichAsset({ facts: { ...party.facts, place: words, lens: words }, description: words, people, tags }),
        { albums: tags },
      );
      for (const value of Object.values(facts).flat()) {
        if (typeof value === 'number') continue;
        assert.ok(typeof value === 'string' && value !== '' && Array.from(value).length <= 500, String(value));
        assert.doesNotMatch(value, /[\p{Cc}\p{Cf}]/u);
      }
      assert.ok((facts.people?.length ?? 0) <= 50 && (facts.keywords?.length ?? 0) <= 50);
    }),
    { numRuns: 25 },
  );
});
