/** Lets at most `count` calls of `work` run at a time, the others in the order they came. A caller whose signal ends leaves the queue. */
export function atMost(count: number) {
  const waiting = new Set<() => void>();
  let running = 0;
  const turn = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (running < count) {
      running += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      waiting.delete(resolve);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    waiting.add(resolve);
    await promise;
    signal.removeEventListener('abort', leave);
  };
  // A turn is handed on, not given back: nobody who came later can slip in between.
  const next = () => {
    const [first] = waiting;
    if (first === undefined) running -= 1;
    else {
      waiting.delete(first);
      first();
    }
  };
  return async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    await turn(signal);
    try {
      return await work();
    } finally {
      next();
    }
  };
}
