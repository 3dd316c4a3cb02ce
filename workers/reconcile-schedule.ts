import {
  type Client,
  type ScheduleOptions,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { queues } from '../domain/queues.ts';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/when-aborted.ts';
import { type ReconcileInput, reconcileNowId, reconcileScheduleId, workflowTypes } from '../workflows/messages.ts';

export interface ReconcileSchedule {
  readonly client: Client;
  /** Minutes from one to the next; 0: none. */
  readonly everyMin: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const retryMs = 15_000;
const limitMs = 10_000;

/**
 * Makes the schedule what the settings say, at each start. Where there was none, Temporal is new or has lost its files: then
 * what is missing is looked for at once, whatever the clock says. A schedule that a person paused stays paused.
 */
export async function scheduleReconcile(input: ReconcileSchedule): Promise<void> {
  const { client, everyMin, log, signal } = input;
  for (let said = false; !signal.aborted; said = true) {
    try {
      await client.withDeadline(Date.now() + limitMs, () =>
        everyMin === 0 ? removeSchedule(client) : putSchedule(client, everyMin),
      );
      return;
    } catch (error) {
      // Temporal is away, or refuses schedules: photos are worked on without one.
      if (!said && !signal.aborted)
        log.warn({ err: error }, 'The schedule of reconcile could not be set; it is tried again');
      await pause(retryMs, signal);
    }
  }
}

async function putSchedule(client: Client, everyMin: number): Promise<void> {
  const wanted = scheduleOf(everyMin);
  try {
    await client.schedule.create(wanted);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = wanted;
    await client.schedule.getHandle(reconcileScheduleId).update(({ state }) => ({ spec, action, policies, state }));
    return;
  }
  await client.workflow.start(workflowTypes.reconcile, {
    workflowId: reconcileNowId,
    taskQueue: queues.workflows,
    // Nothing is quiet for minutes a moment after a crash.
    args: [{ quietMs: 0 } satisfies ReconcileInput],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

const scheduleOf = (everyMin: number) =>
  ({
    scheduleId: reconcileScheduleId,
    spec: { intervals: [{ every: `${everyMin} minutes` }] },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.reconcile,
      workflowId: reconcileScheduleId,
      taskQueue: queues.workflows,
      args: [{}],
    },
    // One that was due while we were away is not made up for: the next start looks through the libraries anyway.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
  }) satisfies ScheduleOptions;

async function removeSchedule(client: Client): Promise<void> {
  try {
    await client.schedule.getHandle(reconcileScheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
