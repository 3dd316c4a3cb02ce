import type { Client } from '@temporalio/client';
import { isOurs, overAt, pausable, type Pause, type PausedQueue } from '../../domain/pause.ts';
import { closedQueues, isWindows, type WindowStore } from '../../domain/window.ts';
import type { QueueState } from './pause-reason.ts';
import { createQueueLimits, type QueueLimits } from './queue-limits.ts';

/** Pauses of queues of activities, kept by the Temporal server. Every method throws ServiceError where it is away. */
export interface QueuePauses {
  /** Which queues hand out nothing now. A change of the last few milliseconds may not be seen yet. */
  look(): Promise<readonly PausedQueue[]>;
  /**
   * From now on these queues hand out nothing; what is under way ends. Where one of them is paused by something else than
   * Darkroom nothing is changed without `force`.
   */
  pause(queues: readonly string[], pause: Pause, options: { force: boolean }): Promise<Replaced>;
  /** Lifts the pauses of these queues; those that Darkroom did not make only with `force`. */
  resume(queues: readonly string[], options: { force: boolean }): Promise<Resumed>;
  /** Ends the pauses that are over at `now`, and returns them. A newer one that took their place stays. */
  liftOver(now: number): Promise<readonly PausedQueue[]>;
  /** Pauses queues whose windows are closed at `now`, and lets those go on that only a window held. A person's pause stays. */
  keepWindows(now: number): Promise<KeptWindows>;
}

interface Replaced {
  readonly replaced: readonly PausedQueue[];
  /** Those that are in the way; empty where it was done. */
  readonly refused: readonly PausedQueue[];
}

interface Resumed {
  readonly lifted: readonly PausedQueue[];
  readonly left: readonly PausedQueue[];
  /** Pauses of windows that are closed now and took the place of what was lifted. */
  readonly next: readonly PausedQueue[];
}

interface KeptWindows {
  readonly closed: readonly PausedQueue[];
  readonly opened: readonly PausedQueue[];
}

export interface QueuePausesDeps {
  readonly client: Client;
  /** One change at a time over all processes: the server has no conditional write. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  readonly windows: Pick<WindowStore, 'look' | 'overrule'>;
  /** Milliseconds that one call may take. A change makes four at most. */
  readonly limitMs?: number;
}

export function createQueuePauses({ client, exclusively, windows, limitMs = 5_000 }: QueuePausesDeps): QueuePauses {
  const limits = createQueueLimits(client, limitMs);
  /** Calls `work` with each of them as it is now and the pause that its windows want, one change at a time. */
  const each = <T>(
    queues: readonly string[],
    now: number,
    work: (state: QueueState, wanted: Pause | undefined) => Promise<T>,
  ) =>
    exclusively(async () => {
      const closed = closedQueues(await windows.look(), now);
      const results: T[] = [];
      for (const queue of queues) results.push(await work(await limits.now(queue), closed.get(queue)));
      return results;
    });
  /** A person wants work now, though its window is closed. Kept first, or the window would pause it again. */
  const overrule = async (state: QueueState, { queue, until }: PausedQueue): Promise<[]> => {
    if (until !== undefined) await windows.overrule(queue, until);
    await limits.lift(state);
    return [];
  };
  return {
    look: async () => pausesIn(await inTurn(pausable.all, limits.seen)),
    pause: (queues, pause, { force }) =>
      exclusively(async () => {
        const states = await inTurn(queues, limits.now);
        const before = pausesIn(states);
        const refused = force ? [] : before.filter((one) => !isOurs(one));
        if (refused.length > 0) return { replaced: [], refused };
        // One after the other: the model calls, which come first, are what costs.
        for (const state of states) await limits.pause(state, pause);
        return { replaced: before, refused };
      }),
    async resume(queues, { force }) {
      const results = await each(queues, Date.now(), async (state, wanted) => {
        const { paused } = state;
        if (paused === undefined) return nothing;
        if (!force && !isOurs(paused)) return { ...nothing, left: [paused] };
        const next = isWindows(paused) ? await overrule(state, paused) : await endWith(limits, state, wanted);
        return { ...nothing, lifted: [paused], next };
      });
      const all = (of: keyof Resumed) => results.flatMap((one) => one[of]);
      return { lifted: all('lifted'), left: all('left'), next: all('next') };
    },
    async liftOver(now) {
      const over = overAt(pausesIn(await inTurn(pausable.all, limits.seen)), now).map(({ queue }) => queue);
      if (over.length === 0) return [];
      const ended = await each(over, now, async (state, wanted) => {
        const isOver = state.paused !== undefined && overAt([state.paused], now).length > 0;
        if (isOver) await endWith(limits, state, wanted);
        return isOver ? pausesIn([state]) : [];
      });
      return ended.flat();
    },
    async keepWindows(now) {
      const results = await each(pausable.all, now, (state, wanted) => keepWindow(limits, state, wanted));
      return { closed: results.flatMap(({ closed }) => closed), opened: results.flatMap(({ opened }) => opened) };
    },
  };
}

const nothing: Resumed = { lifted: [], left: [], next: [] };

/**
 * One after the other, so that none is under way when another one failed: a call that is cut off when its connection is
 * closed is tried again by the client's own timer, and throws from there.
 */
async function inTurn<T>(queues: readonly string[], ask: (queue: string) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (const queue of queues) answers.push(await ask(queue));
  return answers;
}

const pausesIn = (states: readonly QueueState[]): PausedQueue[] =>
  states.flatMap(({ paused }) => (paused === undefined ? [] : [paused]));

/** The pause is over; a window that is closed meanwhile takes its place at once, so that nothing begins between the two. */
async function endWith(limits: QueueLimits, state: QueueState, wanted: Pause | undefined): Promise<PausedQueue[]> {
  if (wanted === undefined) {
    await limits.lift(state);
    return [];
  }
  await limits.pause(state, wanted);
  return [{ queue: state.queue, ...wanted }];
}

async function keepWindow(limits: QueueLimits, state: QueueState, wanted: Pause | undefined): Promise<KeptWindows> {
  const { queue, paused } = state;
  const unchanged = { closed: [], opened: [] };
  if (paused !== undefined && (!isWindows(paused) || paused.id === wanted?.id)) return unchanged;
  if (wanted !== undefined) {
    await limits.pause(state, wanted);
    return { ...unchanged, closed: [{ queue, ...wanted }] };
  }
  if (paused === undefined) return unchanged;
  await limits.lift(state);
  return { ...unchanged, opened: [paused] };
}
