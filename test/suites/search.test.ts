import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createImmichStore } from '../../adapters/postgres/immich-store.ts';
import { createPhotoSearch } from '../../adapters/postgres/search.ts';
import { type PhotoQuery, searchTerms } from '../../domain/search.ts';
import type { Description } from '../../domain/description.ts';
import { peopleStores, personWith } from '../support/people-scene.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import {
  finished,
  hashOf,
  registerOne,
  sampleContent,
  sampleDescription,
  sampleFile,
  sampleStat,
} from '../support/store-samples.ts';

let database: Database;
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 4 });
});
after(() => database.close());

const recipe = { prompt: 'Describe.', models: ['m'], numCtx: 1, numPredict: 1, longSide: 1 };

interface Told extends Partial<Description> {
  readonly language?: string;
  readonly takenAt?: string;
  readonly library?: string;
}

async function open() {
  await emptyTables(database);
  const assets = createAssetStore({ database });
  const descriptions = createDescriptionStore({ database });
  const search = createPhotoSearch({ database });
  /** A photo that was described so. */
  const photo = async (name: string, text: string, told: Told = {}): Promise<string> => {
    const { language = 'en', takenAt, library: libraryName = 'pictures', ...more } = told;
    const library = await assets.ensureLibrary({ name: libraryName, root: `/${libraryName}` });
    const { asset } = await registerOne(assets, library, sampleFile(`${name}.jpg`));
    const { capture, ...content } = sampleContent(name);
    const { takenAt: _none, ...rest } = capture;
    const dated = { ...content, capture: { ...rest, ...(takenAt !== undefined && { takenAt }) } };
    await assets.rememberContent(asset, sampleStat(), dated);
    await descriptions.ensureRecipe(hashOf(language), { ...recipe, language });
    const key = { contentHash: hashOf(name), recipeHash: hashOf(language), factsHash: hashOf(text) };
    const description = { ...sampleDescription(text), ...more };
    await assets.finishRun(finished(asset, { outcome: 'done', key, description }));
    return asset.assetId;
  };
  const found = async (words: string, over: Partial<PhotoQuery> = {}) => {
    const { photos } = await search.find({ terms: searchTerms(words), limit: 50, ...over });
    return photos.map(({ asset }) => asset.path.replace('.jpg', '')).join(' ');
  };
  return { assets, search, photo, found, people: peopleStores(database) };
}

test('each description is searched in its own language: other forms of a word find it too', async () => {
  const { photo, found } = await open();
  await photo('sea', 'Two children are running along the beaches of Norway.');
  await photo('meer', 'Zwei Kinder laufen über die Strände der Ostsee.', { language: 'de-AT' });
  await photo('more', 'Дети бегут по берегу моря.', { language: 'ru' });
  await photo('odd', 'Lapset juoksevat Rannalla', { language: 'Klingon' });
  assert.equal(await found('beach run'), 'sea');
  assert.equal(await found('Strand kind'), 'meer');
  assert.equal(await found('море'), 'more');
  assert.equal(await found('rannalla'), 'odd');
  assert.equal(await found('ranta'), '');
});

test('all words are wanted, phrases as they stand, and what has a minus is not', async () => {
  const { photo, found } = await open();
  await photo('a', 'A red boat in the old harbour, with a dog.');
  await photo('b', 'A blue boat. The harbour is old.');
  assert.equal(await found('harbour boat'), 'b a');
  assert.equal(await found('"old harbour"'), 'a');
  assert.equal(await found('boat -dog'), 'b');
  assert.equal(await found('boat car'), '');
  assert.equal(await found('the'), '');
  assert.equal(await found(`'"); drop table x; --`), '');
  assert.equal(await found('boat & | ! <-> :* ( \\ %'), 'b a');
});

test('tags and the text in the picture are found, and characters of languages without blanks', async () => {
  const { photo, found } = await open();
  await photo('sign', 'A street sign.', { tags: ['traffic'], textInImage: 'Rue de Rivoli' });
  await photo('kyoto', '京都の古い寺の前で二人が笑っている。', { language: 'ja' });
  assert.equal(await found('traffic rivoli'), 'sign');
  assert.equal(await found('古い寺'), 'kyoto');
  assert.equal(await found('寺古い'), '');
});

