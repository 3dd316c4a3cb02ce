import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choiceOf } from '../../clients/choice.ts';
import { progressLine } from '../../clients/progress-line.ts';
import { judgePage, type PageRules } from '../../domain/immich-page.ts';
import { namesOn } from '../../domain/immich-people.ts';
import { versionOf } from '../../domain/immich-rules.ts';
import type { KnownImmichAsset } from '../../domain/immich-store.ts';
import type { ImmichPerson } from '../../domain/immich.ts';
import { isRedo, selectionInWords } from '../../domain/selection.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { immichAsset } from '../support/immich-asset.ts';

const hashOf = (...names: string[]) => sha256(namesOn(names.map((name) => ({ name }))));
const rules: PageRules = {
  record: { ownerId: 'owner', firstLook: 'over' },
  policy: 'none',
  recipeHash: 'wanted',
  videos: false,
  ignore: [],
  sha: sha256,
  tellsPeople: true,
};

/** What a page says of a described photo with these people on it, whose row says so much of them. */
function judged(people: readonly ImmichPerson[], known: KnownImmichAsset['people'], over: Partial<PageRules> = {}) {
  const asset = immichAsset({ people, description: 'Somebody on a beach.' });
  const row: KnownImmichAsset = {
    asset: { assetId: '7', library: 'immich', path: 'x/IMG.jpg' },
    rawPath: new Uint8Array(),
    state: 'done',
    stat: versionOf(asset),
    endedRecipe: 'wanted',
    publication: { assetId: '7', state: 'written', shas: [], partShas: [], runId: 'r', rewrites: 0 },
    people: known,
  };
  return judgePage([row], [asset], { ...rules, ...over });
}
const marks = (...given: Parameters<typeof judged>) => judged(...given).marks;

test('names are compared in any order, each once, and without ages', () => {
  const anna = { name: 'Anna', birthDate: '1984-02-29' };
  assert.equal(namesOn([{ name: 'Ben' }, anna]), namesOn([{ name: ' Anna ' }, { name: 'Ben' }, { name: 'Ben' }]));
  assert.equal(namesOn([{ name: '' }]), namesOn([]));
  assert.notEqual(namesOn([anna]), namesOn([]));
  // No two lists may look the same when they are put side by side.
  assert.notEqual(namesOn([{ name: 'Anna, Ben' }]), namesOn([{ name: 'Anna' }, { name: 'Ben' }]));
});

test('a name that came, went or changed since a photo was described marks it, and starts no run', () => {
  const told = hashOf('Anna');
  const mark = { assetId: '7', told, changed: true };
  const known = { told, changed: false };
  assert.deepEqual(marks([{ name: 'Anna' }, { name: 'Ben' }], known), [mark]);
  assert.deepEqual(marks([{ name: 'Hanna' }], known), [mark]);
  assert.deepEqual(marks([], known), [mark]);
  assert.deepEqual(marks([{ name: 'Anna', birthDate: '1984-02-29' }], known), []);
  assert.deepEqual(judged([{ name: 'Ben' }], known).needed, []);
});

test('a mark is set once, and taken off when the names are again those that were told', () => {
  const told = hashOf('Anna');
  assert.deepEqual(marks([{ name: 'Ben' }], { told, changed: true }), []);
  assert.deepEqual(marks([{ name: 'Anna' }], { told, changed: true }), [{ assetId: '7', told, changed: false }]);
});

test('nothing is marked where no names were told, or where the prompt tells none', () => {
  const told = hashOf();
  assert.deepEqual(marks([{ name: 'Ben' }], { told: undefined, changed: false }), []);
  assert.deepEqual(marks([{ name: 'Ben' }], { told, changed: false }, { tellsPeople: false }), []);
  assert.deepEqual(marks([{ name: 'Ben' }], { told, changed: true }, { tellsPeople: false }), [
    { assetId: '7', told, changed: false },
  ]);
});

test('--redo people chooses them, in an Immich and in a folder', () => {
  const library = { id: '1', name: 'immich', root: 'http://immich', kind: 'immich' } as const;
  const selection = choiceOf({ redo: 'people' }, { library, folder: '' }, 'buffalo_l');
  assert.deepEqual(selection, { which: { kind: 'written', people: 'changed' } });
  assert.equal(isRedo(selection), true);
  assert.match(selectionInWords(selection), /people who were named since/);
  const folder = { id: '2', name: 'pictures', root: '/pictures' };
  assert.deepEqual(choiceOf({ redo: 'people' }, { library: folder, folder: '' }, 'buffalo_l'), selection);
  assert.throws(
    () => choiceOf({ redo: 'people=Anna' }, { library, folder: '' }, 'buffalo_l'),
    /--redo is people, model=<name>/,
  );
});

test('a line says how many are outdated by names', () => {
  const library = { name: 'immich', counts: { done: 5 }, scanning: false };
  const meanwhile = { perMinute: 0, isPaused: false };
  const line = progressLine({ ...library, peopleChanged: 2 }, meanwhile);
  assert.equal(line, 'immich  5/5 described · 2 outdated: people were named since · up to date');
  assert.doesNotMatch(progressLine({ ...library, peopleChanged: 0 }, meanwhile), /outdated/);
});
