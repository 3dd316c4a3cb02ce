import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaimActivities } from '../../activities/claim.ts';
import { TransientError } from '../../domain/errors.ts';
import type { ImmichRecord, OpenImmich } from '../../domain/immich-store.ts';
import { renderPrompt } from '../../domain/prompt.ts';
import { wantedHashIn } from '../../domain/wanted-recipes.ts';
import { loadSettings } from '../../runtime/config.ts';
import { createWantedRecipes } from '../../workers/wanted-recipes.ts';
import { attempt } from '../support/attempt.ts';
import { createFakeImmich } from '../support/fake-immich.ts';
import { createFakeStores } from '../support/fake-stores.ts';

/** The libraries of people who read these languages; undefined: whose key is whose is not known yet. */
function immichsIn(languages: Readonly<Record<string, string | undefined>>) {
  let asked = 0;
  const open = (name: string, language: string): OpenImmich => {
    const record: ImmichRecord = {
      id: '1',
      name,
      root: 'r',
      kind: 'immich',
      ownerId: 'o',
      keySha: 'k',
      firstLook: 'over',
    };
    return { ...createFakeImmich(record).open, language };
  };
  return {
    asked: () => asked,
    async of(library: string) {
      asked += 1;
      if (!Object.hasOwn(languages, library)) return undefined;
      const language = languages[library];
      if (language === undefined) throw new TransientError('ImmichUnavailable', 'not known yet');
      return open(library, language);
    },
    async languages() {
      asked += 1;
      return new Map(Object.entries(languages).flatMap(([name, code]) => (code === undefined ? [] : [[name, code]])));
    },
  };
}
const two = { IMMICH_API_URL: 'http://immich', IMMICH_API_KEY: 'a,b' };

test('recipes have the hashes that databases hold', () => {
  // Computed by the code before libraries had languages.
  const rows = [
    [{}, '6d56e897d5c388d6368c155507c44ef73a1b4acae7210849fc2ceaf66d1644d7'],
    [{ VISION_LANGUAGE: 'ru' }, '4780e4ab370fcb806f2121133347e2ba39565448e0b33f7485ce8674e21925b9'],
    [
      { VISION_PROMPT: 'Describe.', VISION_LANGUAGE: 'de', VISION_FALLBACK_MODEL: 'small', VISION_OUTPUT: 'json' },
      '6b3c1610078c5915090b2becb130eec7e5211dcbf787123274ea96234c077748',
    ],
  ] as const;
  for (const [env, hash] of rows)
    assert.equal(createWantedRecipes(loadSettings(env), immichsIn({})).usual.hash, hash, JSON.stringify(env));
});

test('a language of one user is the recipe that it would be for everybody', async () => {
  const immichs = immichsIn({ 'immich-ana': 'en', 'immich-boris': 'ru', 'immich-carl': 'de' });
  const wanted = createWantedRecipes(
    loadSettings({ ...two, IMMICH_API_KEY: 'a,b,c', IMMICH_LANGUAGE: 'en, ru,de' }),
    immichs,
  );
  const inAll = (language: string) =>
    createWantedRecipes(loadSettings({ VISION_LANGUAGE: language }), immichsIn({})).usual.hash;
  const hashOf = async (library: string) => (await wanted.of(library)).hash;
  assert.equal(await hashOf('immich-ana'), inAll('en'));
  assert.equal(await hashOf('immich-boris'), inAll('ru'));
  assert.equal(await hashOf('immich-carl'), inAll('de'));
  assert.equal(await hashOf('pictures'), inAll('en'), 'a folder is described as ever');
  const hashes = await wanted.hashes();
  assert.deepEqual(hashes, {
    usual: inAll('en'),
    libraries: { 'immich-boris': inAll('ru'), 'immich-carl': inAll('de') },
  });
  assert.equal(wantedHashIn(hashes, 'immich-boris'), inAll('ru'));
  assert.equal(wantedHashIn(hashes, 'constructor'), inAll('en'));
  // There is a question of its own in Russian; German is asked for in English.
  assert.match(renderPrompt((await wanted.of('immich-boris')).recipe, {}), /^Опишите .*Answer in Russian\.$/s);
  assert.match(renderPrompt((await wanted.of('immich-carl')).recipe, {}), /^Describe .*Answer in German\.$/s);
});

test('where all read the same language nobody is asked whose library it is', async () => {
  for (const IMMICH_LANGUAGE of ['', 'ru', 'ru,ru']) {
    const immichs = immichsIn({ immich: undefined });
    const wanted = createWantedRecipes(loadSettings({ ...two, VISION_LANGUAGE: 'ru', IMMICH_LANGUAGE }), immichs);
    assert.equal((await wanted.of('immich')).recipe.language, 'ru');
    assert.deepEqual(await wanted.hashes(), { usual: wanted.usual.hash, libraries: {} });
    assert.equal(immichs.asked(), 0);
  }
});

test('nothing is claimed in a language that may be the wrong one', async () => {
  const immichs = immichsIn({ immich: undefined });
  const wanted = createWantedRecipes(loadSettings({ ...two, IMMICH_LANGUAGE: 'en,ru' }), immichs);
  await assert.rejects(wanted.of('immich'), { code: 'ImmichUnavailable' });
  assert.deepEqual((await wanted.hashes()).libraries, {});
});

test('each library claims under its own recipe, which is written down first', async () => {
  const { descriptions } = createFakeStores();
  const immichs = immichsIn({ 'immich-ana': 'en', 'immich-boris': 'ru' });
  const wanted = createWantedRecipes(loadSettings({ ...two, IMMICH_LANGUAGE: 'en,ru' }), immichs);
  const { claimDescription } = createClaimActivities({ descriptions, runs: { isOpen: async () => true }, wanted });
  const claimOf = async (library: string) => {
    const asset = { assetId: '1', library, path: 'a.jpg' };
    const input = { asset, contentHash: 'c'.repeat(64), facts: {}, owner: library };
    const claim = await attempt().run(claimDescription, input);
    assert.equal(claim.kind, 'mine', 'the same bytes in another language are another description');
    return 'key' in claim ? claim.key.recipeHash : '';
  };
  for (const [library, language] of [
    ['immich-ana', 'en'],
    ['immich-boris', 'ru'],
  ] as const)
    assert.equal((await descriptions.recipe(await claimOf(library)))?.language, language);
});

test('languages are for all, or for each key', () => {
  for (const IMMICH_LANGUAGE of ['', 'de', 'de,ru'])
    assert.doesNotThrow(() => loadSettings({ ...two, IMMICH_LANGUAGE }));
  assert.throws(
    () => loadSettings({ ...two, IMMICH_LANGUAGE: 'de,ru,en' }),
    /IMMICH_LANGUAGE: names 3 languages for 2 users; one for all, or one for each/,
  );
  assert.throws(() => loadSettings({ ...two, IMMICH_LANGUAGE: 'd' }), /IMMICH_LANGUAGE/);
});
