import type { Entry } from './entry.ts';

/** Looks again when a cap of a host comes to its end: nothing else would tell. */
export function createWakeUp(deps: { entries: () => readonly Entry[]; now: () => number; look: () => void }) {
  const { entries, now, look } = deps;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  return {
    plan(): void {
      clearTimeout(timer);
      const times = entries()
        .map(({ shared }) => shared.budget.wait(now())?.until ?? 0)
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
