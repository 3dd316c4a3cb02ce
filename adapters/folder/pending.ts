export interface PendingTiming {
  /** Milliseconds without an event until a path is looked at. */
  readonly quietMs: number;
  /** A path that never is quiet is looked at after this long all the same. */
  readonly maxWaitMs: number;
  /** At most one look at a path in this time: a slow upload pauses for seconds, and each look may signal a run. */
  readonly gapMs: number;
}

export interface Pending {
  /** `moved`: the name itself came, went or was replaced, not only the bytes behind it. */
  add(key: string, moved: boolean): void;
  close(): void;
}

interface Waiting {
  readonly firstAt: number;
  due: number;
  moved: boolean;
}

/** Paths with events at once; more than this is a job for a scan, which also has a brake on how many runs it opens. */
const defaultLimit = 10_000;

/**
 * Makes one look out of many events for the same path. Bounded: what does not fit is dropped, and `onOverflow` says so
 * once half of what did fit is done. `handle` gets due paths one batch after the other.
 */
export function createPending(options: {
  timing: PendingTiming;
  handle: (due: ReadonlyMap<string, { readonly moved: boolean }>) => Promise<void>;
  onOverflow: () => void;
  limit?: number;
}): Pending {
  const { timing, handle, onOverflow, limit = defaultLimit } = options;
  const waiting = new Map<string, Waiting>();
  /** When paths were last looked at; oldest first. */
  const looked = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let overflowed = false;
  let closed = false;

  const schedule = (): void => {
    if (closed || (waiting.size === 0 && !overflowed)) return;
    timer ??= setTimeout(() => void tick(), Math.max(10, timing.quietMs / 5));
  };

  async function tick(): Promise<void> {
    const due = takeDue(performance.now());
    if (due.size > 0) await handle(due);
    if (overflowed && waiting.size < limit / 2 && !closed) {
      overflowed = false;
      onOverflow();
    }
    timer = undefined;
    schedule();
  }

  function takeDue(now: number): Map<string, Waiting> {
    for (const [key, at] of looked) {
      if (now - at < timing.gapMs) break;
      looked.delete(key);
    }
    const due = new Map([...waiting].filter(([, { due }]) => due <= now));
    for (const key of due.keys()) {
      waiting.delete(key);
      looked.delete(key);
      looked.set(key, now);
    }
    return due;
  }

  return {
    add(key, moved) {
      const now = performance.now();
      const known = waiting.get(key);
      const notBefore = (looked.get(key) ?? -Infinity) + timing.gapMs;
      const wanted = Math.max(now + timing.quietMs, notBefore);
      if (known !== undefined) {
        known.due = Math.max(notBefore, Math.min(wanted, known.firstAt + timing.maxWaitMs));
        known.moved ||= moved;
      } else if (waiting.size < limit) waiting.set(key, { firstAt: now, due: wanted, moved });
      else overflowed = true;
      schedule();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
