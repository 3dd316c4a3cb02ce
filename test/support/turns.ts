/** First come, first served, at most `atOnce` at a time: how Ollama lets requests wait for a loaded model. */
export interface Turns {
  /** Resolves when it is this one's turn, with the function that ends it. Rejects when `signal` aborts before. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createTurns(atOnce: number): Turns {
  let running = 0;
  const waiting = new Set<() => void>();
  const end = () => {
    running -= 1;
    const [next] = waiting;
    next?.();
  };
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (running >= atOnce) {
        await new Promise<void>((resolve, reject) => {
          const go = () => {
            waiting.delete(go);
            signal.removeEventListener('abort', leave);
            running += 1;
            resolve();
          };
          const leave = () => {
            waiting.delete(go);
            reject(new Error('the client is gone'));
          };
          waiting.add(go);
          signal.addEventListener('abort', leave, { once: true });
        });
      } else {
        running += 1;
      }
      let ended = false;
      return () => {
        if (!ended) end();
        ended = true;
      };
    },
  };
}