test('the description that counts is the one the photo has now', async () => {
  const { photo, found } = await open();
  await photo('a', 'A cat on a chair.');
  await photo('a', 'A dog on a sofa.', { language: 'de' });
  assert.equal(await found('chair'), '');
  assert.equal(await found('sofa'), 'a');
});

test('a name finds photos with that face, with other words of the text beside it', async () => {
  const { photo, found, people, search } = await open();
  await photo('a1', 'Two people on a beach.');
  await photo('a2', 'A woman in a kitchen.');
  await photo('b1', 'Anna is written on a wall.');
  const anna = await personWith(people, 'Anna María', ['a1', 'a2']);
  assert.equal(await found('anna'), 'b1 a2 a1');
  assert.equal(await found('anna beach'), 'a1');
  assert.equal(await found('"anna maría" beach'), 'a1');
  assert.equal(await found('-anna people'), '');
  assert.equal(await found('ann'), '');
  assert.deepEqual(await search.peopleNamed('ANNA'), [{ personId: anna.personId, name: 'Anna María' }]);
  const only = { terms: searchTerms(''), people: { personIds: [anna.personId] } };
  assert.equal(await found('', only), 'a2 a1');
  const { photos } = await search.find({ ...only, limit: 1 });
  assert.deepEqual(photos[0]?.people, [{ personId: anna.personId, name: 'Anna María' }]);
});

test('beside a name, words that a language does not search for ask for nothing', async () => {
  const { photo, found, people } = await open();
  await photo('a1', 'Two people on a beach.');
  await photo('a2', 'Zwei Frauen am Strand.', { language: 'de' });
  await photo('b1', 'A dog.');
  await people.photo('pictures', 'a3');
  await personWith(people, 'Anna', ['a1', 'a2', 'a3']);
  const { personId } = await personWith(people, 'Ben', ['b1']);
  const box = { x: 0.7, y: 0.7, width: 0.1, height: 0.1 };
  await people.faces.addManual({ contentHash: hashOf('a1'), model: 'buffalo_l', box, personId });
  assert.equal(await found('Anna and Ben'), 'a1');
  assert.equal(await found('with Anna'), 'a3 a1');
  assert.equal(await found('mit Anna'), 'a3 a2');
  assert.equal(await found('and Anna beach'), 'a1');
  assert.equal(await found('the'), '');
});

test('who was merged is found as their heir, and who is hidden is not told', async () => {
  const { photo, found, people, search } = await open();
  await photo('a', 'A beach.');
  await photo('b', 'A beach.');
  const a = await personWith(people, 'Ann', ['a']);
  const b = await personWith(people, 'Beate', ['b']);
  await people.merges.merge({ sources: [a.personId], target: b.personId });
  assert.equal(await found('', { people: { personIds: [a.personId] } }), 'b a');
  await people.people.change(b.personId, { hidden: true });
  const { photos } = await search.find({ limit: 5 });
  assert.deepEqual(
    photos.map((one) => one.people),
    [[], []],
  );
});

test('in an Immich, whose people are not ours, a person is who the description names', async () => {
  const { photo, found, search } = await open();
  const record = await createImmichStore({ database }).ensure({
    name: 'immich',
    root: '/immich',
    ownerId: 'u',
    keySha: hashOf('key'),
    firstLook: 'over',
  });
  await photo('2f1d2c3b-1111-4222-8333-944455566677/a', 'Anna swims.', { library: record.name });
  await photo('b', 'Anna swims too.');
  const people = { personIds: [], name: 'Anna' };
  const { photos } = await search.find({ people, limit: 5 });
  assert.deepEqual(
    photos.map(({ asset, kind, root }) => [asset.library, kind, root]),
    [['immich', 'immich', '/immich']],
  );
  assert.equal(await found('anna'), `b 2f1d2c3b-1111-4222-8333-944455566677/a`);
});

test('library, state and time narrow it, and the newest comes first', async () => {
  const { photo, found } = await open();
  await photo('old', 'A lake.', { takenAt: '2019-07-01T10:00:00' });
  await photo('none', 'A lake.');
  await photo('new', 'A lake.', { takenAt: '2024-12-31T23:59:59', library: 'other' });
  assert.equal(await found('lake'), 'new old none');
  assert.equal(await found('lake', { takenFrom: '2020' }), 'new');
  assert.equal(await found('lake', { takenBefore: '2024-12-31' }), 'old');
  assert.equal(await found('lake', { takenFrom: '2024-12-31', takenBefore: '2025' }), 'new');
  assert.equal(await found('lake', { library: 'other' }), 'new');
  assert.equal(await found('lake', { library: "x' or true --" }), '');
  assert.equal(await found('lake', { state: 'parked' }), '');
  assert.equal(await found('', { terms: searchTerms('') }), 'old none new');
});

