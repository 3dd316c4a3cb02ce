import { setTimeout as sleep } from 'node:timers/promises';
import type { AssetStore, Runs } from '../domain/ports.ts';
import { priorities } from '../domain/queues.ts';

export interface BrakeDeps {
  readonly assets: Pick<AssetStore, 'countWaiting'>;
  readonly runs: Pick<Runs, 'countOpen'>;
  /** In words, why nothing of this library may be started now; undefined where nothing holds it back. */
  readonly holdsBack?: (library: string) => Promise<string | undefined>;
  /** Runs whose next step a person holds, while there are other steps to go on with. They make room for others. */
  readonly countHeld?: () => Promise<number>;
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

/** Held runs that make room: 26 KB of Temporal's files each, 260 MB of all. */
const mostHeld = 10_000;

/**
 * Never more than `window` runs that are able to go on. Temporal is asked for what is open, because rows may say `open`
 * for runs that were lost with its files; runs that wait for more than two minutes do not count, nor do those that are held. What
 * goes before the backlog has as much room again, or the backlog's runs would keep it out.
 */
export function createBrake(
  deps: BrakeDeps,
  { library, window, priority, signal }: { library: string; window: number; priority: number; signal: AbortSignal },
): Brake {
  const { assets, runs, holdsBack, countHeld = async () => 0, brakeMs = 250 } = deps;
  const most = priority < priorities.backfill ? 2 * window : window;
  let left = 0;
  const look = async (): Promise<number> => {
    if ((await holdsBack?.(library)) !== undefined) return 0;
    const [open, waiting, held] = await Promise.all([runs.countOpen(), assets.countWaiting(), countHeld()]);
    // Rows may say `waiting` for runs that were lost: more than the window is never started at one look.
    return most - Math.max(0, open - waiting - Math.min(held, mostHeld));
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
