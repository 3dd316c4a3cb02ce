import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { ConfigError } from '../domain/errors.ts';
import { isOurs, overAt, pausable, type Pause, type PausedQueue } from '../domain/pause.ts';
import { type QueueState, reasonOf, stateOf } from './pause-reason.ts';

/** Pauses of queues of activities, kept by the Temporal server. Every method throws ServiceError where it is away. */
export interface QueuePauses {
  /** Which queues hand out nothing now. A change of the last few milliseconds may not be seen yet. */
  look(): Promise<readonly PausedQueue[]>;
  /** From now on these queues hand out nothing; what is under way ends. Returns the pauses that this one replaced. */
  pause(queues: readonly string[], pause: Pause): Promise<readonly PausedQueue[]>;
  /** Lifts the pauses of these queues; those that Darkroom did not make only with `force`. */
  resume(queues: readonly string[], options: { force: boolean }): Promise<Resumed>;
  /** Lifts the pauses that are over at `now`, and returns them. A newer one that took their place stays. */
  liftOver(now: number): Promise<readonly PausedQueue[]>;
}

interface Resumed {
  readonly lifted: readonly PausedQueue[];
  readonly left: readonly PausedQueue[];
}

export interface QueuePausesDeps {
  readonly client: Client;
  /** One change at a time over all processes: the server has no conditional write. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** Milliseconds that one call may take. A change makes four at most. */
  readonly limitMs?: number;
}

/** A look is part of other answers, which must not wait long for a server that is away. */
const lookLimitMs = 2_000;
const activityQueue = 2;
type Ask = (change?: { reason: string; rateLimit?: { requestsPerSecond: number } }, by?: string) => Promise<QueueState>;

export function createQueuePauses({ client, exclusively, limitMs = 5_000 }: QueuePausesDeps): QueuePauses {
  const { namespace, identity } = client.options;
  const limited = <T>(call: () => Promise<T>, ms = limitMs): Promise<T> =>
    client.withDeadline(Date.now() + ms, call).catch((error: unknown) => Promise.reject(inWords(error)));

  const seen = async (queue: string): Promise<QueueState> => {
    const question = { namespace, taskQueue: { name: queue }, taskQueueType: activityQueue, reportConfig: true };
    const ask = () => client.workflowService.describeTaskQueue(question);
    const { config } = await limited(ask, Math.min(limitMs, lookLimitMs));
    return stateOf(queue, config);
  };
  /**
   * One after the other, so that none is under way when another one failed: a call that is cut off when its connection is
   * closed is tried again by the client's own timer, and throws from there.
   */
  const look = async (): Promise<PausedQueue[]> => {
    const states: QueueState[] = [];
    for (const queue of pausable.all) states.push(await seen(queue));
    return pausesIn(states);
  };
  /** Without a change it answers what holds now; `describeTaskQueue` may tell what held a moment ago. */
  const asker =
    (queue: string): Ask =>
    async (change, by = identity) => {
      const request = { namespace, identity: by, taskQueue: queue, taskQueueType: activityQueue };
      const { config } = await limited(() =>
        client.workflowService.updateTaskQueueConfig({ ...request, ...(change && { updateQueueRateLimit: change }) }),
      );
      return stateOf(queue, config);
    };
  const liftIf = (queue: string, isWanted: (paused: PausedQueue) => boolean): Promise<QueueState> =>
    exclusively(async () => {
      const ask = asker(queue);
      const state = await ask();
      if (state.paused !== undefined && isWanted(state.paused)) await ask(lifted(state, identity));
      return state;
    });

  return {
    look,
    pause: (queues, pause) =>
      exclusively(async () => {
        const before: QueueState[] = [];
        // One after the other: the model calls, which come first, are what costs.
        for (const queue of queues) {
          const ask = asker(queue);
          const state = await ask();
          const reason = reasonOf(pause, state.limit);
          await ask({ rateLimit: { requestsPerSecond: 0 }, reason }, pause.by);
          before.push(state);
        }
        return pausesIn(before);
      }),
    async resume(queues, { force }) {
      const found: PausedQueue[] = [];
      for (const queue of queues) {
        found.push(...pausesIn([await liftIf(queue, (paused) => force || isOurs(paused))]));
      }
      const isLifted = (paused: PausedQueue) => force || isOurs(paused);
      return { lifted: found.filter(isLifted), left: found.filter((paused) => !isLifted(paused)) };
    },
    async liftOver(now) {
      const before: QueueState[] = [];
      for (const { queue } of overAt(await look(), now)) {
        before.push(await liftIf(queue, (paused) => overAt([paused], now).length > 0));
      }
      return overAt(pausesIn(before), now);
    },
  };
}

const pausesIn = (states: readonly QueueState[]): PausedQueue[] =>
  states.flatMap(({ paused }) => (paused === undefined ? [] : [paused]));

const lifted = ({ limit }: QueueState, by: string) => ({
  reason: `resumed by ${by}`,
  ...(limit !== undefined && { rateLimit: { requestsPerSecond: limit } }),
});

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