test('pages hold each photo once, whatever comes between them', async () => {
  const { photo, search } = await open();
  for (let at = 0; at < 7; at += 1) {
    await photo(`p${at}`, 'A lake.', at % 3 === 0 ? {} : { takenAt: `2024-0${(at % 2) + 1}-01T00:00:00` });
  }
  for (const terms of [searchTerms('lake'), searchTerms('')]) {
    const seen: string[] = [];
    let next: PhotoQuery['after'];
    do {
      const page = await search.find({ terms, limit: 2, ...(next !== undefined && { after: next }) });
      assert.ok(page.photos.length > 0);
      seen.push(...page.photos.map(({ asset }) => asset.path));
      next = page.next;
    } while (next !== undefined);
    assert.equal(seen.length, 7);
    assert.equal(new Set(seen).size, 7);
  }
});

test('a snippet is the part of the text where the words stand', async () => {
  const { photo, search } = await open();
  await photo(
    'long',
    `${'Many other things are said first. '.repeat(30)}A heron stands in the reeds. ${'And more. '.repeat(30)}`,
  );
  const { photos } = await search.find({ terms: searchTerms('heron'), limit: 1 });
  assert.match(photos[0]?.snippet ?? '', /heron/);
  assert.ok((photos[0]?.snippet ?? '').length < 300);
  assert.equal((await search.find({ limit: 1 })).photos[0]?.snippet, undefined);
});

test('what was described before there was search is gone through page by page, the newest first', async () => {
  const { photo, found, search } = await open();
  for (const name of ['a', 'b', 'c']) await photo(name, 'A lake.');
  await database.run((sql) => sql`truncate darkroom.description_words`);
  await database.run(
    (sql) => sql`
      insert into darkroom.control (key, value) select 'search', jsonb_build_object('before', max(id) + 1) from darkroom.description`,
  );
  await photo('d', 'A lake.');
  assert.equal(await found('lake'), 'd');
  assert.equal(await search.unsearchable(), 3);
  assert.equal(await search.fill(2), 2);
  assert.equal(await found('lake'), 'd c b');
  assert.equal(await search.unsearchable(), 1);
  assert.deepEqual((await Promise.all([search.fill(2), search.fill(2)])).toSorted(), [0, 1]);
  assert.equal(await found('lake'), 'd c b a');
  assert.equal(await search.fill(2), 0);
  assert.equal(await search.unsearchable(), 0);
});

test('a text that cannot be searched is kept all the same', async () => {
  const { photo, found } = await open();
  await photo('a', 'A lake.', {
    textInImage: `${'x'.repeat(3_000)} end`,
    tags: Array.from({ length: 9_000 }, (_, at) => `tag${at}`),
  });
  assert.equal(await found('lake tag7'), 'a');
  await database.run((sql) => sql`alter table darkroom.description_words add constraint never check (false) not valid`);
  try {
    await photo('b', 'A lake.');
  } finally {
    await database.run((sql) => sql`alter table darkroom.description_words drop constraint never`);
  }
  const rows = await database.rows(z.object({ text: z.string() }), (sql) => sql`select text from darkroom.description`);
  assert.equal(rows.length, 2);
});

test('every language that has a name here has a configuration that this server knows', async () => {
  const rows = await database.rows(
    z.object({ code: z.string(), config: z.string(), known: z.boolean() }),
    (sql) => sql`
      select code, darkroom.search_config(code) as config,
        exists (select from pg_ts_config where cfgname = darkroom.search_config(code)) as known
      from unnest(string_to_array('en,en-gb,en_US,EN,de,de-AT,German,german,pt_BR,zh-hans,zh,ja,ru,nb,no,ar,eo,e,,d,deutsch,dex', ',')) code`,
  );
  assert.deepEqual(
    rows.filter(({ known }) => !known),
    [],
  );
  assert.equal(
    rows.map(({ config }) => config.slice(0, 2)).join(' '),
    'en en en en ge ge ge ge po si si si ru no no ar si si si si si si',
  );
});
