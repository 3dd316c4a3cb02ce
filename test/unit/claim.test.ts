import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaimActivities } from '../../activities/claim.ts';
import { canonicalJson, type PromptFacts } from '../../domain/recipe.ts';
import { onlyWanted } from '../../domain/wanted-recipes.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { attempt } from '../support/attempt.ts';
import { createFakeStores } from '../support/fake-stores.ts';

/** What a claim of a photo at this path, with a prompt like this, is keyed by. */
async function keyOf(prompt: string, path: string, facts: PromptFacts) {
  const recipe = { prompt, language: 'en', models: ['m'], numCtx: 4096, numPredict: 256, longSide: 256 };
  const wanted = {
    recipe,
    hash: sha256(canonicalJson({ ...recipe })),
    factsHash: (used: PromptFacts) => sha256(canonicalJson({ ...used })),
  };
  const { descriptions } = createFakeStores();
  const { claimDescription } = createClaimActivities({
    descriptions,
    runs: { isOpen: async () => true },
    wanted: onlyWanted(wanted),
  });
  const asset = { assetId: '1', library: 'pictures', path };
  const claim = await attempt().run(claimDescription, { asset, contentHash: 'c'.repeat(64), facts, owner: 'w' });
  assert.ok(claim.kind !== 'paused');
  return claim.key.factsHash;
}

const known = { takenAt: '2024-05-31T18:04:00', camera: 'Pixel 8', place: '48.86, 2.29' };

test('copies share a text unless the prompt names what tells them apart', async () => {
  const plain = await keyOf('Describe.', '2024/a.jpg', known);
  assert.equal(await keyOf('Describe.', 'b.jpg', { ...known, keywords: ['sea'], existingText: 'Dusk' }), plain);
  assert.notEqual(await keyOf('Describe.', '2024/a.jpg', { ...known, camera: 'other' }), plain);
  for (const [prompt, path, facts] of [
    ['{{file_name}}', '2024/b.jpg', known],
    ['{{folder}}', '2023/a.jpg', known],
    ['{{tags}}', '2024/a.jpg', { ...known, keywords: ['sea'] }],
    ['{{existing_text}}', '2024/a.jpg', { ...known, existingText: 'Dusk' }],
  ] as const) {
    assert.notEqual(await keyOf(prompt, path, facts), await keyOf(prompt, '2024/a.jpg', known), prompt);
  }
  assert.equal(
    await keyOf('{{folder}}', '2024/b.jpg', { ...known, camera: 'other' }),
    await keyOf('{{folder}}', '2024/a.jpg', known),
  );
});

test('the key of a prompt without placeholders is the one that databases hold', async () => {
  // Computed by the code before there were placeholders.
  assert.equal(
    await keyOf('Describe.', 'a.jpg', known),
    'f71d2e34bdb2383f694518b4eec361534ab052b291b2560c006db97b48c8380f',
  );
});

test('nothing of a library that somebody has paused is claimed, until its end by this clock', async () => {
  const recipe = { prompt: 'x', language: 'en', models: ['m'], numCtx: 4096, numPredict: 256, longSide: 256 };
  const wanted = { recipe, hash: 'r', factsHash: () => 'f' };
  const { descriptions } = createFakeStores();
  const pause = { id: 'a', by: 'ada@desk', why: 'sorting', since: Date.now() };
  const claimOf = async (library: string, until?: number) => {
    const target = { kind: 'library', name: 'pictures' } as const;
    const held = { ...pause, target, ...(until !== undefined && { until }) };
    const pauses = { look: async () => ({ pauses: [held], resumed: new Map<string, string>() }) };
    const runs = { isOpen: async () => true };
    const { claimDescription } = createClaimActivities({ descriptions, runs, wanted: onlyWanted(wanted), pauses });
    const asset = { assetId: '1', library, path: 'a.jpg' };
    return await attempt().run(claimDescription, { asset, contentHash: 'c'.repeat(64), facts: {}, owner: 'w' });
  };
  const paused = await claimOf('pictures');
  assert.ok(paused.kind === 'paused');
  assert.match(paused.why, /^library pictures paused by ada@desk \(sorting\) since/);
  const until = Date.now() + 60_000;
  assert.deepEqual({ ...(await claimOf('pictures', until)), why: '' }, { kind: 'paused', why: '', until });
  assert.equal((await claimOf('pictures', Date.now() - 1)).kind, 'mine');
  assert.equal((await claimOf('others')).kind, 'mine');
});
