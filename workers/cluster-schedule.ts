import { type Client, type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { queues } from '../domain/queues.ts';
import type { Logger } from '../runtime/log.ts';
import { type ClusterInput, clusterAllScheduleId, clusterScheduleId, workflowTypes } from '../workflows/messages.ts';
import { keepSchedule } from './keep-schedule.ts';

export interface ClusterSchedule {
  readonly client: Client;
  /** Minutes from one round to the next; 0: none, as where no face service is set up. */
  readonly everyMin: number;
  /** Of the vectors. */
  readonly model: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Faces that nobody has are looked at every few minutes, and once a night all of them. */
export async function scheduleCluster({ client, everyMin, model, log, signal }: ClusterSchedule): Promise<void> {
  const kept = { client, what: 'faces that nobody has', log, signal };
  const isOff = everyMin === 0;
  const often: ScheduleOptions['spec'] = { intervals: [{ every: `${everyMin} minutes` }] };
  const nightly: ScheduleOptions['spec'] = { calendars: [{ hour: 3, minute: 33 }] };
  await Promise.all([
    keepSchedule({
      ...kept,
      scheduleId: clusterScheduleId,
      wanted: isOff ? undefined : round({ model }, clusterScheduleId, often),
    }),
    keepSchedule({
      ...kept,
      scheduleId: clusterAllScheduleId,
      wanted: isOff ? undefined : round({ model, all: true }, clusterAllScheduleId, nightly),
    }),
  ]);
}

const round = (
  input: ClusterInput,
  workflowId: string,
  spec: ScheduleOptions['spec'],
): Omit<ScheduleOptions, 'scheduleId'> => ({
  spec,
  action: {
    type: 'startWorkflow',
    workflowType: workflowTypes.clusterFaces,
    workflowId,
    taskQueue: queues.workflows,
    args: [input],
  },
  // What one round leaves is met by the next: none is made up for.
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
});
