import { type Client, ScheduleOverlapPolicy } from '@temporalio/client';
import { queues } from '../domain/queues.ts';
import type { Logger } from '../runtime/log.ts';
import { verifyScheduleId, workflowTypes } from '../workflows/messages.ts';
import { keepSchedule } from './keep-schedule.ts';

export interface VerifySchedule {
  readonly client: Client;
  /** Minutes from one round to the next; 0: none. */
  readonly everyMin: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What was written into libraries' own fields is looked at again every few minutes, one round at a time. */
export const scheduleVerify = ({ client, everyMin, log, signal }: VerifySchedule): Promise<void> =>
  keepSchedule({
    client,
    scheduleId: verifyScheduleId,
    what: 'verifying what was written',
    log,
    signal,
    wanted:
      everyMin === 0
        ? undefined
        : {
            spec: { intervals: [{ every: `${everyMin} minutes` }] },
            action: {
              type: 'startWorkflow',
              workflowType: workflowTypes.verifyPublications,
              workflowId: verifyScheduleId,
              taskQueue: queues.workflows,
              args: [{}],
            },
            // What one round leaves is met by the next: none is made up for.
            policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
          },
  });
