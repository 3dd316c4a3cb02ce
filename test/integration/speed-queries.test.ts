import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createEndedPhotos } from '../../adapters/postgres/ended-photos.ts';
import { createSpeedQueries } from '../../adapters/postgres/speed-queries.ts';
import { done, finished, hashOf, parked, sampleDescription, sampleFile, sampleKey } from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';

async function open(t: TestContext) {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 4 });
  t.after(() => database.close());
  const assets = createAssetStore({ database });
  const library = await assets.ensureLibrary({ name: 'pictures', root: '/pictures' });
  const descriptions = createDescriptionStore({ database });
  return { database, assets, library, descriptions, speeds: createSpeedQueries({ database }) };
}

test('a host’s speed is the median of its last calls in a model, so that loading it once does not count', async (t) => {
  const { descriptions, speeds } = await open(t);
  const save = async (name: string, totalMs: number, host: string, model = 'm') =>
    await descriptions.save(sampleKey(name), { ...sampleDescription(name), host, model, totalMs });
  // Fifty are looked at: the first ten are not among them.
  for (let at = 0; at < 10; at += 1) await save(`old ${at}`, 90_000, 'http://a');
  for (let at = 0; at < 50; at += 1) await save(`a ${at}`, at === 0 ? 60_000 : 2_000 + at, 'http://a');
  await save('b', 500, 'http://b');
  await save('c', 700, 'http://b', 'n');
  assert.deepEqual(await speeds.hostSpeeds(), [
    { host: 'http://a', model: 'm', calls: 50, msEach: 2_025.5 },
    { host: 'http://b', model: 'm', calls: 1, msEach: 500 },
    { host: 'http://b', model: 'n', calls: 1, msEach: 700 },
  ]);
});

test('the share of photos that need a call is told once enough have ended, copies left out', async (t) => {
  const { assets, library, database, speeds } = await open(t);
  assert.equal(await speeds.callShare(), undefined);
  const files = Array.from({ length: 12 }, (_, at) => sampleFile(`${at}.jpg`));
  const page = await assets.register(library, files, hashOf('recipe'));
  const now = Date.now();
  // Twelve photos, three different ones.
  for (const [at, { asset }] of page.entries()) {
    await assets.finishRun(finished(asset, done(`content ${at % 3}`), { endedAt: now - 1_000 }));
  }
  assert.equal(await speeds.callShare(), 0.25);
  await database.run((sql) => sql`delete from darkroom.asset_run where asset_id > 9`);
  assert.equal(await speeds.callShare(), undefined);
});

test('what ended since a moment is counted by photo, each as it ended last', async (t) => {
  const { assets, library, database } = await open(t);
  const endedSince = createEndedPhotos({ database });
  assert.deepEqual(await endedSince(0), { described: 0, parked: 0, lastAt: undefined });
  const files = ['a.jpg', 'b.jpg', 'c.jpg', 'old.jpg'].map((name) => sampleFile(name));
  const [a, b, c, old] = await assets.register(library, files, hashOf('recipe'));
  assert.ok(a !== undefined && b !== undefined && c !== undefined && old !== undefined);
  const ends = [
    [old, done('old'), 999],
    [a, done('a'), 1_000],
    [a, done('a'), 2_000],
    [b, parked(), 1_500],
    [b, done('b'), 2_500],
    [c, parked(), 3_000],
  ] as const;
  for (const [{ asset }, end, endedAt] of ends) {
    await assets.finishRun(finished(asset, end, { runId: `run ${endedAt}`, endedAt }));
  }
  assert.deepEqual(await endedSince(1_000), { described: 2, parked: 1, lastAt: 3_000 });
});
