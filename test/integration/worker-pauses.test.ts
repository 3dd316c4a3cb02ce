import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { connect } from '../../adapters/postgres/connection.ts';
import { createControlLock } from '../../adapters/postgres/control-lock.ts';
import { createPlannedPauseStore } from '../../adapters/postgres/planned-pauses.ts';
import { createWindowStore } from '../../adapters/postgres/windows.ts';
import { createWindowSchedules } from '../../clients/window-schedules.ts';
import { pausable, pauseLockKey } from '../../domain/pause.ts';
import { weekdays } from '../../domain/window.ts';
import { queues } from '../../domain/queues.ts';
import { createQueuePauses } from '../../runtime/temporal/queue-pauses.ts';
import { migratedDatabase } from '../support/stores.ts';
import { sharedTemporal } from '../support/temporal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { onServers, startWorkerProcess } from '../support/worker-process.ts';

/** Nobody listens there: the discard port. */
const noHost = 'http://127.0.0.1:9';

test('where only a worker runs a pause ends at its time, a planned one begins, and a window has its pause and its schedule', async (t) => {
  const home = await temporaryFolder(t);
  const [server, temporal] = await Promise.all([migratedDatabase(), sharedTemporal()]);
  const database = connect(server.address, { max: 2 });
  const connection = await Connection.connect({ address: temporal.address });
  t.after(() => Promise.all([database.close(), connection.close()]));
  const client = new Client({ connection, namespace: temporal.namespace });
  const windows = createWindowStore({ database });
  const exclusively = createControlLock({ database, key: pauseLockKey });
  const pauses = createQueuePauses({ client, exclusively, windows });
  const pausedBy = async (isSo: (by: readonly string[]) => boolean) => {
    let by: readonly string[] = [];
    for (const limit = Date.now() + 60_000; Date.now() < limit; await sleep(100)) {
      by = (await pauses.look()).map((one) => one.by);
      if (isSo(by)) return;
    }
    assert.fail(`paused by: ${by.join(', ')}`);
  };

  const short = { id: randomUUID(), by: 'ada@desk', since: Date.now(), until: Date.now() + 3_000 };
  await pauses.pause(pausable.all, short, { force: false });
  await pausedBy((by) => by.length === pausable.all.length);
  const at = new Date(Date.now() + 7_200_000);
  const from = at.getUTCHours() * 60 + at.getUTCMinutes();
  const window = {
    name: 'night',
    what: 'describe',
    from,
    to: (from + 60) % 1_440,
    zone: 'UTC',
    days: weekdays,
  } as const;
  await windows.put({ ...window, by: 'ada@desk', since: Date.now() });
  const env = { ...onServers(server, temporal), VISION_HOSTS: noHost, VISION_MODEL: 'none' };
  const worker = await startWorkerProcess(t, { env, home }, 'worker');
  await pausedBy((by) => by.join() === 'window night');
  const schedules = createWindowSchedules(client);
  while (!(await schedules.names()).includes('night')) await sleep(100);
  const later = { id: randomUUID(), by: 'eve@desk', since: Date.now() + 1_000, force: false };
  await createPlannedPauseStore({ database }).put([{ queue: queues.library, ...later }]);
  await pausedBy((by) => by.join() === 'window night,eve@desk');
  assert.equal(worker.exitCode, null);
});
