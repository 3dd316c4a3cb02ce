import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { createUndos } from '../../clients/undos.ts';
import { queues } from '../../domain/queues.ts';
import { nothingUndone, type UndoPageInput } from '../../domain/undo.ts';
import { againAtOnce, nothingLookedAt, type VerifyPageInput, type VerifyReport } from '../../domain/verify.ts';
import { createLog } from '../../runtime/log.ts';
import { scheduleVerify } from '../../workers/verify-schedule.ts';
import { verifyQuery, verifyScheduleId, workflowTypes } from '../../workflows/messages.ts';
import { startWorkflowWorker } from '../support/workflow-worker.ts';

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const limit = AbortSignal.timeout(240_000);
  while (!(await isSo())) await sleep(100, undefined, { signal: limit });
};

/** Two pages of texts that were just written, and ever more of those that were seen long ago. */
function texts() {
  const asked: VerifyPageInput[] = [];
  const kept: VerifyReport[] = [];
  return {
    asked,
    kept,
    steps: {
      async verifyPage(input: VerifyPageInput) {
        asked.push(input);
        const { kind, after } = input;
        if (kind === 'again')
          return { ...nothingLookedAt, looked: againAtOnce / 2, stands: againAtOnce / 2, next: '9_9' };
        const page = { ...nothingLookedAt, looked: 3, putBack: 1, stands: 2, problems: ['away: no answer'] };
        return after === undefined ? { ...page, away: ['away'], next: '1_1' } : page;
      },
      keepVerified: async (report: VerifyReport) => void kept.push(report),
    },
  };
}

const begin = (client: Client) =>
  client.workflow.start(workflowTypes.verifyPublications, { workflowId: 'verify/test', taskQueue: queues.workflows });

test('fresh texts are looked at page by page, then so many of the others, without a library that is away', async (t) => {
  const { asked, kept, steps } = texts();
  const { client } = await startWorkflowWorker(t, steps);
  const handle = await begin(client);
  await handle.result();
  const startedAt = asked[0]?.startedAt ?? 0;
  assert.deepEqual(asked, [
    { kind: 'fresh', startedAt, without: [] },
    { kind: 'fresh', after: '1_1', startedAt, without: ['away'] },
    { kind: 'again', startedAt, without: ['away'] },
    { kind: 'again', after: '9_9', startedAt, without: ['away'] },
  ]);
  const [report] = kept;
  assert.ok(report?.endedAt !== undefined && report.startedAt === startedAt);
  const { looked, putBack, stands, problems, away } = report;
  assert.deepEqual([looked, putBack, stands], [6 + againAtOnce, 2, 4 + againAtOnce]);
  assert.deepEqual([problems, away], [['away: no answer'], ['away']]);
  assert.deepEqual(await handle.query(verifyQuery), report);
});

const log = createLog({ level: 'error', pretty: false, name: 'test' });
const scheduled = (client: Client, everyMin: number) =>
  scheduleVerify({ client, everyMin, log, signal: AbortSignal.timeout(120_000) });

test('the schedule is what the settings say; none is made up for, and one that a person paused stays paused', async (t) => {
  const { kept, steps } = texts();
  const { client } = await startWorkflowWorker(t, steps);
  const handle = client.schedule.getHandle(verifyScheduleId);
  await scheduled(client, 10);
  const made = await handle.describe();
  assert.deepEqual([made.policies.overlap, made.policies.catchupWindow], ['SKIP', 60_000]);
  assert.deepEqual(made.spec.intervals, [{ every: 600_000, offset: undefined }]);
  await handle.pause('I am measuring something');
  await scheduled(client, 5);
  const changed = await handle.describe();
  assert.deepEqual(changed.spec.intervals, [{ every: 300_000, offset: undefined }]);
  assert.deepEqual([changed.state.paused, changed.state.note], [true, 'I am measuring something']);
  await handle.trigger();
  await until(async () => kept.length === 1);
  await scheduled(client, 0);
  await assert.rejects(handle.describe());
  await scheduled(client, 0);
});

test('texts are taken back page by page up to the limit; the same wish twice at once is one run', async (t) => {
  const asked: UndoPageInput[] = [];
  const gate = Promise.withResolvers<void>();
  const { client } = await startWorkflowWorker(t, {
    countUndoable: async () => ({ count: 500 }),
    async undoPage(input) {
      asked.push(input);
      await gate.promise;
      return { ...nothingUndone, looked: 3, undone: 2, edited: 1, listed: [], next: `${asked.length}` };
    },
  });
  const undos = createUndos({ client });
  const wish = { choice: { kind: 'run', runId: 'a' }, dryRun: false, limit: 5 } as const;
  const [first, second] = [await undos.begin(wish), await undos.begin(wish)];
  assert.equal(first.workflowId, second.workflowId);
  await until(async () => (await second.report())?.total === 5);
  gate.resolve();
  const signal = AbortSignal.timeout(240_000);
  const report = await first.result(signal);
  assert.deepEqual(report, await second.result(signal));
  assert.deepEqual([report.looked, report.undone, report.edited, report.total], [9, 6, 3, 5]);
  const { choice } = wish;
  assert.deepEqual(asked, [
    { choice, dryRun: false, limit: 5 },
    { choice, dryRun: false, after: '1', limit: 3 },
    { choice, dryRun: false, after: '2', limit: 1 },
  ]);
  const look = await undos.begin({ ...wish, dryRun: true });
  assert.notEqual(look.workflowId, first.workflowId);
  await look.result(signal);
  assert.equal(asked.at(-1)?.dryRun, true);
});
