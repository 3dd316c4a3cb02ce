/** Tasks that are inside the worker and wait for a slot, in order of arrival. */
export interface WaitingTasks<T> {
  /** Waits until `take` gives something, for `limitMs` at most; rejects with what `take` throws, `tooLate`, or the signal's reason. */
  wait(input: { take: () => T | undefined; signal: AbortSignal; limitMs?: number; tooLate: () => Error }): Promise<T>;
  /** Something may be free now. */
  look(): void;
}

export function createWaitingTasks<T extends object>(): WaitingTasks<T> {
  const tasks = new Set<() => void>();
  return {
    look() {
      for (const task of tasks) task();
    },
    wait: ({ take, signal, limitMs, tooLate }) =>
      new Promise<T>((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer);
          tasks.delete(look);
          signal.removeEventListener('abort', cancel);
        };
        const end = (outcome: () => void) => {
          leave();
          outcome();
        };
        const look = () => {
          try {
            const taken = take();
            if (taken !== undefined) end(() => resolve(taken));
          } catch (error) {
            end(() => reject(error));
          }
        };
        // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason
        const cancel = () => end(() => reject(signal.reason));
        const timer = limitMs === undefined ? undefined : setTimeout(() => end(() => reject(tooLate())), limitMs);
        tasks.add(look);
        signal.addEventListener('abort', cancel, { once: true });
        look();
      }),
  };
}
