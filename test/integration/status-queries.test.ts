import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createStatusQueries } from '../../adapters/postgres/status-queries.ts';
import type { AssetStore, LibraryRecord, Registered } from '../../domain/ports.ts';
import type { ExportRow } from '../../domain/status.ts';
import {
  done,
  finished,
  hashOf,
  parked,
  sampleContent,
  sampleDescription,
  sampleFile,
  sampleKey,
  sampleStat,
  structuredDescription,
} from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';

async function open(t: TestContext) {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 4 });
  t.after(() => database.close());
  const assets = createAssetStore({ database });
  const library = await assets.ensureLibrary({ name: 'pictures', root: '/home/me/Pictures' });
  const descriptions = createDescriptionStore({ database });
  return { database, assets, descriptions, library, status: createStatusQueries({ database }) };
}

const register = (assets: AssetStore, library: LibraryRecord, paths: readonly string[]) =>
  assets.register(
    library,
    paths.map((path) => sampleFile(path, path.endsWith('.cr3') ? { kind: 'unsupported' } : {})),
    hashOf('recipe'),
  );

async function describeAll(assets: AssetStore, page: readonly Registered[]): Promise<void> {
  for (const { asset } of page) {
    await assets.rememberContent(asset, sampleStat(), sampleContent(asset.path));
    await assets.finishRun(finished(asset, done(asset.path)));
  }
}

test('photos are counted by library and state, also where there are none', async (t) => {
  const { assets, library, status } = await open(t);
  const empty = await assets.ensureLibrary({ name: 'empty', root: '/empty' });
  const [a, b, c] = await register(assets, library, ['a.jpg', 'b.jpg', 'c.jpg', 'd.cr3', 'e.jpg']);
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  await describeAll(assets, [a]);
  await assets.finishRun(finished(b.asset, parked()));
  await assets.markWaiting(c.asset.assetId, 'still growing');
  const none = { new: 0, open: 0, waiting: 0, done: 0, parked: 0, gone: 0, unsupported: 0, skipped: 0 };
  assert.deepEqual(await status.counts(), [
    {
      library,
      counts: { ...none, new: 1, waiting: 1, done: 1, parked: 1, unsupported: 1 },
      outdated: { done: 0, parked: 0 },
      peopleChanged: 0,
    },
    { library: empty, counts: none, outdated: { done: 0, parked: 0 }, peopleChanged: 0 },
  ]);
});

