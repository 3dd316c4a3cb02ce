import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { connect, openPool } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createMissingStore } from '../../adapters/postgres/missing-store.ts';
import type { AssetRef } from '../../domain/asset.ts';
import type { BackfillEnd, ChosenPhotos } from '../../domain/contract.ts';
import type { PhotoSelection, Which } from '../../domain/selection.ts';
import {
  finished,
  hashOf,
  parked,
  registerOne,
  sampleContent,
  sampleDescription,
  sampleFile,
  sampleKey,
  sampleStat,
} from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';

const scope = { library: 'pictures', wantedHash: hashOf('recipe') };
const all = { ...scope, cursor: undefined, limit: 100 };

/** A library whose photos end as a test says. */
async function library(t: TestContext) {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 2 });
  t.after(() => database.close());
  const assets = createAssetStore({ database });
  const descriptions = createDescriptionStore({ database });
  const backfills = createBackfillStore({ database });
  const record = await assets.ensureLibrary({ name: 'pictures', root: '/pictures' });
  const photo = async (path: string, camera = 'Fuji X-T5', takenAt = '2024-05-31T18:04:00'): Promise<AssetRef> => {
    const { asset } = await registerOne(assets, record, sampleFile(path));
    const content = sampleContent(path);
    await assets.rememberContent(asset, sampleStat(), { ...content, capture: { ...content.capture, camera, takenAt } });
    return asset;
  };
  /** As the run of a photo does it: what is known already is taken, else a model writes `text`. */
  const describe = async (asset: AssetRef, text: string, model = 'qwen3-vl', recipe = 'recipe') => {
    const key = sampleKey(asset.path, recipe);
    const claim = await descriptions.claim(key, 'a run');
    const description = claim.kind === 'known' ? claim.description : { ...sampleDescription(text), model };
    await assets.finishRun(finished(asset, { outcome: 'done', key, description }, { workflowId: 'a run' }));
    return claim.kind === 'known' ? 'reused' : 'asked';
  };
  const chosen = async (selection: PhotoSelection, more: Partial<ChosenPhotos> = {}) => {
    const { photos } = await backfills.page({ backfill: 'b1', selection, ...more }, all);
    return photos.map(({ asset }) => asset.path);
  };
  const textOf = async ({ path }: AssetRef) => (await descriptions.find(sampleKey(path)))?.text;
  return { address, database, assets, descriptions, backfills, record, photo, describe, chosen, textOf };
}

test('photos are chosen by folder, glob, time and camera, and all that is said must hold', async (t) => {
  const { photo, chosen, backfills } = await library(t);
  await photo('2023/a.jpg', 'Nokia 3310', '2023-01-01T10:00:00');
  await photo('2024/b.jpg', 'NIKON Z 8', '2024-05-01T00:00:00');
  await photo('2024/deep/c.HEIC', 'nikon z 8', '2024-06-01T00:00:00');
  const wanted = { which: { kind: 'wanted' } } as const;
  assert.deepEqual(await chosen(wanted), ['2023/a.jpg', '2024/b.jpg', '2024/deep/c.HEIC']);
  assert.deepEqual(await chosen({ ...wanted, folder: '2024/' }), ['2024/b.jpg', '2024/deep/c.HEIC']);
  assert.deepEqual(await chosen({ ...wanted, glob: '*.heic' }), ['2024/deep/c.HEIC']);
  assert.deepEqual(await chosen({ ...wanted, glob: '*/*.jpg' }), ['2023/a.jpg', '2024/b.jpg']);
  assert.deepEqual(await chosen({ ...wanted, camera: 'nikon' }), ['2024/b.jpg', '2024/deep/c.HEIC']);
  assert.deepEqual(await chosen({ ...wanted, takenFrom: '2024-05', takenBefore: '2024-06' }), ['2024/b.jpg']);
  assert.deepEqual(await chosen({ ...wanted, folder: '2024/', camera: 'nokia' }), []);
  assert.equal(await backfills.count({ ...wanted, camera: 'nikon' }, scope), 2);
  assert.equal(await backfills.count({ ...wanted, glob: '*.jpg' }, scope), 2);
});

