import { proxyActivities } from '@temporalio/workflow';

export interface Look {
  /** Base URL of the host that answered. */
  readonly host: string;
  readonly attempt: number;
}

/** Asks for so many activities at once on the queue of the vision hosts. */
export async function manyLooks({ queue, count }: { queue: string; count: number }): Promise<readonly Look[]> {
  const { look } = proxyActivities<{ look(nth: number): Promise<Look> }>({
    taskQueue: queue,
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '100 ms' },
  });
  return await Promise.all(Array.from({ length: count }, (_nothing, nth) => look(nth)));
}
