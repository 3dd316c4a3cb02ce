import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createPhotos } from '../../clients/photos.ts';
import type { Activities, FinishInput } from '../../domain/contract.ts';
import type { Description } from '../../domain/description.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import { priorities, queues } from '../../domain/queues.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { changedSignal, type ProcessAssetResult, stageQuery } from '../../workflows/messages.ts';
import { startWorkflowWorker, type WorkflowWorker } from '../support/workflow-worker.ts';

const stat = { size: 10, mtimeMs: 1, ctimeMs: 1, inode: '1' };
const key = { contentHash: 'c'.repeat(64), recipeHash: 'r'.repeat(64), factsHash: 'f'.repeat(64) };
const description: Description = { text: 'A cat.', model: 'm', host: 'http://h', simulated: false, totalMs: 5 };

/** Steps of a photo that goes through at once, and what they were called with. */
function stepsOf(over: Partial<Activities> = {}) {
  const finished: FinishInput[] = [];
  const steps: Partial<Activities> = {
    checkSettled: async () => ({ verdict: 'whole', stat }),
    fingerprint: async () => ({ kind: 'known', contentHash: key.contentHash, facts: {}, summary: 'jpeg' }),
    claimDescription: async () => ({ kind: 'mine', key, model: 'm' }),
    describePhoto: async () => ({ kind: 'described', description }),
    finishRun: async (input) => void finished.push(input),
    markWaiting: async () => undefined,
    ...over,
  };
  return { steps, finished };
}

async function start({ client }: WorkflowWorker) {
  const workflowId = `asset/test/${randomUUID()}.jpg`;
  const asset = { assetId: '1', library: 'test', path: 'a.jpg' };
  return await client.workflow.start<(input: { asset: typeof asset }) => Promise<ProcessAssetResult>>('processAsset', {
    workflowId,
    taskQueue: queues.workflows,
    args: [{ asset }],
  });
}

test('a photo goes through in at most 24 events, and its story is kept', async (t) => {
  const { steps, finished } = stepsOf();
  const handle = await start(await startWorkflowWorker(t, steps));
  assert.deepEqual(await handle.result(), { outcome: 'done', description, reused: false });
  const { historyLength } = await handle.describe();
  assert.ok(historyLength <= 24, `${historyLength} events`);
  assert.deepEqual(
    finished[0]?.story.map(({ step }) => step),
    ['settle', 'fingerprint', 'faces', 'claim', 'describe', 'persist'],
  );
  const { stage } = await handle.query(stageQuery);
  assert.equal(stage, 'persist');
});

test('a local step that fails because the database is away runs again as a regular one', async (t) => {
  let tries = 0;
  const { steps, finished } = stepsOf({
    finishRun: async (input) => {
      tries += 1;
      if (tries <= 4) throw new TransientError('DatabaseUnavailable', 'away');
      finished.push(input);
    },
  });
  const handle = await start(await startWorkflowWorker(t, steps));
  assert.equal((await handle.result()).outcome, 'done');
  assert.equal(finished.length, 1);
});

test('a file that changes after it was read is done once more, and not twice', async (t) => {
  let reads = 0;
  let runs = 0;
  const worker: { handle?: Awaited<ReturnType<typeof start>> } = {};
  const { steps, finished } = stepsOf({
    fingerprint: async () => {
      reads += 1;
      return { kind: 'known', contentHash: key.contentHash, facts: {}, summary: 'jpeg' };
    },
    describePhoto: async () => {
      runs += 1;
      if (runs === 1)
        for (let times = 0; times < 3; times += 1) await worker.handle?.signal(changedSignal, { reason: 'test' });
      return { kind: 'described', description };
    },
  });
  worker.handle = await start(await startWorkflowWorker(t, steps));
  await worker.handle.result();
  assert.equal(reads, 2);
  assert.equal(finished.length, 2);
});

