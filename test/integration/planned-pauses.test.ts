import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createControlLock } from '../../adapters/postgres/control-lock.ts';
import { createPlannedPauseStore } from '../../adapters/postgres/planned-pauses.ts';
import { createWindowStore } from '../../adapters/postgres/windows.ts';
import { pausable, type PausedQueue, pauseLockKey } from '../../domain/pause.ts';
import type { PlannedPause } from '../../domain/planned-pause.ts';
import { queues } from '../../domain/queues.ts';
import { createPlannedPauses } from '../../runtime/temporal/planned-pauses.ts';
import { createQueuePauses } from '../../runtime/temporal/queue-pauses.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { sharedTemporal } from '../support/temporal.ts';

let server: Awaited<ReturnType<typeof sharedTemporal>>;
let database: Database;
before(async () => {
  const [temporal, { address }] = await Promise.all([sharedTemporal(), migratedDatabase()]);
  server = temporal;
  database = connect(address, { max: 4 });
});

const gently = { force: false };
const made = (begin: number, until?: number) => ({
  id: randomUUID(),
  by: 'ada@desk',
  why: 'guests',
  since: begin,
  ...(until !== undefined && { until }),
});
const plansFor = (what: keyof typeof pausable, pause: ReturnType<typeof made>, force = false): PlannedPause[] =>
  pausable[what].map((queue) => ({ queue, ...pause, force }));

async function open(t: TestContext) {
  await emptyTables(database);
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  const exclusively = createControlLock({ database, key: pauseLockKey, lookEveryMs: 5 });
  const pauses = createQueuePauses({ client, exclusively, windows: createWindowStore({ database }) });
  const plans = createPlannedPauseStore({ database });
  const planned = createPlannedPauses({ client, exclusively, plans });
  /** What is told reaches those who look a moment later. */
  const holds = async (ids: readonly (string | undefined)[]): Promise<readonly PausedQueue[]> => {
    let paused: readonly PausedQueue[] = [];
    for (const until = Date.now() + 10_000; Date.now() < until; await sleep(20)) {
      paused = await pauses.look();
      if (JSON.stringify(paused.map(({ id }) => id ?? null)) === JSON.stringify(ids.map((id) => id ?? null)))
        return paused;
    }
    return assert.fail(`paused are ${JSON.stringify(paused)}, not ${ids.join()}`);
  };
  t.after(async () => {
    await emptyTables(database);
    await pauses.resume(pausable.all, { force: true });
    await holds([]);
    await connection.close();
  });
  const byHand = (requestsPerSecond?: number) =>
    client.workflowService.updateTaskQueueConfig({
      namespace: server.namespace,
      identity: 'ops@box',
      taskQueue: queues.vision,
      taskQueueType: 2,
      updateQueueRateLimit: {
        ...(requestsPerSecond !== undefined && { rateLimit: { requestsPerSecond } }),
        reason: 'power cut',
      },
    });
  return { client, exclusively, pauses, plans, planned, holds, byHand };
}

test('a plan is read back as it was made, and a newer one takes its place for the same work', async (t) => {
  const { planned } = await open(t);
  const [first, second] = [made(Date.now() + 3_600_000, Date.now() + 7_200_000), made(Date.now() + 60_000)];
  assert.deepEqual(await planned.plan(plansFor('all', first)), []);
  assert.deepEqual(await planned.look(), plansFor('all', first));
  assert.deepEqual(await planned.plan(plansFor('describe', second, true)), plansFor('describe', first));
  const [, ...rest] = plansFor('all', first);
  assert.deepEqual(await planned.look(), [...plansFor('describe', second, true), ...rest]);
  assert.deepEqual(await planned.drop(pausable.describe), plansFor('describe', second, true));
  assert.deepEqual(await planned.drop(pausable.all), rest);
  assert.deepEqual(await planned.drop(pausable.all), []);
});

test('what is due is paused under the id of its plan and forgotten, what is not due stays', async (t) => {
  const { planned, holds, pauses } = await open(t);
  const [due, later] = [made(Date.now() - 1_000, Date.now() + 3_600_000), made(Date.now() + 3_600_000)];
  await planned.plan([...plansFor('describe', due), ...plansFor('all', later).slice(1)]);
  const carried = await planned.carryOut(Date.now());
  assert.deepEqual(
    carried.map(({ plan, verdict }) => [plan.id, verdict]),
    [[due.id, 'pause']],
  );
  assert.deepEqual(await holds([due.id]), [{ queue: queues.vision, ...due }]);
  assert.deepEqual(await planned.look(), plansFor('all', later).slice(1));
  await pauses.resume(pausable.all, gently);
  assert.deepEqual(await planned.carryOut(Date.now()), []);
  await holds([]);
});

