import { type ScriptedHost, startScriptedHost } from '../../test/support/scripted-host.ts';

/** A host that answers one call at a time, as Ollama does, each after `callMs`, and notes when each began. */
export interface TimedHost extends ScriptedHost {
  readonly callMs: number;
  /** Milliseconds of `performance.now()`, in order. */
  readonly begun: readonly number[];
  /** Between the end of one call and the beginning of the next. */
  gaps(): number[];
}

export async function startTimedHost(callMs: number): Promise<TimedHost> {
  const begun: number[] = [];
  const host = await startScriptedHost({
    answer() {
      begun.push(performance.now());
      return { firstByteMs: callMs };
    },
  });
  return {
    ...host,
    callMs,
    begun,
    gaps: () => begun.slice(1).map((at, nth) => at - ((begun[nth] ?? at) + callMs)),
  };
}

/** Busy slot time over all the time there was, from the first call's beginning to the last one's end. */
export function utilisation(hosts: readonly TimedHost[]): number {
  const busy = hosts.reduce((sum, { begun, callMs }) => sum + begun.length * callMs, 0);
  return busy / (hosts.length * span(hosts));
}

/** Milliseconds from the first call's beginning to the last one's end. */
export function span(hosts: readonly TimedHost[]): number {
  const begun = hosts.flatMap((host) => host.begun);
  const ends = hosts.flatMap((host) => host.begun.map((at) => at + host.callMs));
  return Math.max(...ends) - Math.min(...begun);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