test('photos are chosen by what has become of them', async (t) => {
  const { assets, photo, describe, chosen } = await library(t);
  await photo('new.jpg');
  await describe(await photo('done.jpg'), 'well');
  await describe(await photo('old.jpg'), 'as it was', 'gemma3', 'older recipe');
  await assets.finishRun(finished(await photo('empty.jpg'), parked({ key: sampleKey('empty.jpg') })));
  assert.deepEqual(await chosen({ which: { kind: 'wanted' } }), ['new.jpg', 'old.jpg']);
  assert.deepEqual(await chosen({ which: { kind: 'undescribed' } }), ['new.jpg']);
  assert.deepEqual(await chosen({ which: { kind: 'parked' } }), ['empty.jpg']);
  assert.deepEqual(await chosen({ which: { kind: 'parked', code: 'emptyanswer' } }), ['empty.jpg']);
  assert.deepEqual(await chosen({ which: { kind: 'parked', code: 'Undecodable' } }), []);
  assert.deepEqual(await chosen({ which: { kind: 'written', model: 'gemma3' } }), ['old.jpg']);
  assert.deepEqual(await chosen({ which: { kind: 'written', recipe: hashOf('older recipe').slice(0, 8) } }), [
    'old.jpg',
  ]);
});

test('pages follow each other without a gap, in the order of registration or by chance', async (t) => {
  const { photo, backfills } = await library(t);
  for (let at = 0; at < 25; at += 1) await photo(`${at}.jpg`);
  const walk = async (more: Partial<ChosenPhotos>) => {
    const paths: string[] = [];
    let cursor: string | undefined;
    do {
      const chosen = { backfill: 'b1', selection: { which: { kind: 'wanted' as const } }, ...more };
      const page = await backfills.page(chosen, { ...scope, cursor, limit: 10 });
      paths.push(...page.photos.map(({ asset }) => asset.path));
      cursor = page.next;
    } while (cursor !== undefined);
    return paths;
  };
  const inOrder = Array.from({ length: 25 }, (_, at) => `${at}.jpg`);
  assert.deepEqual(await walk({}), inOrder);
  const byChance = await walk({ sample: true });
  assert.notDeepEqual(byChance, inOrder);
  assert.deepEqual(byChance.toSorted(), inOrder.toSorted());
  assert.deepEqual(await walk({ sample: true }), byChance);
  assert.notDeepEqual(await walk({ sample: true, backfill: 'b2' }), byChance);
});

test('a limit is exact, however often a page is done again', async (t) => {
  const { photo, backfills } = await library(t);
  const ids: string[] = [];
  for (let at = 0; at < 10; at += 1) ids.push((await photo(`${at}.jpg`)).assetId);
  const chosen = { backfill: 'b1', selection: { which: { kind: 'wanted' as const } }, limit: 4 };
  assert.deepEqual([...(await backfills.take(chosen, ids.slice(0, 3), scope))].toSorted(), ids.slice(0, 3));
  assert.deepEqual([...(await backfills.take(chosen, ids.slice(0, 3), scope))].toSorted(), ids.slice(0, 3));
  assert.deepEqual([...(await backfills.take(chosen, ids.slice(3, 8), scope))], ids.slice(3, 4));
  assert.equal((await backfills.take(chosen, ids.slice(8), scope)).size, 0);
  assert.equal((await backfills.take({ ...chosen, backfill: 'b2' }, ids.slice(8), scope)).size, 2);
});

test('whatever a photo was, reconcile misses its run from the moment that a backfill takes it', async (t) => {
  const { assets, photo, describe, backfills, database } = await library(t);
  const states = ['new', 'done', 'parked', 'gone', 'skipped'] as const;
  const taken: AssetRef[] = [];
  for (const state of states) taken.push(await photo(`${state}.jpg`));
  const [fresh, done, failed, gone, skipped] = taken;
  assert.ok(fresh && done && failed && gone && skipped);
  await describe(done, 'well');
  await assets.finishRun(finished(failed, parked({ key: sampleKey('parked.jpg') })));
  await assets.finishRun(finished(gone, { outcome: 'gone', why: 'deleted' }));
  await assets.finishRun(finished(skipped, { outcome: 'skipped', why: 'it has a text that somebody wrote' }));
  const left = await photo('not-taken.jpg');
  await assets.finishRun(finished(left, { outcome: 'gone', why: 'deleted' }));
  const missing = createMissingStore({ database });
  const begun = async () => {
    const rows = await missing.page({ kind: 'begun', limit: 10, quietMs: 0 });
    return rows.map(({ asset }) => asset.path);
  };
  const ids = taken.map(({ assetId }) => assetId);
  await backfills.take({ backfill: 'b1', selection: { which: { kind: 'wanted' } } }, ids, scope);
  assert.deepEqual(
    await begun(),
    states.map((state) => `${state}.jpg`),
  );
});

