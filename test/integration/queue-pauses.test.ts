import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, ServiceError } from '@temporalio/client';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createControlLock } from '../../adapters/postgres/control-lock.ts';
import { createQueuePauses, type QueuePauses } from '../../runtime/temporal/queue-pauses.ts';
import { pausable, type Pause } from '../../domain/pause.ts';
import { queues } from '../../domain/queues.ts';
import { freePort } from '../support/free-port.ts';
import { migratedDatabase } from '../support/stores.ts';
import { sharedTemporal } from '../support/temporal.ts';

type Exclusively = Parameters<typeof createQueuePauses>[0]['exclusively'];

let server: Awaited<ReturnType<typeof sharedTemporal>>;
before(async () => void (server = await sharedTemporal()));

const alone: Exclusively = (work) => work();
const gently = { force: false };
const noWindows = {
  look: async () => ({ windows: [], overrules: new Map<string, number>() }),
  overrule: async () => undefined,
};
const made = (by: string, until?: number): Pause => ({
  id: randomUUID(),
  by,
  why: 'test',
  since: Date.now(),
  ...(until !== undefined && { until }),
});

async function open(t: TestContext, exclusively: Exclusively = alone) {
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  const pauses = createQueuePauses({ client, exclusively, windows: noWindows });
  t.after(async () => {
    const last = createQueuePauses({ client, exclusively: alone, windows: noWindows });
    await last.resume(pausable.all, { force: true });
    await seen(last, (by) => by.length === 0);
    await connection.close();
  });
  const set = (reason: string, requestsPerSecond: number) =>
    client.workflowService.updateTaskQueueConfig({
      namespace: server.namespace,
      identity: 'ops@box',
      taskQueue: queues.vision,
      taskQueueType: 2,
      updateQueueRateLimit: { rateLimit: { requestsPerSecond }, reason },
    });
  const limit = async () => {
    const taskQueue = { name: queues.vision };
    const question = { namespace: server.namespace, taskQueue, taskQueueType: 2, reportConfig: true };
    const { config } = await client.workflowService.describeTaskQueue(question);
    return config?.queueRateLimit?.rateLimit?.requestsPerSecond;
  };
  return { pauses, set, limit };
}

/** What is told reaches those who look a moment later. */
async function seen(pauses: QueuePauses, isSo: (by: readonly string[]) => boolean): Promise<void> {
  let by: readonly string[] = [];
  for (const until = Date.now() + 10_000; Date.now() < until; await sleep(20)) {
    by = (await pauses.look()).map((one) => one.by);
    if (isSo(by)) return;
  }
  assert.fail(`still paused by: ${by.join(', ')}`);
}

test('a pause is read back as it was made, is replaced by the next one, and is gone after resume', async (t) => {
  const { pauses } = await open(t);
  assert.deepEqual(await pauses.look(), []);
  const first = made('ada@desk', Date.now() + 3_600_000);
  assert.deepEqual(await pauses.pause(pausable.describe, first, gently), { replaced: [], refused: [] });
  await seen(pauses, (by) => by.length === 1);
  assert.deepEqual(await pauses.look(), [{ queue: queues.vision, ...first }]);

  const second = made('bob@box');
  assert.deepEqual(await pauses.pause(pausable.all, second, gently), {
    replaced: [{ queue: queues.vision, ...first }],
    refused: [],
  });
  await seen(pauses, (by) => by.length === pausable.all.length && by.every((one) => one === 'bob@box'));
  const { lifted, left } = await pauses.resume(pausable.describe, { force: false });
  assert.deepEqual([lifted, left], [[{ queue: queues.vision, ...second }], []]);
  await seen(pauses, (by) => by.length === pausable.all.length - 1);
  const rest = [queues.library, queues.faces, queues.publish].map((queue) => ({ queue, ...second }));
  assert.deepEqual(await pauses.look(), rest);
});

test('writing to libraries is paused and resumed alone; a pause of everything from before it could be is lifted whole', async (t) => {
  const { pauses } = await open(t);
  const writing = made('ada@desk');
  await pauses.pause(pausable.publish, writing, gently);
  await seen(pauses, (by) => by.length === 1);
  assert.deepEqual(await pauses.look(), [{ queue: queues.publish, ...writing }]);
  assert.deepEqual((await pauses.resume(pausable.publish, gently)).lifted, [{ queue: queues.publish, ...writing }]);
  await seen(pauses, (by) => by.length === 0);

  const before = [queues.vision, queues.library];
  const old = made('bob@box');
  await pauses.pause(before, old, gently);
  await seen(pauses, (by) => by.length === 2);
  const { lifted, left } = await pauses.resume(pausable.all, gently);
  assert.deepEqual([lifted, left], [before.map((queue) => ({ queue, ...old })), []]);
  await seen(pauses, (by) => by.length === 0);
  const over = made('bob@box', Date.now() - 1);
  await pauses.pause(before, over, gently);
  await seen(pauses, (by) => by.length === 2);
  assert.deepEqual(
    (await pauses.liftOver(Date.now())).map(({ queue }) => queue),
    before,
  );
  await seen(pauses, (by) => by.length === 0);
});

