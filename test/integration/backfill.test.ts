import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Client } from '@temporalio/client';
import { createBackfills, type OpenBackfill } from '../../clients/backfills.ts';
import { createPhotos } from '../../clients/photos.ts';
import type { BackfillProgress } from '../../domain/backfill.ts';
import type { BackfillEnd, StartPageInput, StartPageResult } from '../../domain/contract.ts';
import { queues } from '../../domain/queues.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { type BackfillInput, backfillWorkflowId, progressQuery, rescanSignal } from '../../workflows/messages.ts';
import { startWorkflowWorker, type WorkflowWorker } from '../support/workflow-worker.ts';

type Backfill = (input: BackfillInput) => Promise<BackfillProgress>;
const again = { reason: 'test' };

/** A library of `pages` pages, cursors '1', '2' and so on, and the cursors that were asked for. */
function libraryOf(pages: number, onPage: (nth: number) => Promise<void> | void = () => undefined, padding = '') {
  const asked: (string | undefined)[] = [];
  const startPage = async ({ cursor }: StartPageInput): Promise<StartPageResult> => {
    asked.push(cursor?.replace(padding, ''));
    await onPage(asked.length);
    const at = cursor === undefined ? 0 : parseInt(cursor, 10);
    const counts = { seen: 10, started: 4, skipped: 5, unsupported: 1, problems: [`page ${at}`] };
    return at + 1 < pages ? { ...counts, next: `${at + 1}${padding}` } : counts;
  };
  return { asked, startPage };
}

const startIt = ({ client }: Pick<WorkflowWorker, 'client'>, library: string) =>
  client.workflow.start<Backfill>('backfill', {
    workflowId: backfillWorkflowId(library),
    taskQueue: queues.workflows,
    args: [{ library }],
  });

const handleOf = ({ client }: Pick<WorkflowWorker, 'client'>, library: string) =>
  client.workflow.getHandle<Backfill>(backfillWorkflowId(library));

test('a library is paged through to its end, and what was seen is added up', async (t) => {
  const { asked, startPage } = libraryOf(3);
  const handle = await startIt(await startWorkflowWorker(t, { startPage }), randomUUID());
  const sum = { passes: 1, seen: 30, started: 12, skipped: 15, unsupported: 3, underWay: 0, parked: 0 };
  assert.deepEqual(await handle.result(), { ...sum, problems: ['page 0', 'page 1', 'page 2'] });
  assert.deepEqual(asked, [undefined, '1', '2']);
  assert.equal((await handle.query(progressQuery)).seen, 30);
});

test('the wish that starts a backfill is fulfilled by one pass, not by two', async (t) => {
  const { asked, startPage } = libraryOf(2);
  const worker = await startWorkflowWorker(t, { startPage });
  const library = randomUUID();
  await createPhotos({ client: worker.client, sha256 }).scan(library, 'start');
  assert.equal((await handleOf(worker, library).result()).passes, 1);
  assert.deepEqual(asked, [undefined, '1']);
});

test('wishes that come during a pass are fulfilled by exactly one more', async (t) => {
  const library = randomUUID();
  const worker: { client?: WorkflowWorker['client'] } = {};
  const { asked, startPage } = libraryOf(2, async (nth) => {
    if (nth > 2 || worker.client === undefined) return;
    const photos = createPhotos({ client: worker.client, sha256 });
    for (let times = 0; times < 3; times += 1) await photos.scan(library, 'a file was missed');
  });
  const { client } = await startWorkflowWorker(t, { startPage });
  worker.client = client;
  await startIt({ client }, library);
  assert.equal((await handleOf({ client }, library).result()).passes, 2);
  assert.deepEqual(asked, [undefined, '1', undefined, '1']);
});

test('a long backfill continues as a new run with its cursor, its sums and the wish that came before', async (t) => {
  const library = randomUUID();
  const worker: { client?: WorkflowWorker['client'] } = {};
  // The server wants a new run after 4 MB of history: each page brings two cursors of this length.
  const { asked, startPage } = libraryOf(
    5,
    async (nth) => {
      if (nth === 1 && worker.client !== undefined)
        await worker.client.workflow.getHandle(backfillWorkflowId(library)).signal(rescanSignal, again);
    },
    'x'.repeat(900_000),
  );
  const { client } = await startWorkflowWorker(t, { startPage });
  worker.client = client;
  const first = await startIt({ client }, library);
  const { passes, seen, started } = await handleOf({ client }, library).result();
  assert.deepEqual({ passes, seen, started }, { passes: 2, seen: 100, started: 40 });
  assert.deepEqual(asked, [undefined, '1', '2', '3', '4', undefined, '1', '2', '3', '4']);
  const { runId } = await handleOf({ client }, library).describe();
  assert.notEqual(runId, first.firstExecutionRunId, 'it did not continue as a new run');
});

