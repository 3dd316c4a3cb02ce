import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { Context } from '@temporalio/activity';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { BackfillProgress } from '../../domain/backfill.ts';
import type { BackfillEnd, StartPageInput, StartPageResult } from '../../domain/contract.ts';
import { priorities, queues } from '../../domain/queues.ts';
import {
  type BackfillInput,
  backfillWorkflowId,
  cancelSignal,
  pauseSignal,
  prioritizeSignal,
  progressQuery,
  resumeSignal,
  setWindowUpdate,
} from '../../workflows/messages.ts';
import { startWorkflowWorker } from '../support/workflow-worker.ts';
import { until } from '../support/embedded-run.ts';

type Backfill = (input: BackfillInput) => Promise<BackfillProgress>;

/** A library whose second page has no room until it is told to end, or until somebody opens it. */
async function steered(t: TestContext, input: Partial<BackfillInput> = {}) {
  const asked: StartPageInput[] = [];
  const ended: BackfillEnd[] = [];
  const door = new AbortController();
  const none = { skipped: 0, unsupported: 0, problems: [] };
  const startPage = async (page: StartPageInput): Promise<StartPageResult> => {
    asked.push(page);
    if (page.cursor === undefined) return { ...none, seen: 10, started: 10, next: '1' };
    const { cancellationSignal, heartbeat } = Context.current();
    const timer = setInterval(() => heartbeat(), 100);
    const either = AbortSignal.any([cancellationSignal, door.signal]);
    if (!either.aborted) await once(either, 'abort');
    clearInterval(timer);
    if (!door.signal.aborted) return { ...none, seen: 0, started: 3, next: page.cursor, cut: true };
    return { ...none, seen: 10, started: 7, underWay: 3 };
  };
  const keepBackfill = async (end: BackfillEnd) => void ended.push(end);
  const { client } = await startWorkflowWorker(t, { startPage, keepBackfill });
  const library = randomUUID();
  const handle = await client.workflow.start<Backfill>('backfill', {
    workflowId: backfillWorkflowId(library),
    taskQueue: queues.workflows,
    args: [{ library, ...input }],
  });
  await until(async () => asked.length === 2);
  return { handle, asked, ended, letGo: () => door.abort() };
}

test('a paused backfill starts nothing, keeps its place, and goes on when it is resumed', async (t) => {
  const { handle, asked, letGo } = await steered(t);
  await handle.signal(pauseSignal, { reason: 'guests are here' });
  await until(async () => (await handle.query(progressQuery)).started === 13);
  const { steering } = await handle.query(progressQuery);
  assert.deepEqual(steering.pause, { reason: 'guests are here' });
  assert.equal(asked.length, 2);
  letGo();
  await handle.signal(resumeSignal, undefined);
  assert.equal((await handle.result()).started, 20);
  assert.deepEqual(
    asked.map(({ cursor }) => cursor),
    [undefined, '1', '1'],
  );
});

test('the end of a pause lifts that pause and no newer one', async (t) => {
  const { handle, asked, letGo } = await steered(t);
  await handle.signal(pauseSignal, { reason: 'for a moment', for: '1s' });
  await handle.signal(pauseSignal, { reason: 'for good' });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal((await handle.query(progressQuery)).steering.pause?.reason, 'for good');
  assert.equal(asked.length, 2);
  letGo();
  await handle.signal(pauseSignal, { reason: 'for a moment', for: '1s' });
  assert.equal((await handle.result()).started, 20);
});

test('another window and another place in the line hold from the next start on', async (t) => {
  const { handle, asked, letGo } = await steered(t);
  assert.equal((await handle.executeUpdate(setWindowUpdate, { args: [{ window: 7 }] })).window, 7);
  await until(async () => asked.length === 3);
  await handle.signal(prioritizeSignal, 'now');
  await until(async () => asked.length === 4);
  letGo();
  await handle.result();
  assert.deepEqual(
    asked.map(({ window, priority }) => [window, priority]),
    [
      [64, 4],
      [64, 4],
      [7, 4],
      [7, priorities.now],
    ],
  );
});

test('what nobody can make sense of changes nothing, and is said', async (t) => {
  const { handle, asked, letGo } = await steered(t);
  const refused = await handle.executeUpdate(setWindowUpdate, { args: ['wide'] }).catch((error: unknown) => error);
  assert.ok(refused instanceof WorkflowUpdateFailedError);
  assert.match(String(refused.cause), /whole number from 1 to 2000/);
  await handle.signal(prioritizeSignal, 'first');
  letGo();
  assert.match((await handle.result()).problems.join(), /prioritize wants a number from 1 to 5/);
  assert.equal(asked.at(-1)?.priority, priorities.backfill);
});

test('a cancelled backfill starts nothing more and ends well, and is kept as cancelled', async (t) => {
  const { handle, ended } = await steered(t);
  await handle.signal(cancelSignal, { reason: 'wrong folder' });
  assert.equal((await handle.result()).started, 13);
  assert.deepEqual(
    ended.map(({ outcome, reason, progress }) => ({ outcome, reason, started: progress.started })),
    [{ outcome: 'cancelled', reason: 'wrong folder', started: 13 }],
  );
});

test('a backfill of chosen photos names itself and its choice on every page', async (t) => {
  const selection = { which: { kind: 'parked' } } as const;
  const { handle, asked, ended, letGo } = await steered(t, { chosen: { selection, limit: 20 }, priority: 2 });
  letGo();
  await handle.result();
  const chosen = { selection, limit: 20, backfill: handle.firstExecutionRunId };
  assert.deepEqual(
    asked.map((page) => [page.chosen, page.priority]),
    [
      [chosen, 2],
      [chosen, 2],
    ],
  );
  assert.deepEqual(
    ended.map((end) => [end.backfill, end.chosen]),
    [[handle.firstExecutionRunId, chosen]],
  );
});

test('a page whose worker dies when it is told to end is done again', async (t) => {
  const asked: StartPageInput[] = [];
  const none = { skipped: 0, unsupported: 0, problems: [] };
  const startPage = async (page: StartPageInput): Promise<StartPageResult> => {
    asked.push(page);
    // As after a kill -9: no word from it any more, and its time for that runs out.
    if (asked.length === 1) await new Promise((resolve) => setTimeout(resolve, 15_000));
    return { ...none, seen: 10, started: 10 };
  };
  const { client } = await startWorkflowWorker(t, { startPage });
  const library = randomUUID();
  const handle = await client.workflow.start<Backfill>('backfill', {
    workflowId: backfillWorkflowId(library),
    taskQueue: queues.workflows,
    args: [{ library }],
  });
  await until(async () => asked.length === 1);
  await handle.executeUpdate(setWindowUpdate, { args: [{ window: 7 }] });
  assert.equal((await handle.result()).started, 10);
  assert.deepEqual(
    asked.map(({ window }) => window),
    [64, 7],
  );
});
