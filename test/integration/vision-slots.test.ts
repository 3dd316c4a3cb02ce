import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createVisionHosts } from '../../adapters/vision-hosts.ts';
import { createVisionPool, type VisionPool } from '../../adapters/vision-pool/pool.ts';
import { conditionsFor } from '../../domain/conditions.ts';
import { plainHost } from '../../domain/vision-host.ts';
import { createVisionSlots } from '../../workers/vision-slots.ts';
import type { Look, manyLooks } from '../support/many-looks.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { sharedTemporal } from '../support/temporal.ts';
import { suiteRecipe } from '../suites/vision-model.suite.ts';

/** Temporal's words about our slot supplier. */
const complaints: string[] = [];
Runtime.install({
  shutdownSignals: [],
  logger: new DefaultLogger('WARN', ({ message }) => void (message.includes('slot') && complaints.push(message))),
});

let server: { client: Client; worker: NativeConnection; namespace: string; code: string };
before(async () => {
  const { address, namespace } = await sharedTemporal();
  const [connection, worker, { code }] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
    bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../support/many-looks.ts', import.meta.url)) }),
  ]);
  server = { client: new Client({ connection, namespace }), worker, namespace, code };
});
after(async () => {
  await server.client.connection.close();
  await server.worker.close();
});

/** Two hosts of the given speed, a pool over them, and a worker whose slots are the pool's. */
async function twoHosts(t: TestContext, [fastMs, slowMs]: readonly [number, number]) {
  const hosts = await Promise.all(
    [fastMs, slowMs].map((firstByteMs) => startScriptedHost({ answer: () => ({ firstByteMs }) })),
  );
  const set = hosts.map(({ url, model }) => plainHost(url, model));
  const vision = createVisionHosts(set);
  const log: string[] = [];
  const note = (_about: object, message: string) => void log.push(message);
  const pool = createVisionPool({
    hosts: set,
    roleModels: { primary: 'scripted-vl', fallback: 'scripted-vl' },
    vision,
    canary: () => Promise.reject(new Error('not in this play')),
    log: { info: note, warn: note },
    timing: { presence: 200, idle: 300 },
  });
  t.after(async () => {
    pool.close();
    await vision.close();
    await Promise.all(hosts.map((host) => host.off()));
  });
  const look = async (nth: number): Promise<Look> => {
    const signal = cancellationSignal();
    const lease = await pool.acquire({ models: ['scripted-vl'], photo: `picture ${nth}`, exclude: [], signal });
    const call = { host: lease.host, model: lease.model, recipe: suiteRecipe, prompt: 'x', signal };
    const conditions = conditionsFor(suiteRecipe, []);
    try {
      const description = await vision.describe({ ...call, conditions, jpeg: Buffer.from(`picture ${nth}`) });
      lease.answered(description);
      return { host: lease.host, attempt: activityInfo().attempt };
    } catch (error) {
      throw lease.failed(error);
    }
  };
  const queue = `vision-${randomUUID()}`;
  const workers = await startWorkers(queue, pool, look);
  const looks = async (count: number) =>
    await server.client.workflow.execute<typeof manyLooks>('manyLooks', {
      args: [{ queue, count }],
      taskQueue: `${queue}-flow`,
      workflowId: randomUUID(),
    });
  return { hosts, pool, log, looks, stop: () => workers.stop() };
}

async function startWorkers(queue: string, pool: VisionPool, look: (nth: number) => Promise<Look>) {
  const { worker: connection, namespace, code } = server;
  const workers = await Promise.all([
    Worker.create({ connection, namespace, taskQueue: `${queue}-flow`, workflowBundle: { code } }),
    Worker.create({
      connection,
      namespace,
      taskQueue: queue,
      activities: { look },
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 3 },
      tuner: {
        activityTaskSlotSupplier: createVisionSlots(pool),
        workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 2 },
        localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
        nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
      },
    }),
  ]);
  const running = workers.map((worker) => worker.run());
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    },
  };
}

const until = async (what: () => boolean) => {
  while (!what()) await sleep(20);
};
const allAre = (pool: VisionPool, state: string) => pool.status().every((host) => host.state === state);

/** Each slot can be had exactly once: the worker gave back every permit. It does so a moment after its end. */
async function assertAllPermitsAreBack(pool: VisionPool, slots: number): Promise<void> {
  await sleep(100);

  const permits = Array.from({ length: slots + 1 }, () => pool.permits.tryReserve());
  assert.deepEqual(
    permits.map((permit) => permit !== undefined),
    [...Array.from({ length: slots }, () => true), false],
  );
}

test(
  'a host three times as fast does about three times the work, and neither gets two calls at once',
  { timeout: 60_000 },
  async (t) => {
    const { hosts, pool, looks, stop } = await twoHosts(t, [100, 300]);
    const results = await looks(40);
    const [fast = 0, slow = 0] = hosts.map((host) => host.total.finished);
    t.diagnostic(`calls: ${fast} and ${slow}`);
    assert.equal(fast + slow, 40);
    assert.ok(fast > slow * 1.5, `${fast} and ${slow} calls`);
    assert.deepEqual(
      hosts.map((host) => host.total.mostAtOnce),
      [1, 1],
    );
    assert.ok(results.every(({ attempt }) => attempt === 1));
    await stop();
    await assertAllPermitsAreBack(pool, 2);
    assert.deepEqual(complaints, []);
  },
);

test('all hosts off burns no attempt, says so once per host, and goes on by itself', { timeout: 60_000 }, async (t) => {
  const { hosts, pool, log, looks, stop } = await twoHosts(t, [20, 20]);
  await until(() => allAre(pool, 'ready'));
  await Promise.all(hosts.map((host) => host.off()));
  await until(() => allAre(pool, 'away'));
  const results = looks(10);
  await sleep(3_000);
  assert.equal(
    hosts.reduce((sum, host) => sum + host.total.calls, 0),
    0,
  );
  await Promise.all(hosts.map((host) => host.on()));
  assert.ok((await results).every(({ attempt }) => attempt === 1));
  assert.equal(log.length, 6, log.join('\n'));
  await stop();
  await assertAllPermitsAreBack(pool, 2);
});

test('a worker whose pollers all wait for a host stops at once', { timeout: 30_000 }, async (t) => {
  const { hosts, pool, looks, stop } = await twoHosts(t, [20, 20]);
  await looks(2);
  await Promise.all(hosts.map((host) => host.off()));
  await until(() => allAre(pool, 'away'));
  const began = performance.now();
  await stop();
  t.diagnostic(`stopped in ${Math.round(performance.now() - began)} ms`);
  assert.deepEqual(complaints, []);
  await Promise.all(hosts.map((host) => host.on()));
  await until(() => allAre(pool, 'ready'));
  await assertAllPermitsAreBack(pool, 2);
});
