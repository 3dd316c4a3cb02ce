import { type Client, ScheduleOverlapPolicy } from '@temporalio/client';
import { queues } from '../domain/queues.ts';
import type { Logger } from '../runtime/log.ts';
import { type ReconcileInput, reconcileNowId, reconcileScheduleId, workflowTypes } from '../workflows/messages.ts';
import { keepSchedule } from './keep-schedule.ts';

export interface ReconcileSchedule {
  readonly client: Client;
  /** Minutes from one to the next; 0: none. */
  readonly everyMin: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Makes the schedule what the settings say. Where there was none, Temporal is new or has lost its files: then what is missing
 * is looked for at once, whatever the clock says.
 */
export const scheduleReconcile = ({ client, everyMin, log, signal }: ReconcileSchedule): Promise<void> =>
  keepSchedule({
    client,
    scheduleId: reconcileScheduleId,
    what: 'reconcile',
    log,
    signal,
    wanted:
      everyMin === 0
        ? undefined
        : {
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
          },
    onNew: () =>
      client.workflow.start(workflowTypes.reconcile, {
        workflowId: reconcileNowId,
        taskQueue: queues.workflows,
        // Nothing is quiet for minutes a moment after a crash.
        args: [{ quietMs: 0 } satisfies ReconcileInput],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
  });