test('a process that dies between the pause and forgetting the plan does no harm, whatever came in between', async (t) => {
  const { client, exclusively, pauses, plans, planned, holds } = await open(t);
  const dying = createPlannedPauses({
    client,
    exclusively,
    plans: { ...plans, done: () => Promise.reject(new Error('killed')) },
  });
  const die = async () => {
    const pause = made(Date.now() - 1_000, Date.now() + 3_600_000);
    await planned.plan(plansFor('all', pause));
    await assert.rejects(dying.carryOut(Date.now()), /killed/);
    await holds([pause.id]);
    return pause;
  };
  // Nothing came: the rest is done, the pause is the same one.
  const first = await die();
  assert.deepEqual(
    (await planned.carryOut(Date.now())).map(({ verdict }) => verdict),
    ['held', 'pause', 'pause', 'pause'],
  );
  await holds(pausable.all.map(() => first.id));
  assert.deepEqual(await planned.look(), []);
  await pauses.resume(pausable.all, gently);
  await holds([]);
  // A resume came: it counts.
  const second = await die();
  await planned.drop(pausable.describe);
  await pauses.resume(pausable.describe, gently);
  await holds([]);
  await planned.carryOut(Date.now());
  assert.deepEqual(
    (await holds(pausable.all.slice(1).map(() => second.id))).map(({ queue }) => queue),
    [queues.library, queues.faces, queues.publish],
  );
  await pauses.resume(pausable.all, gently);
  await holds([]);
  // Another pause came: it counts, though it ends sooner.
  await die();
  const newer = { ...made(Date.now(), Date.now() + 60_000), by: 'bob@box' };
  await pauses.pause(pausable.all, newer, gently);
  await planned.carryOut(Date.now());
  await holds(pausable.all.map(() => newer.id));
});

test('two that carry out at once, and a resume beside them, leave no pause behind that resume did not see', async (t) => {
  const { pauses, planned, holds } = await open(t);
  for (let round = 0; round < 10; round += 1) {
    await planned.plan(plansFor('all', made(Date.now() - 1)));
    const resume = async () => {
      await sleep(round);
      await planned.drop(pausable.all);
      await pauses.resume(pausable.all, gently);
    };
    await Promise.all([planned.carryOut(Date.now()), resume(), planned.carryOut(Date.now())]);
    await holds([]);
    assert.deepEqual(await planned.look(), []);
  }
});

test('one that would be over is forgotten; a longer pause stays and a shorter one is replaced', async (t) => {
  const { pauses, planned, holds } = await open(t);
  const now = Date.now();
  await planned.plan(plansFor('all', made(now - 2_000, now - 1_000)));
  assert.deepEqual(
    (await planned.carryOut(now)).map(({ verdict }) => verdict),
    ['over', 'over', 'over', 'over'],
  );
  const [longer, shorter] = [made(now - 60_000), made(now - 60_000, now + 60_000)];
  await pauses.pause(pausable.all, shorter, gently);
  await pauses.pause(pausable.describe, longer, gently);
  const plan = made(now - 1_000, now + 3_600_000);
  await planned.plan(plansFor('all', plan));
  assert.deepEqual(
    (await planned.carryOut(now)).map(({ verdict }) => verdict),
    ['held', 'pause', 'pause', 'pause'],
  );
  await holds([longer.id, ...pausable.all.slice(1).map(() => plan.id)]);
  assert.deepEqual(await planned.look(), []);
});

test("a plan waits for a pause with Temporal's own tools, takes its place when that is lifted, or at once with force", async (t) => {
  const { planned, holds, byHand } = await open(t);
  const plan = made(Date.now() - 1_000);
  await byHand(0);
  await planned.plan(plansFor('describe', plan));
  assert.deepEqual(
    (await planned.carryOut(Date.now())).map(({ verdict }) => verdict),
    ['waits'],
  );
  await holds([undefined]);
  assert.deepEqual(await planned.look(), plansFor('describe', plan));
  await byHand();
  await planned.carryOut(Date.now());
  await holds([plan.id]);
  await byHand(0);
  const forced = made(Date.now() - 1);
  await planned.plan(plansFor('describe', forced, true));
  await planned.carryOut(Date.now());
  await holds([forced.id]);
});
