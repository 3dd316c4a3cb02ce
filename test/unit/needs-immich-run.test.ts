import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { assetStates } from '../../domain/asset.ts';
import type { ImmichAsset } from '../../domain/immich.ts';
import { versionOf } from '../../domain/immich-rules.ts';
import { publicationStates } from '../../domain/immich-store.ts';
import {
  type KnownImmichPhoto,
  needsImmichRun,
  type RunNeed,
  type RunQuestion,
} from '../../domain/needs-immich-run.ts';
import { writePolicies } from '../../domain/write-policy.ts';
import { immichAsset } from '../support/immich-asset.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const texts = { ours: [sha('A dog.')], parts: [], part: undefined, ignore: ['OLYMPUS*'], sha };
const question = (over: Partial<RunQuestion> = {}): RunQuestion => ({
  recipeHash: 'wanted',
  policy: 'none',
  userId: 'owner',
  videos: false,
  texts,
  ...over,
});
const done = (over: Partial<KnownImmichPhoto> = {}): KnownImmichPhoto => ({
  state: 'done',
  stat: versionOf(immichAsset()),
  endedRecipe: 'wanted',
  published: 'written',
  ...over,
});
const need = (known: KnownImmichPhoto | undefined, asset: Partial<ImmichAsset> = {}, over: Partial<RunQuestion> = {}) =>
  needsImmichRun(known, immichAsset(asset), question(over));
const told = (found: RunNeed) => (found.run ? 'run' : `${found.state ?? 'as it is'}: ${found.why}`);

test('a photo that is not known yet is run where the policy wants a text, else it is skipped with the reason', () => {
  const rows: readonly [Partial<ImmichAsset>, Partial<RunQuestion>, string][] = [
    [{}, {}, 'run'],
    [{ description: 'OLYMPUS DIGITAL CAMERA' }, {}, 'run'],
    [{ description: 'Rex' }, {}, 'skipped: it has a text that somebody wrote'],
    [{ description: 'Rex' }, { policy: 'all' }, 'run'],
    [{ description: 'Rex' }, { policy: 'missing-ai' }, 'run'],
    [{ description: 'Rex' }, { policy: 'preserve-human' }, 'run'],
    [{ description: '[AI]\nx\n[/AI]' }, {}, 'skipped: it has a text in an [AI] block'],
    [{ description: '[AI]\nx\n[/AI]' }, { policy: 'missing-ai' }, 'skipped: it has a text in an [AI] block'],
    [{ description: '[AI]\nx\n[/AI]' }, { policy: 'all' }, 'run'],
    [{ visibility: 'hidden' }, {}, 'skipped: it is hidden, as the moving half of a live photo is'],
    [{ visibility: 'locked' }, { policy: 'all' }, 'skipped: it is in the locked folder'],
    [{ isTrashed: true }, {}, 'skipped: it is in the trash of Immich'],
    [{ type: 'VIDEO' }, {}, 'skipped: it is no photo'],
    [{ type: 'VIDEO' }, { videos: true }, 'run'],
    [{ ownerId: 'partner' }, {}, "skipped: it is a partner's photo"],
  ];
  const fresh: KnownImmichPhoto = { state: 'new', stat: undefined, endedRecipe: undefined };
  for (const [asset, over, expected] of rows) {
    for (const known of [undefined, fresh, { ...fresh, state: 'skipped' } as const])
      assert.equal(told(need(known, asset, over)), expected, JSON.stringify([asset, over]));
  }
});

test('a finished photo needs nothing while its picture and the recipe are the same', () => {
  for (const description of ['A dog.', 'A dog. Rex!', '', 'OLYMPUS'])
    assert.equal(told(need(done(), { description })), 'as it is: it is described', description);
  assert.equal(
    told(need(done({ endedRecipe: 'old' }), { description: 'A dog.' }, { recipeHash: undefined })),
    'as it is: it is described',
  );
  const { fileBytes: _, ...unread } = immichAsset({ description: 'A dog.' });
  assert.equal(needsImmichRun(done(), unread, question()).run, false);
});

test('another recipe or another picture makes our text anew, and leaves a person’s by the policy', () => {
  const changes = [
    [done({ endedRecipe: 'old' }), {}],
    [done(), { isEdited: true }],
    [done(), { fileModifiedAt: 5 }],
  ] as const;
  for (const [known, asset] of changes) {
    assert.equal(told(need(known, { ...asset, description: 'A dog.' })), 'run');
    assert.equal(told(need(known, { ...asset, description: '' })), 'run');
    assert.equal(told(need(known, { ...asset, description: 'Rex' })), 'as it is: it has a text that somebody wrote');
    assert.equal(told(need(known, { ...asset, description: 'Rex' }, { policy: 'preserve-human' })), 'run');
  }
});