test('what a former attempt takes at this moment is no end of the limit for the next one', async (t) => {
  const { photo, backfills, address, database } = await library(t);
  const ids = [(await photo('a.jpg')).assetId, (await photo('b.jpg')).assetId];
  const sql = openPool(address, { max: 1, limitMs: undefined });
  t.after(() => sql.end());
  const chosen = { backfill: 'b1', selection: { which: { kind: 'wanted' as const } }, limit: 20 };
  let taking: ReturnType<typeof backfills.take> | undefined;
  await sql.begin(async (other) => {
    await other`insert into darkroom.backfill_photo (backfill, asset_id) values ('b1', ${ids[0] ?? ''})`;
    taking = backfills.take(chosen, ids, scope);
    // By another connection: in one transaction that view stays as it was seen first.
    const waiting = () =>
      database.rows(
        z.object({ pid: z.number() }),
        (one) => one`select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%backfill_photo%'`,
      );
    while ((await waiting()).length === 0) await sleep(10);
  });
  assert.deepEqual([...((await taking) ?? [])].toSorted(), ids);
});

test('what a model wrote is written once more, one call for copies too, and rolled back', async (t) => {
  const { photo, describe, chosen, backfills, textOf } = await library(t);
  const cat = await photo('cat.jpg');
  const dog = await photo('dog.jpg');
  await describe(cat, 'a cat', 'small');
  await describe(dog, 'a dog', 'large');
  assert.equal(await describe(cat, 'never asked'), 'reused');
  const redo = { which: { kind: 'written', model: 'small' } } as const;
  const taking = { backfill: 'b1', selection: redo };
  assert.deepEqual(await chosen(redo), ['cat.jpg']);
  await backfills.take(taking, [cat.assetId], scope);
  // The process died here: it is still to be done, and taking it again changes nothing.
  assert.deepEqual(await chosen(redo), ['cat.jpg']);
  await backfills.take(taking, [cat.assetId], scope);
  assert.equal(await describe(cat, 'a tabby cat', 'small'), 'asked');
  assert.equal(await textOf(cat), 'a tabby cat');
  assert.deepEqual(await chosen(redo), [], 'a page that is done again took it a second time');
  assert.deepEqual(await chosen({ which: { kind: 'written', backfill: 'b1' } }, { backfill: 'b2' }), ['cat.jpg']);

  assert.equal(await backfills.rollBack('b1'), 1);
  assert.equal(await textOf(cat), 'a cat');
  assert.equal(await textOf(dog), 'a dog');
  assert.equal(await describe(cat, 'never asked'), 'reused');
  assert.equal(await backfills.rollBack('b1'), 0);
});

test('a description under a former recipe is not set aside: with the former settings it counts again', async (t) => {
  const { photo, describe, backfills, textOf, descriptions } = await library(t);
  const cat = await photo('cat.jpg');
  await describe(cat, 'a cat', 'small', 'older recipe');
  const selection = { which: { kind: 'written', recipe: hashOf('older recipe') } } as const;
  await backfills.take({ backfill: 'b1', selection }, [cat.assetId], scope);
  await describe(cat, 'a tabby cat');
  assert.equal((await descriptions.find(sampleKey('cat.jpg', 'older recipe')))?.text, 'a cat');
  assert.equal(await textOf(cat), 'a tabby cat');
});

test('a photo that was parked again is not tried for ever', async (t) => {
  const { assets, photo, chosen, backfills } = await library(t);
  const asset = await photo('empty.jpg');
  const selection = { which: { kind: 'parked' } } as const;
  await assets.finishRun(finished(asset, parked({ key: sampleKey('empty.jpg') })));
  await backfills.take({ backfill: 'b1', selection }, [asset.assetId], scope);
  assert.deepEqual(await chosen(selection), ['empty.jpg']);
  const later = { endedAt: Date.now() + 60_000, runId: 'run-2' };
  await assets.finishRun(finished(asset, parked({ key: sampleKey('empty.jpg') }), later));
  assert.deepEqual(await chosen(selection), []);
});

test('what a backfill did is kept once, and told the latest first', async (t) => {
  const { backfills } = await library(t);
  const progress = { passes: 1, seen: 9, started: 4, skipped: 5, unsupported: 0, problems: ['a.jpg cannot be read'] };
  const first: BackfillEnd = {
    backfill: 'b1',
    workflowId: 'backfill/pictures',
    library: 'pictures',
    startedAt: 1_717_171_720_000,
    endedAt: 1_717_171_730_000,
    outcome: 'finished',
    progress,
  };
  const selection = { which: { kind: 'parked', code: 'Refused' }, folder: '2024/' } as const;
  const second: BackfillEnd = {
    ...first,
    backfill: 'b2',
    chosen: { backfill: 'b2', selection, limit: 20, sample: true },
    endedAt: first.endedAt + 1,
    outcome: 'cancelled',
    reason: 'wrong folder',
  };
  for (const end of [first, second, second]) await backfills.keep(end);
  assert.deepEqual(await backfills.ended(10), [second, first]);
  assert.deepEqual(await backfills.ended(1), [second]);
  // It was wished for once more while it was written down.
  const later = { ...first, endedAt: second.endedAt + 1_000, progress: { ...progress, passes: 2, seen: 18 } };
  await backfills.keep(later);
  await backfills.keep(first);
  assert.deepEqual(await backfills.ended(10), [later, second]);
});

