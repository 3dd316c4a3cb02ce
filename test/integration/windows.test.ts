import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, ServiceError } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { createKeepWindowsActivities } from '../../activities/keep-windows.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createControlLock } from '../../adapters/postgres/control-lock.ts';
import { createWindowStore } from '../../adapters/postgres/windows.ts';
import { addWindow, listWindows, removeWindow } from '../../clients/commands/window.ts';
import { createOutput } from '../../clients/output.ts';
import { createWindowSchedules } from '../../clients/window-schedules.ts';
import { pausable, type PausedQueue, pauseLockKey } from '../../domain/pause.ts';
import { type Window, weekdays, windowAt } from '../../domain/window.ts';
import { createLog } from '../../runtime/log.ts';
import { createQueuePauses, type QueuePauses } from '../../runtime/temporal/queue-pauses.ts';
import { ensureWindows } from '../../workers/engine-windows.ts';
import { windowScheduleId } from '../../workflows/messages.ts';
import { freePort } from '../support/free-port.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { sharedTemporal } from '../support/temporal.ts';
import { startWorkflowWorker } from '../support/workflow-worker.ts';

const minuteMs = 60_000;
let server: Awaited<ReturnType<typeof sharedTemporal>>;
let database: Database;
before(async () => {
  const [temporal, { address }] = await Promise.all([sharedTemporal(), migratedDatabase()]);
  server = temporal;
  database = connect(address, { max: 4 });
});

async function open(t: TestContext) {
  await emptyTables(database);
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  const windows = createWindowStore({ database });
  const schedules = createWindowSchedules(client);
  const exclusively = createControlLock({ database, key: pauseLockKey, lookEveryMs: 5 });
  const pauses = createQueuePauses({ client, exclusively, windows });
  const parts: string[] = [];
  t.after(async () => {
    await emptyTables(database);
    await pauses.resume(pausable.all, { force: true });
    await seen(pauses, []);
    for (const name of await schedules.names()) await schedules.remove(name);
    await connection.close();
  });
  return { client, windows, schedules, pauses, out: createOutput({ write: (text) => parts.push(text) }), parts };
}

/** What is told reaches those who look a moment later. */
async function seen(pauses: QueuePauses, by: readonly string[], limitMs = 10_000): Promise<readonly PausedQueue[]> {
  let paused: readonly PausedQueue[] = [];
  for (const until = Date.now() + limitMs; Date.now() < until; await sleep(20)) {
    paused = await pauses.look();
    if (JSON.stringify(paused.map((one) => one.by)) === JSON.stringify(by)) return paused;
  }
  return assert.fail(`paused by: ${paused.map((one) => one.by).join(', ')}, and not by: ${by.join(', ')}`);
}

/** So many minutes from the one that it is now, on the clock of UTC. */
const minuteIn = (count: number): number => {
  const at = new Date(Date.now() + count * minuteMs);
  return at.getUTCHours() * 60 + at.getUTCMinutes();
};
const windowOf = (name: string, from: number, to: number, more: Partial<Window> = {}): Window => ({
  name,
  what: 'describe',
  from,
  to,
  zone: 'UTC',
  days: weekdays,
  by: 'ada@desk',
  since: Date.now(),
  ...more,
});
const closedNow = (name: string, more: Partial<Window> = {}) => windowOf(name, minuteIn(120), minuteIn(180), more);
const openNow = (name: string, more: Partial<Window> = {}) => windowOf(name, minuteIn(-60), minuteIn(60), more);
const personal = (until?: number) => ({
  id: randomUUID(),
  by: 'bob@box',
  since: Date.now(),
  ...(until !== undefined && { until }),
});
const gently = { force: false };