test('the same content fault twice parks the photo: its reason is written, its claim released, the run is red', async (t) => {
  const seen: number[] = [];
  const { steps, finished } = stepsOf({
    describePhoto: async ({ tries }) => {
      seen.push(tries.length);
      throw new PermanentError('EmptyAnswer', 'The model answered nothing.', { host: 'http://h' });
    },
  });
  const handle = await start(await startWorkflowWorker(t, steps));
  await assert.rejects(handle.result(), (error: Error) => /answered nothing/.test(String(error.cause)));
  assert.deepEqual(seen, [0, 1], 'the second try knows of the first');
  const [end] = finished.map((input) => input.end);
  assert.ok(end?.outcome === 'parked');
  assert.deepEqual(end.failure.tries, [
    { code: 'EmptyAnswer', host: 'http://h' },
    { code: 'EmptyAnswer', host: 'http://h' },
  ]);
});

test('bytes that changed while they were read go back to settle', async (t) => {
  let reads = 0;
  const { steps } = stepsOf({
    fingerprint: async () => {
      reads += 1;
      return reads === 1
        ? { kind: 'torn' }
        : { kind: 'known', contentHash: key.contentHash, facts: {}, summary: 'jpeg' };
    },
  });
  const handle = await start(await startWorkflowWorker(t, steps));
  assert.equal((await handle.result()).outcome, 'done');
  assert.equal(reads, 2);
});

test('a file that vanished ends as gone, and is no failure', async (t) => {
  const { steps, finished } = stepsOf({ checkSettled: async () => ({ verdict: 'gone', why: 'no such file' }) });
  const handle = await start(await startWorkflowWorker(t, steps));
  assert.deepEqual(await handle.result(), { outcome: 'gone', why: 'no such file' });
  assert.equal(finished[0]?.end.outcome, 'gone');
});

test('while another run makes the description this one waits on timers, and then takes it without a model call', async (t) => {
  let looks = 0;
  const { steps, finished } = stepsOf({
    claimDescription: async () => {
      looks += 1;
      return looks < 2 ? { kind: 'held', key, owner: 'asset/test/other.jpg' } : { kind: 'known', key, description };
    },
    describePhoto: () => Promise.reject(new Error('must not be called')),
  });
  const handle = await start(await startWorkflowWorker(t, steps));
  assert.deepEqual(await handle.result(), { outcome: 'done', description, reused: true });
  assert.equal(finished.length, 1);
});

test('the signal that starts a run is answered by that run alone: also where the file is gone, or empty', async (t) => {
  for (const verdict of ['gone', 'empty'] as const) {
    const { steps, finished } = stepsOf({
      checkSettled: async () =>
        verdict === 'gone' ? { verdict, why: 'no such file' } : { verdict, stat: { ...stat, size: 0 } },
    });
    const { client, stop } = await startWorkflowWorker(t, steps);
    const rawPath = Buffer.from(`${randomUUID()}.jpg`);
    const asset = { assetId: '1', library: 'test', path: rawPath.toString() };
    const photos = createPhotos({ client, sha256 });
    const { workflowId } = await photos.changed({ asset, rawPath, priority: priorities.upload }, 'a file event');
    await client.workflow
      .getHandle(workflowId)
      .result()
      .catch(() => undefined);
    assert.deepEqual(
      finished.map(({ end }) => end.outcome),
      [verdict === 'gone' ? 'gone' : 'parked'],
    );
    await stop();
  }
});

test('a photo on which faces cannot be looked for is described all the same, and why is told', async (t) => {
  const { steps, finished } = stepsOf({
    fingerprint: async () => ({
      kind: 'known',
      contentHash: key.contentHash,
      facts: { people: ['Ida (5)'] },
      summary: 'jpeg',
      faces: { kind: 'wanted' },
    }),
    findFaces: async () => {
      throw new PermanentError('DecoderTimedOut', 'The picture took too long.');
    },
  });
  const handle = await start(await startWorkflowWorker(t, steps));
  assert.deepEqual(await handle.result(), { outcome: 'done', description, reused: false });
  assert.equal(
    finished[0]?.story.find(({ step }) => step === 'faces')?.note,
    'not possible: The picture took too long.',
  );
});
