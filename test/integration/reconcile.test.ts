import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { createReconciles } from '../../clients/reconciles.ts';
import type { StartMissingInput, StartMissingResult } from '../../domain/contract.ts';
import { assetWorkflowId } from '../../domain/paths.ts';
import type { MissingPhoto, ReconcileReport } from '../../domain/reconcile.ts';
import { createLog } from '../../runtime/log.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { createOpenAmong } from '../../workers/open-runs.ts';
import { createIsPassing, createStartPass } from '../../workers/passes.ts';
import { scheduleReconcile } from '../../workers/reconcile-schedule.ts';
import { backfillWorkflowId, reconcileNowId, reconcileScheduleId } from '../../workflows/messages.ts';
import { startWorkflowWorker } from '../support/workflow-worker.ts';

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const limit = AbortSignal.timeout(60_000);
  while (!(await isSo())) await sleep(100, undefined, { signal: limit });
};

/** Two pages of rows that were begun and one of new ones, and what was asked and kept. */
function missingRows() {
  const asked: StartMissingInput[] = [];
  const kept: ReconcileReport[] = [];
  return {
    asked,
    kept,
    steps: {
      async startMissing(input: StartMissingInput): Promise<StartMissingResult> {
        asked.push(input);
        const page = { looked: 10, started: 2, gone: input.kind === 'new' ? 2 : 0, problems: ['pictures: paused'] };
        return input.kind === 'begun' && input.after === undefined ? { ...page, next: '100' } : page;
      },
      passLibraries: async () => ({ passes: ['pictures'] }),
      keepReconciled: async (report: ReconcileReport) => void kept.push(report),
    },
  };
}

test('rows that were begun are looked at page by page, then new ones, then passes are started and the report is kept', async (t) => {
  const { asked, kept, steps } = missingRows();
  const { client } = await startWorkflowWorker(t, steps);
  const run = await createReconciles({ client }).begin();
  const { startedAt, endedAt, ...report } = await run.result(AbortSignal.timeout(60_000));
  assert.deepEqual(report, { looked: 30, started: 6, gone: 2, passes: ['pictures'], problems: ['pictures: paused'] });
  assert.ok(endedAt !== undefined && endedAt >= startedAt);
  assert.deepEqual(asked, [
    { kind: 'begun', quietMs: 0 },
    { kind: 'begun', after: '100', quietMs: 0 },
    { kind: 'new', quietMs: 0 },
  ]);
  assert.deepEqual(kept, [{ startedAt, endedAt, ...report }]);
  assert.equal((await run.report())?.looked, 30);
});

test('asked for while one is under way, that one is joined', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { asked, steps } = missingRows();
  const passLibraries = async () => {
    await gate.promise;
    return { passes: [] };
  };
  const { client } = await startWorkflowWorker(t, { ...steps, passLibraries });
  const reconciles = createReconciles({ client });
  const [first, second] = [await reconciles.begin(), await reconciles.begin()];
  await until(async () => (await second.report())?.looked === 30);
  gate.resolve();
  const signal = AbortSignal.timeout(60_000);
  assert.deepEqual(await first.result(signal), await second.result(signal));
  assert.equal(asked.length, 3);
});

const log = createLog({ level: 'error', pretty: false, name: 'test' });
const scheduled = (client: Client, everyMin: number) =>
  scheduleReconcile({ client, everyMin, log, signal: AbortSignal.timeout(30_000) });

test('where there is no schedule one is made and what is missing is looked for at once; else it is set to what is wanted', async (t) => {
  const { asked, kept, steps } = missingRows();
  const { client } = await startWorkflowWorker(t, steps);
  const handle = client.schedule.getHandle(reconcileScheduleId);
  await scheduled(client, 60);
  await until(async () => kept.length === 1);
  assert.deepEqual(asked[0], { kind: 'begun', quietMs: 0 });
  const made = await handle.describe();
  assert.deepEqual([made.policies.overlap, made.policies.catchupWindow], ['SKIP', 60_000]);
  assert.deepEqual(made.spec.intervals, [{ every: 3_600_000, offset: undefined }]);

  await handle.pause('I am measuring something');
  await scheduled(client, 5);
  const changed = await handle.describe();
  assert.deepEqual(changed.spec.intervals, [{ every: 300_000, offset: undefined }]);
  assert.deepEqual([changed.state.paused, changed.state.note], [true, 'I am measuring something']);
  assert.equal(kept.length, 1, 'only a new schedule looks at once');

  await handle.trigger();
  await until(async () => kept.length === 2);
  assert.deepEqual(asked[3], { kind: 'begun', quietMs: 180_000 });

  await scheduled(client, 0);
  await assert.rejects(handle.describe());
  await scheduled(client, 0);
  await client.workflow.getHandle(reconcileNowId).describe();
});

const photo = (path: string | Uint8Array, library: string): MissingPhoto => ({
  asset: { assetId: Buffer.from(path).toString('hex'), library, path: 'shown' },
  rawPath: Buffer.from(path),
  state: 'waiting',
});

async function openRun(t: TestContext, client: Client, { asset, rawPath }: MissingPhoto) {
  const workflowId = assetWorkflowId(asset.library, rawPath, sha256);
  const handle = await client.workflow.start('processAsset', { workflowId, taskQueue: 'nobody', args: [{ asset }] });
  t.after(() => handle.terminate().catch(() => undefined));
  return handle;
}

test('whose run is open is asked in one question; names that no query can hold break none', async (t) => {
  const { client } = await startWorkflowWorker(t, {});
  const library = `it's ${randomUUID()}`;
  const names = ["d'été.jpg", "two '' %_*.jpg", `${'long/'.repeat(60)}x.jpg`, 'привет.jpg'];
  const open = names.map((name) => photo(name, library));
  const ended = photo('ended.jpg', library);
  for (const one of open) await openRun(t, client, one);
  await (await openRun(t, client, ended)).terminate();
  const many = Array.from({ length: 120 }, (_, at) => photo(`none-${at}.jpg`, library));
  const openAmong = createOpenAmong(client);
  const expected = open.map(({ asset }) => asset.assetId).sort();
  await until(async () => (await openAmong([ended])).size === 0 && (await openAmong(open)).size === open.length);
  const odd = ['back\\slash.jpg', '"quoted".jpg', Buffer.from([0x66, 0xff, 0x27])].map((name) => photo(name, library));
  for (const one of odd) await openRun(t, client, one);
  assert.deepEqual([...(await openAmong([...many, ended, ...odd, ...open]))].sort(), expected);
});

test('a pass is started where none is under way, and not a second one', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { client } = await startWorkflowWorker(t, {
    async startPage() {
      await gate.promise;
      return { seen: 1, started: 0, skipped: 1, unsupported: 0, problems: [] };
    },
  });
  const library = randomUUID();
  const startPass = createStartPass(client);
  const isPassing = createIsPassing(client);
  assert.equal(await isPassing(library), false);
  assert.equal(await startPass(library, 'reconcile'), true);
  assert.equal(await isPassing(library), true);
  assert.equal(await startPass(library, 'reconcile'), false);
  gate.resolve();
  const ended: unknown = await client.workflow.getHandle(backfillWorkflowId(library)).result();
  assert.ok(typeof ended === 'object' && ended !== null && 'passes' in ended && ended.passes === 1);
  assert.equal(await startPass(library, 'reconcile'), true);
});
