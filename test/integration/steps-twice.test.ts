import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DescribeInput, FinishInput } from '../../domain/contract.ts';
import { TransientError } from '../../domain/errors.ts';
import { nothingMissing } from '../../domain/reconcile.ts';
import { attempt } from '../support/attempt.ts';
import { type RealSteps, realSteps } from '../support/real-steps.ts';

/** Settled, read and claimed: what `describePhoto` gets. */
async function claimed({ activities, photo }: RealSteps): Promise<DescribeInput> {
  const { asset, stat } = await photo();
  const print = await attempt().run(activities.fingerprint, { asset, stat });
  assert.ok(print.kind === 'known');
  const { contentHash, facts } = print;
  const claim = await attempt().run(activities.claimDescription, { asset, contentHash, facts, owner: 'asset/a' });
  assert.ok(claim.kind === 'mine');
  return { asset, key: claim.key, facts, tries: [] };
}

/** Runs a step twice with the same input: the second time it answers the same and writes no row anew. */
async function twice<I, O>(steps: RealSteps, step: (input: I) => Promise<O>, input: I): Promise<O> {
  const first = await attempt().run(step, input);
  const before = await steps.rows();
  const second = await attempt().run(step, input);
  assert.deepEqual(second, first);
  assert.deepEqual(await steps.rows(), before);
  return first;
}

const ended = (
  { asset }: Pick<DescribeInput, 'asset'>,
  end: FinishInput['end'],
  story: FinishInput['story'] = [],
): FinishInput => ({ asset, workflowId: 'asset/a', runId: 'run', startedAt: 1_000, endedAt: 2_000, story, end });

test('every step of a photo that is described may run twice: same answer, no row written anew, one model call', async (t) => {
  const steps = await realSteps(t);
  const { activities, host } = steps;
  const { asset, stat } = await steps.photo();
  assert.deepEqual(await twice(steps, activities.checkSettled, { asset }), { verdict: 'whole', stat });
  const print = await twice(steps, activities.fingerprint, { asset, stat });
  assert.ok(print.kind === 'known');
  const { contentHash, facts } = print;
  const claim = await twice(steps, activities.claimDescription, { asset, contentHash, facts, owner: 'asset/a' });
  assert.ok(claim.kind === 'mine');
  const told = await twice(steps, activities.describePhoto, { asset, key: claim.key, facts, tries: [] });
  assert.ok(told.kind === 'described');
  assert.equal(host.total.calls, 1);
  const { description } = told;
  await twice(steps, activities.finishRun, ended({ asset }, { outcome: 'done', key: claim.key, description }));
  assert.equal((await steps.assets.find(asset.assetId))?.state, 'done');
});

test('a photo that waits, is parked or is gone is so once, however often it is written down', async (t) => {
  const steps = await realSteps(t);
  const { asset, stat } = await steps.photo();
  const { activities } = steps;
  const state = async () => (await steps.assets.find(asset.assetId))?.state;
  await twice(steps, activities.markWaiting, { asset, reason: 'it grows' });
  assert.equal(await state(), 'waiting');
  const failure = { step: 'fingerprint', code: 'Undecodable', reason: 'no picture', tries: [] };
  await twice(steps, activities.finishRun, ended({ asset }, { outcome: 'parked', failure, stat }));
  assert.equal(await state(), 'parked');
  await twice(steps, activities.finishRun, ended({ asset }, { outcome: 'gone', why: 'no such file' }));
  assert.equal(await state(), 'gone');
});

test('what is missing may be looked for twice: the same runs are asked for, and no row is written anew', async (t) => {
  const steps = await realSteps(t);
  const { activities, library, started, folder } = steps;
  const { asset } = await steps.photo();
  await rm(path.join(folder, 'IMG_0000.jpg'));
  await writeFile(path.join(folder, 'another.jpg'), 'so that the folder is no empty mount point');
  const gone = await twice(steps, activities.startMissing, { kind: 'new', quietMs: 0 });
  assert.deepEqual(gone, { looked: 1, started: 1, gone: 1, problems: [] });
  await attempt().run(activities.markWaiting, { asset, reason: 'it grows' });
  const begun = await twice(steps, activities.startMissing, { kind: 'begun', quietMs: 0 });
  assert.deepEqual(begun, { looked: 1, started: 1, gone: 0, problems: [] });
  assert.deepEqual(started, Array(4).fill(asset.path));
  assert.deepEqual(await twice(steps, activities.passLibraries, undefined), { passes: [library] });
  await twice(steps, activities.keepReconciled, { ...nothingMissing(1_000), started: 2, endedAt: 2_000 });
});

test('a page may be started twice: the same runs are asked for, and no row is written anew', async (t) => {
  const steps = await realSteps(t);
  const { activities, library, started } = steps;
  const page = await twice(steps, activities.startPage, { library, pageSize: 100, window: 64 });
  const none = { skipped: 0, parked: 0, underWay: 0, unsupported: 0, problems: [] };
  assert.deepEqual(page, { ...none, seen: 1, started: 1 });
  assert.deepEqual(started, ['IMG_0000.jpg', 'IMG_0000.jpg']);
});