test('what became of our text decides whether the same recipe comes once more', () => {
  const rows: readonly [Partial<KnownImmichPhoto>, string, Partial<RunQuestion>, string][] = [
    [{ published: 'cleared' }, '', {}, 'as it is: a person cleared our text'],
    [{ published: 'cleared', endedRecipe: 'old' }, '', { policy: 'all' }, 'as it is: a person cleared our text'],
    [{ published: 'cleared' }, '', { redo: true }, 'run'],
    [{ published: 'wiped', endedRecipe: 'old' }, '', {}, 'as it is: Immich does not keep what is written there'],
    [{ published: 'wiped' }, '', { redo: true }, 'run'],
    [{ published: 'held' }, '', { firstLook: true }, 'as it is: its text waits for a person to look at it first'],
    [{ published: 'held' }, '', {}, 'run'],
    [{ published: 'held' }, 'Rex', {}, 'as it is: it has a text that somebody wrote'],
    [{ published: 'held', endedRecipe: 'old' }, '', { firstLook: true }, 'run'],
    [{ published: 'undone' }, '', {}, 'as it is: its text was taken back'],
    [{ published: 'undone', endedRecipe: 'old' }, '', {}, 'run'],
    [{ published: 'intended' }, '', {}, 'run'],
    [{ published: 'intended' }, 'A dog.', {}, 'as it is: it is described'],
    [{ published: undefined }, '', {}, 'run'],
    [{ published: 'kept' }, 'Rex', {}, 'as it is: it has a text that somebody wrote'],
    [{ published: 'kept' }, 'Rex', { policy: 'all' }, 'as it is: it has a text that somebody wrote'],
    [{ published: 'kept', endedRecipe: 'old' }, 'Rex', { policy: 'all' }, 'run'],
    [{ published: 'kept' }, 'Rex', { policy: 'preserve-human' }, 'run'],
    [{ published: 'kept' }, '', {}, 'run'],
  ];
  for (const [known, description, over, expected] of rows)
    assert.equal(told(need(done(known), { description }, over)), expected, JSON.stringify([known, description, over]));
});

test('a parked photo stays parked until its picture or the recipe changes, or a person describes it', () => {
  const parked = (over: Partial<KnownImmichPhoto> = {}) => done({ state: 'parked', published: undefined, ...over });
  assert.equal(told(need(parked())), 'as it is: it is parked');
  assert.equal(told(need(parked({ endedRecipe: 'old' }))), 'run');
  assert.equal(told(need(parked({ endedRecipe: undefined }))), 'as it is: it is parked');
  assert.equal(told(need(parked({ endedRecipe: undefined }), { isEdited: true })), 'run');
  assert.equal(told(need(parked(), {}, { redo: true })), 'run');
  assert.equal(told(need(parked(), { description: 'Rex' })), 'skipped: it has a text that somebody wrote');
});

test('a described photo stays described while it is in the trash, and a run that is open looks for itself', () => {
  assert.equal(told(need(done(), { isTrashed: true })), 'as it is: it is in the trash of Immich');
  assert.equal(told(need(done({ state: 'gone' }), { isTrashed: true })), 'as it is: it is in the trash of Immich');
  assert.equal(told(need(done({ state: 'gone' }))), 'run');
  for (const state of ['open', 'waiting'] as const) {
    assert.equal(told(need(done({ state }), { description: 'Rex' })), 'run');
    assert.match(told(need(done({ state }), { visibility: 'hidden' })), /^skipped/);
  }
});

test('under every policy and state a second look after a run that was not needed says the same', () => {
  for (const policy of writePolicies) {
    for (const state of assetStates) {
      for (const published of [undefined, ...publicationStates]) {
        for (const description of ['', 'Rex', 'A dog.', 'OLYMPUS', '[AI]\nx\n[/AI]']) {
          const first = need(done({ state, published }), { description }, { policy });
          if (first.run || first.state === undefined) continue;
          const second = need(done({ state: first.state, published }), { description }, { policy });
          assert.deepEqual(second, first, JSON.stringify([policy, state, published, description]));
        }
      }
    }
  }
});
