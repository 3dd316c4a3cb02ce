import { TransientError } from '../../domain/errors.ts';

export interface Throttle {
  /** Runs `write` when there is room. Rejects with the reason of the signal while it waits; `write` sees to the rest itself. */
  run<T>(write: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** How many may run at once now, as a fraction; for status and tests. */
  readonly room: number;
}

export interface ThrottleOptions {
  /** Immich writes sidecars five at a time (sheet 7): more would only wait there. */
  readonly most?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Slower than this, and than `slowFactor` times the usual, is a sign that the server has more to do than it can. */
const slowMs = 1_000;
const slowFactor = 3;
/** A share of the newest: the usual time follows a server that became slower for good. */
const newest = 0.1;
/** Longer rests are Temporal's business: the refused write tells it how long. */
const longestRestMs = 30_000;

/**
 * Writes at once, as many as the server likes: one more for each full round that went well, half after a refusal (429, 503 and
 * other faults that pass), a little less after a slow one. After a Retry-After nothing starts before its time.
 */
export function createThrottle({
  most = 5,
  now = () => performance.now(),
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
}: ThrottleOptions = {}): Throttle {
  let room = Math.min(2, most);
  let running = 0;
  let usualMs: number | undefined;
  let resting: Promise<void> | undefined;
  let restUntil = Number.NEGATIVE_INFINITY;
  const waiting = new Set<() => void>();

  const startNext = (): void => {
    for (const start of waiting) {
      if (resting !== undefined || running >= Math.floor(room)) return;
      waiting.delete(start);
      running += 1;
      start();
    }
  };
  const rest = async (ms: number): Promise<void> => {
    const length = Math.min(ms, longestRestMs);
    if (now() + length <= restUntil) return;
    restUntil = now() + length;
    const rested = sleep(length);
    resting = rested;
    await rested;
    // Another refusal may have asked for more meanwhile.
    if (resting === rested) resting = undefined;
    startNext();
  };
  const wentWell = (ms: number): void => {
    const isSlow = ms > slowMs && ms > slowFactor * (usualMs ?? ms);
    usualMs = (usualMs ?? ms) * (1 - newest) + ms * newest;
    room = isSlow ? Math.max(1, room * 0.8) : Math.min(most, room + 1 / room);
  };
  const wasRefused = (error: unknown): void => {
    if (!(error instanceof TransientError)) return;
    room = Math.max(1, room / 2);
    if (error.retryAfterMs !== undefined && error.retryAfterMs > 0) void rest(error.retryAfterMs);
  };
  return {
    get room() {
      return room;
    },
    async run(write, signal) {
      await turn(waiting, startNext, signal);
      const started = now();
      try {
        const result = await write();
        wentWell(now() - started);
        return result;
      } catch (error) {
        wasRefused(error);
        throw error;
      } finally {
        running -= 1;
        startNext();
      }
    },
  };
}

/** Resolves when it may start. Who gives up while waiting leaves the queue and takes no room. */
function turn(waiting: Set<() => void>, startNext: () => void, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const start = (): void => {
    signal.removeEventListener('abort', giveUp);
    resolve();
  };
  const giveUp = (): void => {
    waiting.delete(start);
    reject(signal.reason);
  };
  if (signal.aborted) return Promise.reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  waiting.add(start);
  startNext();
  return promise;
}
