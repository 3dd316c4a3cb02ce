export interface Batcher<T> {
  /** Settles as the batch does that it goes with. Giving up does not take it out of a batch that is under way. */
  add(items: readonly T[], signal: AbortSignal): Promise<void>;
}

interface Batch<T> {
  readonly items: T[];
  readonly done: Promise<void>;
}

/** Joins what comes within `waitMs` of the first into one call of `run`, at most `most` items at a time. */
export function createBatcher<T>({
  waitMs,
  most,
  run,
}: {
  waitMs: number;
  most: number;
  run: (items: readonly T[]) => Promise<void>;
}): Batcher<T> {
  let open: Batch<T> | undefined;
  const begin = (): Batch<T> => {
    const items: T[] = [];
    const done = new Promise<void>((resolve) => setTimeout(resolve, waitMs)).then(() => {
      if (open?.items === items) open = undefined;
      return run(items);
    });
    // Whoever gave up does not look at it any more.
    done.catch(() => {});
    return { items, done };
  };
  return {
    async add(items, signal) {
      signal.throwIfAborted();
      const batches = new Set<Batch<T>>();
      for (const item of items) {
        if (open === undefined || open.items.length >= most) open = begin();
        open.items.push(item);
        batches.add(open);
      }
      await unlessAborted(Promise.all([...batches].map(({ done }) => done)), signal);
    },
  };
}

async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const giveUp = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
