import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { ConfigError } from '../../domain/errors.ts';
import type { Pause } from '../../domain/pause.ts';
import { type QueueState, reasonOf, stateOf } from './pause-reason.ts';

/** The rate limits of queues of activities, which the server keeps. Every method throws ServiceError where it is away. */
export interface QueueLimits {
  /** A change of the last few milliseconds may not be seen yet. */
  readonly seen: (queue: string) => Promise<QueueState>;
  /** Tasks that wait in a queue that hands out nothing, about; 0 where it is not paused. */
  readonly held: (queue: string) => Promise<number>;
  /** What holds now. */
  readonly now: (queue: string) => Promise<QueueState>;
  /** Hands out nothing from now on. */
  pause(state: QueueState, pause: Pause): Promise<void>;
  /** Hands out as before the pause. */
  lift(state: QueueState): Promise<void>;
}

/** A look is part of other answers, which must not wait long for a server that is away. */
const lookLimitMs = 2_000;
const activityQueue = 2;

/** `limitMs` for each call. */
export function createQueueLimits(client: Client, limitMs: number): QueueLimits {
  const { namespace, identity } = client.options;
  const limited = <T>(call: () => Promise<T>, ms = limitMs): Promise<T> =>
    client.withDeadline(Date.now() + ms, call).catch((error: unknown) => Promise.reject(inWords(error)));
  /** Without a change it answers what holds now; `describeTaskQueue` may tell what held a moment ago. */
  const update = async (
    queue: string,
    change?: { reason: string; rateLimit?: { requestsPerSecond: number } },
    by = identity,
  ): Promise<QueueState> => {
    const request = { namespace, identity: by, taskQueue: queue, taskQueueType: activityQueue };
    const { config } = await limited(() =>
      client.workflowService.updateTaskQueueConfig({ ...request, ...(change && { updateQueueRateLimit: change }) }),
    );
    return stateOf(queue, config);
  };
  const describe = (queue: string, reportStats: boolean) => {
    const name = { namespace, taskQueue: { name: queue }, taskQueueType: activityQueue };
    const ask = () => client.workflowService.describeTaskQueue({ ...name, reportConfig: true, reportStats });
    return limited(ask, Math.min(limitMs, lookLimitMs));
  };
  return {
    async seen(queue) {
      const { config } = await describe(queue, false);
      return stateOf(queue, config);
    },
    async held(queue) {
      const { config, stats } = await describe(queue, true);
      return stateOf(queue, config).paused === undefined ? 0 : Number(stats?.approximateBacklogCount ?? 0);
    },
    now: (queue) => update(queue),
    async pause({ queue, limit }, pause) {
      await update(queue, { rateLimit: { requestsPerSecond: 0 }, reason: reasonOf(pause, limit) }, pause.by);
    },
    async lift({ queue, limit }) {
      const reason = `resumed by ${identity}`;
      await update(queue, { reason, ...(limit !== undefined && { rateLimit: { requestsPerSecond: limit } }) });
    },
  };
}

/** gRPC's codes: no answer in time, a call that the server does not know, nobody there. */
const [deadlineExceeded, unimplemented, unavailable] = [4, 12, 14];

function inWords(error: unknown): unknown {
  if (!isGrpcServiceError(error)) return error;
  const code: number = error.code;
  if (code === unimplemented) {
    const message =
      'This Temporal server cannot pause a queue. TEMPORAL_ADDRESS has to name one of version 1.31 or newer.';
    return new ConfigError('BadConfig', message, { cause: error });
  }
  const isAway = code === deadlineExceeded || code === unavailable;
  const what = isAway ? 'does not answer' : `refuses (${error.details || error.message})`;
  const message = `Temporal ${what}, and it is Temporal that keeps pauses. See darkroom doctor.`;
  return new ServiceError(message, { cause: error });
}
