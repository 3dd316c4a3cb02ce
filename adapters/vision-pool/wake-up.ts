import type { Entry } from './entry.ts';

/** Looks again when a cap of a host, or another worker's slot, comes to its end: nothing else would tell. */
export function createWakeUp(deps: { entries: () => readonly Entry[]; now: () => number; look: () => void }) {
  const { entries, now, look } = deps;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  return {
    plan(): void {
      clearTimeout(timer);
      const times = entries()
        .flatMap(({ takenUntil, budget }) => [takenUntil, budget.wait(now())?.until ?? 0])
        .filter((time) => time > now());
      if (closed || times.length === 0) return;
      timer = setTimeout(look, Math.min(...times) - now());
    },
    close(): void {
      closed = true;
      clearTimeout(timer);
    },
  };
}
