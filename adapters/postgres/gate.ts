export interface Gate {
  /** Resolves with the way out when there is room; rejects with the signal's reason when it aborts first. */
  enter(signal: AbortSignal): Promise<() => void>;
}

/**
 * At most `max` inside, first come first served. The driver would queue and pipeline by itself, but what waits in its queues
 * is still sent after its caller gave up: a `markWaiting` from before could land on a photo that is done by now.
 */
export function createGate(max: number): Gate {
  let inside = 0;
  const waiting = new Set<() => void>();

  const wayOut = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const [next] = waiting;
      if (next === undefined) inside -= 1;
      else next();
    };
  };

  return {
    enter(signal) {
      signal.throwIfAborted();
      if (inside < max) {
        inside += 1;
        return Promise.resolve(wayOut());
      }
      return new Promise((resolve, reject) => {
        const settle = () => {
          waiting.delete(settle);
          signal.removeEventListener('abort', giveUp);
          resolve(wayOut());
        };
        const giveUp = () => {
          waiting.delete(settle);
          reject(signal.reason);
        };
        waiting.add(settle);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
