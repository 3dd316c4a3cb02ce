import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hashOf, sampleDescription, sampleKey, structuredDescription } from '../support/store-samples.ts';
import type { Stores } from './asset-store.suite.ts';

const recipe = {
  prompt: 'Describe it.',
  language: 'en',
  models: ['qwen3-vl', 'gemma3'],
  numCtx: 4096,
  numPredict: 384,
  longSide: 1344,
};

/** What every DescriptionStore promises. `open` gives empty stores. */
export function descriptionStoreSuite(name: string, open: () => Promise<Stores>): void {
  describe(`description store: ${name}`, () => {
    recipesAndAnswers(open);
    claims(open);
  });
}

function recipesAndAnswers(open: () => Promise<Stores>): void {
  test('a recipe is written down once and stays as it was', async () => {
    const { descriptions } = await open();
    assert.equal(await descriptions.recipe(hashOf('r')), undefined);
    await descriptions.ensureRecipe(hashOf('r'), recipe);
    await descriptions.ensureRecipe(hashOf('r'), { ...recipe, prompt: 'Something else.' });
    assert.deepEqual(await descriptions.recipe(hashOf('r')), recipe);
    await descriptions.ensureRecipe(hashOf('json'), { ...recipe, output: 'json' });
    assert.deepEqual(await descriptions.recipe(hashOf('json')), { ...recipe, output: 'json' });
    await descriptions.ensureRecipe(hashOf('facts'), { ...recipe, facts: ['date', 'albums'] });
    assert.deepEqual(await descriptions.recipe(hashOf('facts')), { ...recipe, facts: ['date', 'albums'] });
  });

  test('a structured answer comes back whole, from whoever asks, also one with no tags', async () => {
    const { descriptions } = await open();
    const structured = structuredDescription('A boat.');
    const bare = { ...structured, tags: [], textInImage: '' };
    await descriptions.save(sampleKey('a'), structured);
    await descriptions.save(sampleKey('b'), bare);
    assert.deepEqual(await descriptions.find(sampleKey('a')), structured);
    assert.deepEqual(await descriptions.claim(sampleKey('a'), 'me'), { kind: 'known', description: structured });
    assert.deepEqual(await descriptions.find(sampleKey('b')), bare);
    const odd = { ...structured, tags: ['nul\0', 'half \uD83C'], textInImage: '\0' };
    await descriptions.save(sampleKey('c'), odd);
    const { tags, textInImage } = (await descriptions.find(sampleKey('c'))) ?? {};
    assert.deepEqual({ tags, textInImage }, { tags: ['nul', 'half \uFFFD'], textInImage: '' });
  });

  test('an answer is found under its whole key only, with absent figures absent', async () => {
    const { descriptions } = await open();
    const bare = { text: 'A boat.', model: 'm', host: 'http://h', simulated: true, totalMs: 1 };
    await descriptions.save(sampleKey('a'), bare);
    assert.deepEqual(await descriptions.find(sampleKey('a')), bare);
    assert.equal(await descriptions.find({ ...sampleKey('a'), contentHash: hashOf('b') }), undefined);
    assert.equal(await descriptions.find({ ...sampleKey('a'), recipeHash: hashOf('b') }), undefined);
    assert.equal(await descriptions.find({ ...sampleKey('a'), factsHash: hashOf('b') }), undefined);
    await descriptions.save(sampleKey('b'), sampleDescription('A cat.'));
    assert.deepEqual(await descriptions.find(sampleKey('b')), sampleDescription('A cat.'));
  });

  test('the first answer stays', async () => {
    const { descriptions } = await open();
    await Promise.all([1, 2, 3, 4, 5].map((turn) => descriptions.save(sampleKey('a'), sampleDescription(`${turn}`))));
    const first = await descriptions.find(sampleKey('a'));
    await descriptions.save(sampleKey('a'), sampleDescription('late'));
    assert.deepEqual(await descriptions.find(sampleKey('a')), first);
  });
}

function claims(open: () => Promise<Stores>): void {
  test('of 20 that claim at once exactly one gets it, and the others are told who', async () => {
    const { descriptions } = await open();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`);
      const answers = await Promise.all(owners.map((owner) => descriptions.claim(sampleKey(name), owner)));
      const winners = owners.filter((_, index) => answers[index]?.kind === 'mine');
      assert.equal(winners.length, 1);
      const held = answers.filter((answer) => answer.kind === 'held').map(({ owner }) => owner);
      assert.deepEqual(
        held,
        Array.from({ length: 19 }, () => winners[0]),
      );
    }
  });

  test('who holds a claim gets it again', async () => {
    const { descriptions } = await open();
    assert.deepEqual(await descriptions.claim(sampleKey('a'), 'me'), { kind: 'mine' });
    assert.deepEqual(await descriptions.claim(sampleKey('a'), 'me'), { kind: 'mine' });
    assert.deepEqual(await descriptions.claim(sampleKey('a'), 'you'), { kind: 'held', owner: 'me' });
  });

  test('what is known is told to everybody, also while it is still claimed', async () => {
    const { descriptions } = await open();
    await descriptions.claim(sampleKey('a'), 'me');
    await descriptions.save(sampleKey('a'), sampleDescription('A boat.'));
    for (const owner of ['me', 'you']) {
      const answer = await descriptions.claim(sampleKey('a'), owner);
      assert.deepEqual(answer, { kind: 'known', description: sampleDescription('A boat.') });
    }
  });

  test('a claim passes on only from who still holds it', async () => {
    const { descriptions } = await open();
    await descriptions.claim(sampleKey('a'), 'dead');
    await descriptions.takeOver(sampleKey('a'), 'somebody else', 'thief');
    assert.deepEqual(await descriptions.claim(sampleKey('a'), 'thief'), { kind: 'held', owner: 'dead' });
    await Promise.all(['one', 'two'].map((to) => descriptions.takeOver(sampleKey('a'), 'dead', to)));
    const answers = await Promise.all(['one', 'two'].map((owner) => descriptions.claim(sampleKey('a'), owner)));
    assert.deepEqual(answers.map(({ kind }) => kind).sort(), ['held', 'mine']);
  });
}