test('a backfill that has begun is known until it has ended, by itself or from outside', async (t) => {
  const { backfills } = await library(t);
  const selection = { which: { kind: 'written', model: 'small' }, glob: '*.heic' } as const;
  const begun = (backfill: string) => ({
    workflowId: `backfill/pictures/${backfill}`,
    library: 'pictures',
    chosen: { backfill, selection, limit: 20 },
    priority: 5,
  });
  for (const name of ['b1', 'b2', 'b1']) await backfills.begin(begun(name));
  assert.deepEqual(await backfills.begun(), [begun('b1'), begun('b2')]);
  assert.deepEqual(await backfills.ended(10), []);

  const progress = { passes: 1, seen: 9, started: 4, skipped: 5, unsupported: 0, problems: [] };
  const { workflowId, chosen } = begun('b1');
  const end = { backfill: 'b1', workflowId, library: 'pictures', chosen, startedAt: 1_000, endedAt: 2_000, progress };
  await backfills.keep({ ...end, outcome: 'finished' });
  await backfills.endedOutside('b2', 'it was ended in Temporal');
  // Told once more, late: what has ended stays so.
  await backfills.begin(begun('b1'));
  await backfills.endedOutside('b1', 'never');
  assert.deepEqual(await backfills.begun(), []);
  assert.deepEqual(
    (await backfills.ended(10)).map(({ backfill, outcome, reason }) => [backfill, outcome, reason]),
    [
      ['b2', 'cancelled', 'it was ended in Temporal'],
      ['b1', 'finished', undefined],
    ],
  );
});

test('a backfill of any choice is known while it runs and when it has ended', async (t) => {
  const { backfills } = await library(t);
  const choices: readonly Which[] = [
    { kind: 'wanted' },
    { kind: 'undescribed' },
    { kind: 'parked' },
    { kind: 'parked', code: 'Refused' },
    { kind: 'faceless', faceModel: 'buffalo_l' },
    { kind: 'written', recipe: 'a'.repeat(64) },
    { kind: 'written', model: 'small' },
    { kind: 'written', backfill: 'b0' },
    { kind: 'written', people: 'changed' },
  ];
  const begun = choices.map((which, at) => ({
    workflowId: `backfill/pictures/b${at}`,
    library: 'pictures',
    chosen: { backfill: `b${at}`, selection: { which } },
    priority: 5,
  }));
  for (const one of begun) await backfills.begin(one);
  assert.deepEqual(await backfills.begun(), begun);
  const progress = { passes: 1, seen: 9, started: 4, skipped: 5, unsupported: 0, problems: [] };
  for (const { priority: _, ...one } of begun) {
    const { backfill } = one.chosen;
    await backfills.keep({ ...one, backfill, startedAt: 1_000, endedAt: 2_000, outcome: 'finished', progress });
  }
  assert.deepEqual(
    (await backfills.ended(10)).map(({ chosen }) => chosen),
    begun.map(({ chosen }) => chosen),
  );
});

test('photos whose people were named keep their text until another one is there, and are marked again when that is rolled back', async (t) => {
  const { database, assets, backfills, photo, describe, textOf } = await library(t);
  const asset = await photo('a.jpg');
  await describe(asset, 'Somebody.');
  const mark = () =>
    database.run((sql) => sql`update darkroom.asset set people_changed = now() where id = ${asset.assetId}`);
  const isMarked = async () => {
    const row = z.object({ marked: z.boolean() });
    const [found] = await database.rows(
      row,
      (sql) => sql`select people_changed is not null as marked from darkroom.asset where id = ${asset.assetId}`,
    );
    return found?.marked;
  };
  await mark();
  const redo = { backfill: 'b1', selection: { which: { kind: 'written', people: 'changed' } } } as const;
  assert.deepEqual(await backfills.take(redo, [asset.assetId], scope), new Set([asset.assetId]));
  assert.equal(await textOf(asset), 'Somebody.', 'the same facts have their text still: no model is asked');
  // With another name the facts are others, and so is the text.
  const key = { ...sampleKey('a.jpg'), factsHash: hashOf('with Anna') };
  const description = sampleDescription('Anna.');
  await database.run((sql) => sql`update darkroom.asset set people_changed = null where id = ${asset.assetId}`);
  await assets.finishRun(finished(asset, { outcome: 'done', key, description }, { workflowId: 'a run' }));
  assert.equal(await isMarked(), false);
  assert.equal(await backfills.rollBack('b1'), 1);
  assert.equal(await isMarked(), true);
});
