import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Claim, FinishInput } from '../../domain/contract.ts';
import { queues } from '../../domain/queues.ts';
import { stageQuery } from '../../workflows/messages.ts';
import { startWorkflowWorker } from '../support/workflow-worker.ts';

const stat = { size: 10, mtimeMs: 1, ctimeMs: 1, inode: '1' };
const key = { contentHash: 'c'.repeat(64), recipeHash: 'r'.repeat(64), factsHash: 'f'.repeat(64) };
const description = { text: 'A cat.', model: 'm', host: 'http://h', simulated: false, totalMs: 5 };

test('a photo of a paused library waits on timers, in no slot, and is described after the pause', async (t) => {
  const answers: Claim[] = [
    { kind: 'paused', why: 'library test paused by ada@desk' },
    { kind: 'paused', why: 'library test paused by ada@desk', until: Date.now() + 4_000 },
    { kind: 'mine', key, model: 'm' },
  ];
  const finished: FinishInput[] = [];
  let claims = 0;
  let calls = 0;
  const { client } = await startWorkflowWorker(t, {
    checkSettled: async () => ({ verdict: 'whole', stat }),
    fingerprint: async () => ({ kind: 'known', contentHash: key.contentHash, facts: {}, summary: 'jpeg' }),
    claimDescription: async () => answers[Math.min(claims++, answers.length - 1)] ?? assert.fail(),
    describePhoto: async () => {
      calls += 1;
      return { kind: 'described', description };
    },
    finishRun: async (input) => void finished.push(input),
    markWaiting: async () => undefined,
  });
  const asset = { assetId: '1', library: 'test', path: 'a.jpg' };
  const handle = await client.workflow.start('processAsset', {
    workflowId: `asset/test/${randomUUID()}.jpg`,
    taskQueue: queues.workflows,
    args: [{ asset }],
  });
  for (; ; await sleep(20)) {
    const { stage, note } = await handle.query(stageQuery);
    if (stage === 'claim' && note.includes('paused')) {
      assert.deepEqual([note, calls], ['library test paused by ada@desk', 0]);
      break;
    }
  }
  await handle.result();
  assert.deepEqual([claims, calls, finished[0]?.end.outcome], [3, 1, 'done']);
  const { events } = await handle.fetchHistory();
  const timers = (events ?? []).filter((event) => event.timerStartedEventAttributes).length;
  assert.equal(timers, 2);
});
