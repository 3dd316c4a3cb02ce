import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';

export interface KeepRunning {
  readonly name: string;
  readonly start: () => Promise<Child>;
  /** Says what ended and when it starts again; `next` in milliseconds. */
  readonly onEnd: (name: string, how: string, next: number) => void;
  readonly onRestart?: (child: Child) => void;
  readonly signal: AbortSignal;
}

const delaysMs = [200, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** One that ran for this long was well: the next failure starts with the short delay again. */
const wellAfterMs = 60_000;

/** Starts `first` again whenever it ends (undefined: it has), with growing delays, until `signal`. Resolves then. */
export async function keepRunning(
  { name, start, onEnd, onRestart, signal }: KeepRunning,
  first: Child | undefined,
): Promise<void> {
  let child = first;
  let failures = 0;
  while (!signal.aborted) {
    const since = Date.now();
    const how = child === undefined ? 'could not be started' : await endOf(child, signal);
    if (signal.aborted) return;
    failures = Date.now() - since > wellAfterMs ? 1 : failures + 1;
    const delay = delaysMs[Math.min(failures, delaysMs.length) - 1] ?? 30_000;
    onEnd(name, how, delay);
    await sleep(delay, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    child = await start().catch(() => undefined);
    if (child !== undefined) onRestart?.(child);
  }
}

const endOf = (child: Child, signal: AbortSignal): Promise<string> =>
  Promise.race([
    child.exited,
    new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('stopping'), { once: true })),
  ]);