test('photos that were described or parked under another recipe than the wanted one are told apart', async (t) => {
  const { assets, library, status } = await open(t);
  const [a, b, c, d] = await register(assets, library, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
  assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
  await describeAll(assets, [a, b]);
  await assets.finishRun(finished(c.asset, parked({ key: sampleKey('c') })));
  // Parked before a recipe was chosen: no other recipe gives it a fresh start.
  await assets.finishRun(finished(d.asset, parked()));
  const outdated = async (recipe: string) =>
    (await status.counts({ usual: hashOf(recipe), libraries: {} }))[0]?.outdated;
  assert.deepEqual(await outdated('recipe'), { done: 0, parked: 0 });
  assert.deepEqual(await outdated('another'), { done: 2, parked: 1 });
  const own = { usual: hashOf('another'), libraries: { pictures: hashOf('recipe') } };
  assert.deepEqual((await status.counts(own))[0]?.outdated, { done: 0, parked: 0 });
});

test('what photos wait for and why they are parked is grouped, the most frequent first', async (t) => {
  const { assets, library, status } = await open(t);
  const page = await register(assets, library, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']);
  for (const [index, { asset }] of page.entries()) {
    await assets.markWaiting(asset.assetId, index === 0 ? 'held' : 'still growing');
  }
  const waiting = await status.waitingReasons();
  assert.deepEqual(
    waiting.map(({ library: name, reason, count }) => [name, reason, count]),
    [
      ['pictures', 'still growing', 4],
      ['pictures', 'held', 1],
    ],
  );
  assert.ok(Math.abs(Date.now() - (waiting[0]?.since ?? 0)) < 3_600_000);
  assert.equal((await status.waitingReasons(1)).length, 1);
  const codes = ['Undecodable', 'EmptyAnswer', 'EmptyAnswer'];
  for (const [index, code] of codes.entries()) {
    const asset = page[index]?.asset ?? { assetId: '', library: '', path: '' };
    const failure = { step: 'describe', code, reason: `${code} ${index}`, tries: [] };
    await assets.finishRun(finished(asset, parked({ failure }), { endedAt: 1_700_000_000_000 + index }));
  }
  assert.deepEqual(await status.parkedByCode(), [
    { code: 'EmptyAnswer', count: 2, reason: 'EmptyAnswer 2', example: page[2]?.asset },
    { code: 'Undecodable', count: 1, reason: 'Undecodable 0', example: page[0]?.asset },
  ]);
  const other = await assets.ensureLibrary({ name: 'scans', root: '/scans' });
  const [scan] = await register(assets, other, ['a.jpg']);
  assert.ok(scan !== undefined);
  await assets.finishRun(
    finished(scan.asset, parked({ failure: { step: 'describe', code: 'EmptyAnswer', reason: 'mine', tries: [] } })),
  );
  assert.deepEqual(
    (await status.parkedByCode()).map(({ code, count, reason, example }) => [example.library, code, count, reason]),
    [
      ['pictures', 'EmptyAnswer', 2, 'EmptyAnswer 2'],
      ['scans', 'EmptyAnswer', 1, 'mine'],
      ['pictures', 'Undecodable', 1, 'Undecodable 0'],
    ],
  );
});

test('the recent rate counts what was finished in the window, and says how long that took', async (t) => {
  const { database, descriptions, status } = await open(t);
  assert.deepEqual(await status.recentRate(), { finished: 0, spanMs: 0 });
  for (const name of ['old', 'b', 'c']) await descriptions.save(sampleKey(name), sampleDescription(name));
  const age = (name: string, minutes: number) =>
    database.run(
      (sql) => sql`
        update darkroom.description set created = now() - ${minutes}::float8 * interval '1 minute'
        where content_hash = ${hashOf(name)}`,
    );
  await age('old', 11);
  await age('b', 4);
  const { finished: count, spanMs } = await status.recentRate();
  assert.equal(count, 2);
  assert.ok(spanMs >= 240_000 && spanMs < 600_000, String(spanMs));
});

test('a photo is found by its path, its absolute path, the end of its path, and its name', async (t) => {
  const { assets, library, status } = await open(t);
  const other = await assets.ensureLibrary({ name: 'scans', root: '/scans/' });
  const page = await register(assets, library, ['a.jpg', 'trip/a.jpg', 'trip/day 1/a.jpg', '100%_\\x.jpg']);
  await register(assets, other, ['a.jpg']);
  await describeAll(assets, page.slice(1, 2));
  const find = async (path: string) =>
    (await status.findByPath(path)).map(({ match, asset }) => `${match} ${asset.library}/${asset.path}`);
  assert.deepEqual(await find('trip/a.jpg'), ['exact pictures/trip/a.jpg']);
  assert.deepEqual(await find('./trip/a.jpg'), ['exact pictures/trip/a.jpg']);
  assert.deepEqual(await find('/home/me/Pictures/trip/a.jpg'), ['exact pictures/trip/a.jpg']);
  assert.deepEqual(await find('/scans/a.jpg'), ['exact scans/a.jpg']);
  assert.deepEqual(await find('a.jpg'), ['exact pictures/a.jpg', 'exact scans/a.jpg']);
  assert.deepEqual(await find('day 1/a.jpg'), ['suffix pictures/trip/day 1/a.jpg']);
  assert.equal((await find('elsewhere/a.jpg')).length, 4);
  assert.match((await find('elsewhere/a.jpg'))[0] ?? '', /^name /);
  assert.deepEqual(await find('100%_\\x.jpg'), ['exact pictures/100%_\\x.jpg']);
  for (const nothing of ['b.jpg', '', '/', '.jpg', 'nul\0.jpg']) assert.deepEqual(await find(nothing), []);
  assert.equal((await status.findByPath('elsewhere/a.jpg', 2)).length, 2);
});

test('a photo that is found says all that is known of it', async (t) => {
  const { assets, library, status } = await open(t);
  const page = await register(assets, library, ['a.jpg', 'b.jpg']);
  await describeAll(assets, page.slice(0, 1));
  await assets.markWaiting(page[1]?.asset.assetId ?? '', 'no preview');
  const [a] = await status.findByPath('a.jpg');
  assert.ok(a?.description !== undefined);
  const { created, recipeHash, ...description } = a.description;
  assert.deepEqual(description, sampleDescription('about a.jpg'));
  assert.equal(recipeHash, hashOf('recipe'));
  assert.ok(Math.abs(Date.now() - created) < 3_600_000);
  assert.deepEqual(a.content, sampleContent('a.jpg'));
  assert.equal(a.root, '/home/me/Pictures');
  assert.deepEqual(Buffer.from(a.rawPath), Buffer.from('a.jpg'));
  const [b] = await status.findByPath('b.jpg');
  assert.deepEqual(
    [b?.state, b?.waitingReason, b?.content, b?.description],
    ['waiting', 'no preview', undefined, undefined],
  );
});

test('an export has every described photo once, over several pages, also while photos are added', async (t) => {
  const { assets, descriptions, library, status } = await open(t);
  const other = await assets.ensureLibrary({ name: 'scans', root: '/scans' });
  const paths = Array.from({ length: 1_203 }, (_, index) => `${String(index).padStart(4, '0')}.jpg`);
  const page = await register(assets, library, paths);
  // All copies of one photo: one description, named by each.
  const finish = ({ asset }: Registered) => assets.finishRun(finished(asset, done('one')));
  await Promise.all(page.slice(0, -1).map(finish));
  await Promise.all((await register(assets, other, ['scan.jpg'])).map(finish));
  const rows: ExportRow[] = [];
  for await (const row of status.exportRows({ library: 'pictures' })) {
    if (rows.length === 0) await Promise.all((await register(assets, library, ['late.jpg'])).map(finish));
    rows.push(row);
  }
  assert.deepEqual(
    rows.map(({ path }) => path),
    [...paths.slice(0, -1), 'late.jpg'],
  );
  assert.equal(new Set(rows.map(({ description }) => description)).size, 1);
  const all: ExportRow[] = [];
  for await (const row of status.exportRows()) all.push(row);
  assert.equal(all.length, 1_204);
  assert.equal((await descriptions.find(sampleKey('one')))?.text, all[0]?.description);
});

test('an export has the tags, the text in the picture and the safety of structured answers, and none for others', async (t) => {
  const { assets, library, status } = await open(t);
  const [a, b] = await register(assets, library, ['a.jpg', 'b.jpg']);
  assert.ok(a !== undefined && b !== undefined);
  const structured = structuredDescription('A boat.');
  await assets.finishRun(finished(a.asset, done('a', 'A boat.', structured)));
  await describeAll(assets, [b]);
  const rows: ExportRow[] = [];
  for await (const row of status.exportRows()) rows.push(row);
  const { tags, textInImage, safety } = structured;
  const [{ tags: gotTags, textInImage: gotText, safety: gotSafety } = {}, plain = {}] = rows;
  assert.deepEqual([gotTags, gotText, gotSafety], [tags, textInImage, safety]);
  assert.ok(!('tags' in plain) && !('textInImage' in plain) && !('safety' in plain));
  const [found] = await status.findByPath('a.jpg');
  assert.deepEqual(found?.description?.tags, tags);
  assert.deepEqual(found?.description?.textInImage, textInImage);
});

test('an export that is called off ends with the reason', async (t) => {
  const { assets, library, status } = await open(t);
  await describeAll(assets, await register(assets, library, ['a.jpg']));
  const rows = status.exportRows({ signal: AbortSignal.abort(new Error('called off')) });
  await assert.rejects(async () => {
    for await (const row of rows) assert.fail(row.path);
  }, /called off/);
});