test('no run of a backfill grows long, whatever the library has', async (t) => {
  const pages = 200;
  const worker: { client?: Client } = {};
  const known: OpenBackfill[] = [];
  const { asked, startPage } = libraryOf(pages, async (nth) => {
    if (nth === pages - 5 && worker.client !== undefined)
      known.push(...(await createBackfills({ client: worker.client }).open()));
  });
  const { client } = await startWorkflowWorker(t, { startPage });
  worker.client = client;
  const library = randomUUID();
  const handle = await startIt({ client }, library);
  const { startTime } = await handle.describe();
  assert.equal((await handleOf({ client }, library).result()).seen, 10 * pages);
  assert.equal(asked.length, pages, 'a page was read twice, or left out');
  const lengths = [];
  for await (const run of client.workflow.list({ query: `WorkflowId = '${handle.workflowId}'` }))
    lengths.push(run.historyLength);
  assert.ok(lengths.length === 2 && Math.max(...lengths) < 1_100, `events of each run: ${lengths.join(', ')}`);
  // In its second run it is known by the first.
  const one = known.find(({ workflowId }) => workflowId === handle.workflowId);
  assert.equal(one?.backfill, handle.firstExecutionRunId);
  assert.ok(Math.abs(one.startedAt - startTime.getTime()) < 10, `${one.startedAt}, begun ${startTime.getTime()}`);
});

test('a choice of photos that goes on after it was lost is known by the id that its photos have', async (t) => {
  const worker: { client?: Client } = {};
  const known: OpenBackfill[] = [];
  const { startPage } = libraryOf(1, async () => {
    if (worker.client !== undefined) known.push(...(await createBackfills({ client: worker.client }).open()));
  });
  const { client } = await startWorkflowWorker(t, { startPage });
  worker.client = client;
  const input: BackfillInput = {
    library: randomUUID(),
    goesOn: 'lost',
    chosen: { selection: { which: { kind: 'undescribed' } } },
  };
  const workflowId = backfillWorkflowId(input.library, 'lost');
  const handle = await client.workflow.start<Backfill>('backfill', {
    workflowId,
    taskQueue: queues.workflows,
    args: [input],
  });
  await handle.result();
  assert.equal(known.find((one) => one.workflowId === workflowId)?.backfill, 'lost');
});

test('a wish that comes while what was done is written down is fulfilled by one more pass', async (t) => {
  const worker: { client?: Client } = {};
  const library = randomUUID();
  const { asked, startPage } = libraryOf(2);
  const ends: BackfillEnd[] = [];
  let times = 0;
  // The database is away for the first two tries, which are the workflow's own; the third one is the queue's.
  const keepBackfill = async (end: BackfillEnd): Promise<void> => {
    times += 1;
    if (times <= 2) throw new Error('the database is away');
    if (times === 3) await worker.client?.workflow.getHandle(backfillWorkflowId(library)).signal(rescanSignal, again);
    ends.push(end);
  };
  const { client } = await startWorkflowWorker(t, { startPage, keepBackfill });
  worker.client = client;
  const { passes, seen } = await (await startIt({ client }, library)).result();
  assert.deepEqual({ passes, seen }, { passes: 2, seen: 40 });
  assert.deepEqual(asked, [undefined, '1', undefined, '1']);
  assert.deepEqual(
    ends.map(({ progress }) => progress.passes),
    [1, 2],
  );
});

test('a wish that comes while a backfill continues as a new run is not lost', async (t) => {
  const { asked, startPage } = libraryOf(3);
  const { client } = await startWorkflowWorker(t, { startPage });
  const library = randomUUID();
  const progress = { passes: 0, seen: 20, started: 8, skipped: 10, unsupported: 2, problems: [] };
  const handle = await client.workflow.signalWithStart<Backfill, [{ reason: string }]>('backfill', {
    workflowId: backfillWorkflowId(library),
    taskQueue: queues.workflows,
    args: [{ library, resume: { cursor: '2', progress, again: false } }],
    signal: rescanSignal,
    signalArgs: [again],
  });
  const result = await handle.result();
  assert.deepEqual(asked, ['2', undefined, '1', '2']);
  assert.deepEqual({ passes: result.passes, seen: result.seen }, { passes: 2, seen: 60 });
});