test('two attempts at once make one call and get the same answer', async (t) => {
  const steps = await realSteps(t);
  const { activities, host } = steps;
  const input = await claimed(steps);
  host.script(() => ({ firstByteMs: 300 }));
  const first = attempt().run(activities.describePhoto, input);
  await untilCalls(steps, 1);
  assert.deepEqual(await attempt().run(activities.describePhoto, input), await first);
  assert.equal(host.total.calls, 1);
});

for (const given of [{ notFound: true }, { timedOut: true }]) {
  test(`a call whose attempt Temporal gave up (${Object.keys(given).join()}) is finished and its text saved`, async (t) => {
    const steps = await realSteps(t);
    const { activities, host } = steps;
    const input = await claimed(steps);
    host.script(() => ({ firstByteMs: 300 }));
    const env = attempt();
    const call = env.run(activities.describePhoto, input);
    await untilCalls(steps, 1);
    env.told(given);
    assert.equal((await call).kind, 'described');
    assert.equal(host.total.finished, 1);
    assert.ok((await steps.descriptions.find(input.key)) !== undefined);
    assert.equal((await attempt().run(activities.describePhoto, input)).kind, 'described');
    assert.equal(host.total.calls, 1);
  });
}

for (const given of [{ cancelRequested: true }, { workerShutdown: true }]) {
  test(`a call is broken off, and its host free again, on ${Object.keys(given).join()}`, async (t) => {
    const steps = await realSteps(t);
    const input = await claimed(steps);
    steps.host.script((_, nth) => (nth === 1 ? { firstByteMs: 60_000 } : {}));
    const env = attempt();
    const call = env.run(steps.activities.describePhoto, input);
    await untilCalls(steps, 1);
    env.told(given);
    await assert.rejects(call);
    await isFree(steps, input);
  });
}

test('an attempt that joined a call may end it, though the first one was given up by Temporal', async (t) => {
  const steps = await realSteps(t);
  const input = await claimed(steps);
  steps.host.script((_, nth) => (nth === 1 ? { firstByteMs: 60_000 } : {}));
  const [first, second] = [attempt(), attempt()];
  const calls = [first.run(steps.activities.describePhoto, input)];
  await untilCalls(steps, 1);
  first.told({ timedOut: true });
  calls.push(second.run(steps.activities.describePhoto, input));
  second.told({ workerShutdown: true });
  assert.deepEqual(
    (await Promise.allSettled(calls)).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await isFree(steps, input);
});

test('an attempt that begins while its worker stops makes no call', async (t) => {
  const steps = await realSteps(t);
  const input = await claimed(steps);
  const env = attempt();
  env.told({ workerShutdown: true });
  await assert.rejects(env.run(steps.activities.describePhoto, input));
  assert.equal(steps.host.total.calls, 0);
});

test('a text that cannot be saved is returned all the same, and saved with the end of the run', async (t) => {
  const save = () => Promise.reject(new TransientError('DatabaseUnavailable', 'away'));
  const steps = await realSteps(t, { save });
  const input = await claimed(steps);
  const told = await attempt().run(steps.activities.describePhoto, input);
  assert.ok(told.kind === 'described');
  assert.equal(await steps.descriptions.find(input.key), undefined);
  const { description } = told;
  await attempt().run(steps.activities.finishRun, ended(input, { outcome: 'done', key: input.key, description }));
  assert.deepEqual(await steps.descriptions.find(input.key), description);
});

test('other bytes behind the same size and time are noticed when the picture is made again, and remembered', async (t) => {
  const steps = await realSteps(t);
  const file = path.join(steps.folder, 'IMG_0000.jpg');
  await utimes(file, 1_700_000_000, 1_700_000_000);
  const input = await claimed(steps);
  const { asset, stat } = await steps.photo();
  const bytes = await readFile(file);
  bytes.write('2023:', bytes.indexOf('2024:'));
  await writeFile(file, bytes);
  await utimes(file, 1_700_000_000, 1_700_000_000);
  await rm(path.join(steps.folder, '..', 'renditions'), { recursive: true });
  assert.deepEqual(await attempt().run(steps.activities.describePhoto, input), { kind: 'torn' });
  const print = await attempt().run(steps.activities.fingerprint, { asset, stat });
  assert.ok(print.kind === 'known');
  assert.equal(print.contentHash, createHash('sha256').update(bytes).digest('hex'));
});

test('a run whose recipe the database does not know goes back to where it is written down', async (t) => {
  const steps = await realSteps(t);
  const input = await claimed(steps);
  const key = { ...input.key, recipeHash: '0'.repeat(64) };
  assert.deepEqual(await attempt().run(steps.activities.describePhoto, { ...input, key }), { kind: 'torn' });
  assert.equal(steps.host.total.calls, 0);
});

async function untilCalls({ host }: RealSteps, count: number): Promise<void> {
  while (host.total.calls < count) await sleep(10);
}

/** The host takes one call at a time: it answers another one only when the connection of the first is closed. */
async function isFree({ activities, host, descriptions }: RealSteps, input: DescribeInput): Promise<void> {
  const told = await attempt().run(activities.describePhoto, input);
  assert.equal(told.kind, 'described');
  assert.deepEqual({ calls: host.total.calls, finished: host.total.finished }, { calls: 2, finished: 1 });
  assert.ok((await descriptions.find(input.key)) !== undefined);
}
