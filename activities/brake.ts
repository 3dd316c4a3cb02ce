import { setTimeout as sleep } from 'node:timers/promises';
import type { AssetStore, Runs } from '../domain/ports.ts';
import { priorities } from '../domain/queues.ts';

export interface BrakeDeps {
  readonly assets: Pick<AssetStore, 'countWaiting'>;
  readonly runs: Pick<Runs, 'countOpen'>;
  /** In words, why nothing of this library may be started now; undefined where nothing holds it back. */
  readonly holdsBack?: (library: string) => Promise<string | undefined>;
  /** Milliseconds between two looks at how many runs are open. */
  readonly brakeMs?: number;
}

interface Brake {
  /** Waits until runs may be started, and says how many, `wanted` at most. 0 after the signal. */
  room(wanted: number): Promise<number>;
  /** So many of them were started. */
  started(count: number): void;
}

/** Starts at once beside each other: 8 gave 52 starts a second, and more gave no more. */
const startsAtOnce = 8;

/**
 * Never more than `window` runs that are able to go on. Temporal is asked for what is open, because rows may say `open`
 * for runs that were lost with its files; runs that wait for more than two minutes do not count. What goes before the
 * backlog has as much room again, or the backlog's runs would keep it out.
 */
export function createBrake(
  deps: BrakeDeps,
  { library, window, priority, signal }: { library: string; window: number; priority: number; signal: AbortSignal },
): Brake {
  const { assets, runs, holdsBack, brakeMs = 250 } = deps;
  const most = priority < priorities.backfill ? 2 * window : window;
  let left = 0;
  const look = async (): Promise<number> => {
    if ((await holdsBack?.(library)) !== undefined) return 0;
    // Rows may say `waiting` for runs that were lost; they make no room.
    return most - Math.max(0, (await runs.countOpen()) - (await assets.countWaiting()));
  };
  return {
    async room(wanted) {
      // Room is used by the handful: at one run at a time, each start would cost a count of all of them.
      const handful = Math.min(startsAtOnce, window, wanted);
      while (left <= 0 && !signal.aborted) {
        const room = await look();
        if (room >= handful) left = room;
        else await sleep(brakeMs, undefined, { signal }).catch(() => undefined);
      }
      return signal.aborted ? 0 : Math.min(left, wanted, startsAtOnce);
    },
    started: (count) => void (left -= count),
  };
}