test('the end of an old pause does not lift the one that replaces it in that very moment', async (t) => {
  const { pauses: bobs } = await open(t);
  const newer = made('bob@box');
  let calls = 0;
  const { pauses: engines } = await open(t, async (work) => {
    calls += 1;
    // The old pause was seen to be over. Before it can be lifted somebody pauses again.
    await bobs.pause(pausable.describe, newer, gently);
    return await work();
  });
  await bobs.pause(pausable.describe, made('ada@desk', Date.now() - 1), gently);
  await seen(engines, (by) => by.includes('ada@desk'));
  assert.deepEqual(await engines.liftOver(Date.now()), []);
  assert.equal(calls, 1);
  await seen(engines, (by) => by.includes('bob@box'));
  assert.deepEqual(await engines.look(), [{ queue: queues.vision, ...newer }]);
});

test('what is over is lifted, what is not is left', async (t) => {
  const { pauses } = await open(t);
  const over = made('ada@desk', Date.now() - 1);
  await pauses.pause([queues.library], made('bob@box', Date.now() + 60_000), gently);
  await pauses.pause(pausable.describe, over, gently);
  await seen(pauses, (by) => by.length === 2);
  assert.deepEqual(await pauses.liftOver(Date.now()), [{ queue: queues.vision, ...over }]);
  await seen(pauses, (by) => by.length === 1 && by[0] === 'bob@box');
});

test('a pause by other tools is left without force and has no end; a rate of theirs is set again after a pause', async (t) => {
  const { pauses, set, limit } = await open(t);
  await set('GPU is being moved', 0);
  await seen(pauses, (by) => by.includes('ops@box'));
  const [{ since, ...foreign } = { since: 0 }] = await pauses.look();
  assert.deepEqual(foreign, { queue: queues.vision, by: 'ops@box', why: 'GPU is being moved' });
  assert.ok(Math.abs((since ?? 0) - Date.now()) < 60_000);
  assert.deepEqual(await pauses.liftOver(Date.now() + 1e12), []);
  // Nor is it replaced by the way: its end would be nobody's.
  const { refused } = await pauses.pause(pausable.all, made('ada@desk'), gently);
  assert.deepEqual(
    refused.map(({ by, why }) => [by, why]),
    [['ops@box', 'GPU is being moved']],
  );
  assert.deepEqual(
    (await pauses.look()).map(({ by }) => by),
    ['ops@box'],
  );
  assert.equal((await pauses.resume(pausable.all, { force: false })).left.length, 1);
  const { replaced } = await pauses.pause(pausable.all, made('ada@desk'), { force: true });
  assert.deepEqual(
    replaced.map(({ by }) => by),
    ['ops@box'],
  );
  assert.equal((await pauses.resume(pausable.all, { force: true })).lifted.length, pausable.all.length);
  await seen(pauses, (by) => by.length === 0);

  await set('slowly', 5);
  await pauses.pause(pausable.all, made('ada@desk'), gently);
  await pauses.pause(pausable.all, made('bob@box'), gently);
  await seen(pauses, (by) => by.length === pausable.all.length);
  await pauses.resume(pausable.all, { force: false });
  await seen(pauses, (by) => by.length === 0);
  assert.equal(await limit(), 5);
});

test('a server that is away is said to be, with what it is needed for', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
  const pauses = createQueuePauses({
    client: new Client({ connection }),
    exclusively: alone,
    windows: noWindows,
    limitMs: 300,
  });
  const away = (error: unknown) =>
    error instanceof ServiceError && /Temporal does not answer.*doctor/.test(error.message);
  await assert.rejects(pauses.look(), away);
  await assert.rejects(pauses.pause(pausable.describe, made('ada@desk'), gently), away);
  await connection.close();
});

test('changes are made one at a time over all processes, and one that died holds nobody up for long', async (t) => {
  const { address } = await migratedDatabase();
  const databases = [connect(address, { max: 1 }), connect(address, { max: 1 })];
  t.after(() => Promise.all(databases.map((database) => database.close())));
  const locks = databases.map((database: Database) =>
    createControlLock({ database, key: 'lock:test', ttlMs: 1_000, lookEveryMs: 5 }),
  );
  let [inside, most, done] = [0, 0, 0];
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(10);
    inside -= 1;
    done += 1;
  };
  await Promise.all([...locks, ...locks, ...locks].map((exclusively) => exclusively(work)));
  assert.deepEqual([most, done], [1, 6]);
  await assert.rejects(
    Promise.all(locks.map((exclusively) => exclusively(() => Promise.reject(new Error('no'))))),
    /no/,
  );

  const [first, second] = locks;
  assert.ok(first !== undefined && second !== undefined);
  const order: string[] = [];
  const [isIn, mayGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const dead = first(async () => {
    isIn.resolve();
    await mayGo.promise;
  });
  await isIn.promise;
  await second(async () => void order.push('next'));
  mayGo.resolve();
  await dead;
  // The one that came back late gave back what was its own, and not the other's.
  await second(async () => void order.push('again'));
  assert.deepEqual(order, ['next', 'again']);
});