test('a window that is closed pauses at once until it opens, and removing it goes on', async (t) => {
  const { windows, schedules, pauses, client, out, parts } = await open(t);
  const window = closedNow('night', { what: 'all' });
  await addWindow({ windows, schedules, pauses }, out, { window, json: false });
  const all = pausable.all.map(() => 'window night');
  const [paused, reading] = await seen(pauses, all);
  const { until } = windowAt(window, Date.now());
  assert.deepEqual([paused?.until, reading?.until], [until, until]);
  assert.match(parts.join(''), /^Everything works only \d\d:\d\d to \d\d:\d\d UTC\.\nIt is closed until /);
  assert.match(parts.join('').replaceAll('\n', ' '), /everything paused by window night \(only .* UTC\) since/);
  const { spec } = await client.schedule.getHandle(windowScheduleId('night')).describe();
  assert.deepEqual([spec.timezone, spec.calendars?.length], ['UTC', 3]);
  parts.length = 0;
  await listWindows({ windows }, out, { json: false });
  assert.match(parts.join(''), /^night {2}all {2}.* UTC {2}closed until /);

  // Adding it once more is harmless; as another one it is that one.
  await addWindow({ windows, schedules, pauses }, out, { window, json: false });
  assert.deepEqual((await seen(pauses, all))[0]?.id, paused?.id);
  await addWindow({ windows, schedules, pauses }, out, { window: openNow('night'), json: false });
  await seen(pauses, []);
  await addWindow({ windows, schedules, pauses }, out, { window, json: false });
  await seen(pauses, all);
  await removeWindow({ windows, schedules, pauses }, out, { window: 'night', json: false });
  await seen(pauses, []);
  assert.deepEqual((await windows.look()).windows, []);
  await assert.rejects(client.schedule.getHandle(windowScheduleId('night')).describe(), {
    name: 'ScheduleNotFoundError',
  });
  await assert.rejects(removeWindow({ windows, schedules, pauses }, out, { window: 'night', json: false }), {
    name: 'UsageError',
  });
});

test("a person's pause stays when a window closes or opens; at its end a closed window takes over", async (t) => {
  const { windows, pauses } = await open(t);
  await pauses.pause(pausable.describe, personal(), gently);
  await windows.put(closedNow('night'));
  assert.deepEqual(await pauses.keepWindows(Date.now()), { closed: [], opened: [] });
  await seen(pauses, ['bob@box']);
  const { lifted, next } = await pauses.resume(pausable.describe, gently);
  assert.deepEqual([lifted.map(({ by }) => by), next.map(({ by }) => by)], [['bob@box'], ['window night']]);
  await seen(pauses, ['window night']);

  // One with an end takes the place of the window's, and gives it back.
  await pauses.pause(pausable.describe, personal(Date.now() - 1), gently);
  await seen(pauses, ['bob@box']);
  assert.deepEqual(
    (await pauses.liftOver(Date.now())).map(({ by }) => by),
    ['bob@box'],
  );
  await seen(pauses, ['window night']);
  await pauses.pause(pausable.describe, personal(), gently);
  await windows.put(openNow('night'));
  assert.deepEqual(await pauses.keepWindows(Date.now()), { closed: [], opened: [] });
  await seen(pauses, ['bob@box']);
});

test('who resumes outside the window works until it closes the next time, whatever happens in between', async (t) => {
  const { windows, schedules, pauses } = await open(t);
  await windows.put(closedNow('night'));
  await pauses.keepWindows(Date.now());
  await seen(pauses, ['window night']);
  assert.deepEqual((await pauses.resume(pausable.describe, gently)).next, []);
  await seen(pauses, []);
  // An edge that comes late, a restart, the end of a pause of a few minutes.
  await pauses.keepWindows(Date.now());
  const signal = AbortSignal.timeout(30_000);
  await ensureWindows({ store: windows, schedules, pauses, log: quiet, signal });
  await pauses.pause(pausable.describe, personal(Date.now() - 1), gently);
  await seen(pauses, ['bob@box']);
  await pauses.liftOver(Date.now());
  await seen(pauses, []);
  // A window that is added counts anew.
  await windows.put(closedNow('late'));
  await pauses.keepWindows(Date.now());
  await seen(pauses, ['window late, night']);
});

const quiet = createLog({ level: 'silent', pretty: false, name: 'test' });

test('a Temporal that has forgotten everything is given its pauses and schedules again, and no others', async (t) => {
  const { windows, schedules, pauses } = await open(t);
  await windows.put(closedNow('night'));
  await schedules.put(closedNow('left-over'));
  for (const limit = Date.now() + 20_000; (await schedules.names()).length === 0; await sleep(100)) {
    assert.ok(Date.now() < limit, 'the schedule is not listed');
  }
  const signal = AbortSignal.timeout(30_000);
  await ensureWindows({ store: windows, schedules, pauses, log: quiet, signal });
  await seen(pauses, ['window night']);
  let names: readonly string[] = [];
  for (const limit = Date.now() + 20_000; JSON.stringify(names) !== '["night"]'; await sleep(100)) {
    names = await schedules.names();
    assert.ok(Date.now() < limit, names.join());
  }
});

