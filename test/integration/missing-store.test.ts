import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createControlFacts } from '../../adapters/postgres/control-facts.ts';
import { createMissingStore } from '../../adapters/postgres/missing-store.ts';
import { nothingYet } from '../../domain/backfill.ts';
import type { BackfillEnd } from '../../domain/contract.ts';
import { nothingMissing, reconcileKey } from '../../domain/reconcile.ts';
import {
  done,
  finished,
  parked,
  registerOne,
  sampleContent,
  sampleFile,
  sampleStat,
} from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';

async function stores(t: TestContext) {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 2 });
  t.after(() => database.close());
  const assets = createAssetStore({ database });
  const record = await assets.ensureLibrary({ name: 'pictures', root: '/pictures' });
  const photo = async (path: string | Uint8Array) => (await registerOne(assets, record, sampleFile(path))).asset;
  const facts = createControlFacts({ database });
  const backfills = createBackfillStore({ database });
  return { database, assets, photo, facts, backfills, missing: createMissingStore({ database }) };
}

/** One library with a photo in every state; returns their keys. */
async function everyState({ assets, photo }: Awaited<ReturnType<typeof stores>>) {
  const [fresh, open, waiting] = [await photo('new.jpg'), await photo('open.jpg'), await photo('waiting.jpg')];
  await assets.rememberContent(open, sampleStat(), sampleContent('open'));
  await assets.markWaiting(waiting.assetId, 'it grows');
  await assets.finishRun(finished(await photo('done.jpg'), done('x')));
  await assets.finishRun(finished(await photo('parked.jpg'), parked()));
  await assets.finishRun(finished(await photo('gone.jpg'), { outcome: 'gone', why: 'deleted' }));
  return { fresh, open, waiting };
}

const page = { limit: 10, quietMs: 0 };

test('rows that say a run is open, and rows without one, are paged by key, and no others', async (t) => {
  const all = await stores(t);
  const { missing } = all;
  const { fresh, open, waiting } = await everyState(all);
  const begun = await missing.page({ ...page, kind: 'begun' });
  assert.deepEqual(
    begun.map(({ asset, state }) => [asset, state]),
    [
      [open, 'open'],
      [waiting, 'waiting'],
    ],
  );
  const [first] = await missing.page({ ...page, kind: 'begun', limit: 1 });
  assert.deepEqual(first?.asset, open);
  const [second, ...more] = await missing.page({ ...page, kind: 'begun', after: open.assetId });
  assert.deepEqual([second?.asset, more], [waiting, []]);
  const news = await missing.page({ ...page, kind: 'new' });
  assert.deepEqual(
    news.map(({ asset }) => asset),
    [fresh],
  );
});

test('bytes of a name that is no text come back as they are', async (t) => {
  const { photo, missing } = await stores(t);
  await photo(Buffer.from([0x66, 0xff, 0x0a, 0x2e, 0x6a, 0x70, 0x67]));
  const [found] = await missing.page({ ...page, kind: 'new' });
  assert.deepEqual(Buffer.from(found?.rawPath ?? []), Buffer.from([0x66, 0xff, 0x0a, 0x2e, 0x6a, 0x70, 0x67]));
});

test('rows that were touched a moment ago are left alone', async (t) => {
  const all = await stores(t);
  await everyState(all);
  assert.deepEqual(await all.missing.page({ ...page, kind: 'begun', quietMs: 60_000 }), []);
  await all.database.run((sql) => sql`update darkroom.asset set updated = now() - interval '61 seconds'`);
  assert.equal((await all.missing.page({ ...page, kind: 'begun', quietMs: 60_000 })).length, 2);
});

test('what has ended since it was looked at is told', async (t) => {
  const all = await stores(t);
  const { fresh, open, waiting } = await everyState(all);
  const ids = [fresh, open, waiting].map(({ assetId }) => assetId);
  assert.deepEqual([...(await all.missing.still('begun', ids))].sort(), [open.assetId, waiting.assetId].sort());
  await all.assets.finishRun(finished(open, parked()));
  assert.deepEqual([...(await all.missing.still('begun', ids))], [waiting.assetId]);
  assert.deepEqual([...(await all.missing.still('new', [...ids, 'no id']))], [fresh.assetId]);
});

test('a library whose latest pass was cancelled is told, until another pass has ended', async (t) => {
  const { missing, backfills } = await stores(t);
  const end = (endedAt: number, outcome: BackfillEnd['outcome'], more: Partial<BackfillEnd> = {}) =>
    backfills.keep({
      backfill: `b${endedAt}`,
      workflowId: 'backfill/pictures',
      library: 'pictures',
      startedAt: 1,
      endedAt,
      outcome,
      progress: nothingYet,
      ...more,
    });
  await end(1_000, 'finished');
  assert.deepEqual([...(await missing.cancelledPasses())], []);
  await end(2_000, 'cancelled');
  const selection = { which: { kind: 'wanted' } } as const;
  await end(3_000, 'finished', { chosen: { backfill: 'b3000', selection } });
  assert.deepEqual([...(await missing.cancelledPasses())], ['pictures'], 'a choice of photos is no pass');
  await end(4_000, 'finished');
  assert.deepEqual([...(await missing.cancelledPasses())], []);
});

test('the latest report is kept: twice is once, and an older one that comes late changes nothing', async (t) => {
  const { missing, facts } = await stores(t);
  const report = { ...nothingMissing(2_000), started: 3, endedAt: 5_000, passes: ['pictures'] };
  await missing.keep(report);
  const first = await facts.get(reconcileKey);
  await missing.keep(report);
  assert.deepEqual(await facts.get(reconcileKey), first);
  await missing.keep({ ...nothingMissing(1_000), endedAt: 9_000 });
  assert.deepEqual((await facts.get(reconcileKey))?.value, report);
  await missing.keep({ ...nothingMissing(3_000), endedAt: 9_000 });
  assert.deepEqual((await facts.get(reconcileKey))?.value, { ...nothingMissing(3_000), endedAt: 9_000 });
});
