import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities, WindowsKept } from '../domain/contract.ts';
import { queues } from '../domain/queues.ts';

const { keepWindows } = proxyActivities<Pick<Activities, 'keepWindows'>>({
  taskQueue: queues.control,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
  summary: 'pause or resume, as the windows are now',
});

/**
 * Started by the schedule of a window when it opens or closes. What is to be done is not in the input: a run that comes late,
 * twice or in another order does what is right at its own time.
 */
export async function keepWindow(): Promise<WindowsKept> {
  return await keepWindows({ at: workflowInfo().startTime.getTime() });
}