test('the schedule closes a window at its minute, by a run that anybody can see', { timeout: 180_000 }, async (t) => {
  const { windows, schedules, pauses, client, out } = await open(t);
  const { keepWindows } = createKeepWindowsActivities({ keepWindows: (now) => pauses.keepWindows(now) });
  await startWorkflowWorker(t, { keepWindows });
  // At the end of this minute or, where that is too near, of the next one.
  const rest = minuteMs - (Date.now() % minuteMs);
  const window = windowOf('short', minuteIn(-60), minuteIn(rest > 10_000 ? 1 : 2));
  await addWindow({ windows, schedules, pauses }, out, { window, json: true });
  assert.deepEqual(await pauses.look(), []);
  await seen(pauses, ['window short'], 150_000);
  const runs = client.workflow.list({ query: "WorkflowType = 'keepWindow'" });
  for await (const { workflowId } of runs) assert.match(workflowId, /^window\/short-\d{4}-/);
  // What a person does by hand with Temporal's own tools: the same, whatever the time is.
  await windows.remove('short');
  // The id of a run ends with its second: in the same one it would be the same run.
  await sleep(1_100);
  await client.schedule.getHandle(windowScheduleId('short')).trigger();
  await seen(pauses, [], 60_000);
});

test('on nights on which clocks change the server looks at every closing, at once or within half an hour', async (t) => {
  const { schedules, client } = await open(t);
  for (const [zone, days] of [
    ['Europe/Berlin', ['2026-03-28', '2026-10-24']],
    ['America/New_York', ['2027-03-13', '2026-10-31']],
    ['Australia/Lord_Howe', ['2026-10-03', '2027-04-03']],
    ['Pacific/Easter', ['2027-09-03', '2027-04-02']],
    ['America/Nuuk', ['2027-03-26', '2026-10-23']],
  ] as const) {
    for (const [from, to] of [
      [22 * 60, 6 * 60],
      [22 * 60, 2 * 60 + 30],
      [23 * 60 + 15, 2 * 60],
      [60, 2 * 60 + 10],
      [20 * 60, 22 * 60 + 30],
      [20 * 60, 23 * 60 + 30],
    ] as const) {
      const window = windowOf('dst', from, to, { zone });
      await schedules.put(window);
      for (const day of days) {
        const begin = Date.parse(`${day}T00:00:00Z`);
        const looks = await matching(client, 'dst', begin, begin + 3 * 24 * 60 * minuteMs);
        for (let at = begin; at < begin + 2 * 24 * 60 * minuteMs;) {
          const { open: isOpen, until } = windowAt(window, at);
          const look = looks.find((one) => one >= until) ?? Infinity;
          const late = look - until;
          assert.ok(
            !isOpen || late <= 30 * minuteMs,
            `${zone} ${from} ${to}: ${new Date(until).toISOString()} ${late}`,
          );
          at = until;
        }
      }
    }
  }
});

test('while Temporal is away a window is neither added nor lost, and it is said why', async (t) => {
  const { windows, pauses, out } = await open(t);
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
  t.after(() => connection.close());
  const schedules = createWindowSchedules(new Client({ connection }), 300);
  const away = (error: unknown) =>
    error instanceof ServiceError && /^Temporal does not answer.*schedules.*doctor/.test(error.message);
  const window = closedNow('night');
  await assert.rejects(addWindow({ windows, schedules, pauses }, out, { window, json: false }), away);
  assert.deepEqual((await windows.look()).windows, []);
  const before = openNow('night');
  await windows.put(before);
  await assert.rejects(addWindow({ windows, schedules, pauses }, out, { window, json: false }), away);
  assert.deepEqual((await windows.look()).windows, [before]);
  await assert.rejects(schedules.remove('night'), away);
});

async function matching(client: Client, name: string, from: number, to: number): Promise<number[]> {
  const { namespace } = client.options;
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace,
    scheduleId: windowScheduleId(name),
    startTime: msToTs(from),
    endTime: msToTs(to),
  });
  return (startTime ?? []).map((time) => tsToMs(time));
}
