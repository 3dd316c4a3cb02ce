import { setTimeout as sleep } from 'node:timers/promises';
import { runSet, type SetResult } from './one-set.ts';
import type { TimedHost } from './timed-host.ts';

const callMs = 500;

export interface Outage {
  readonly result: SetResult;
  /** Seconds from the return of the host to its first call. */
  readonly backAfterSeconds: number;
  /** Its share of the calls that began after that; a third is fair. */
  readonly shareAfter: number;
}

/** One host of three dies in the middle of its call, and is back ten seconds later. */
export async function oneOfThreeDies(folder: string, photos: number): Promise<Outage> {
  let backAt = 0;
  const result = await runSet({
    photos: { folder, count: photos },
    callMs: [callMs, callMs, callMs],
    async meanwhile({ hosts }) {
      const [host] = hosts;
      while ((host?.begun.length ?? 0) < photos / 12) await sleep(50);
      await host?.off();
      await sleep(10_000);
      await host?.on();
      backAt = performance.now();
    },
  });
  const after = (host: TimedHost, from: number) => host.begun.filter((at) => at >= from).length;
  const first = result.hosts[0]?.begun.find((at) => at >= backAt) ?? Number.NaN;
  const calls = result.hosts.map((host) => after(host, first));
  return {
    result,
    backAfterSeconds: (first - backAt) / 1_000,
    shareAfter: (calls[0] ?? 0) / calls.reduce((sum, count) => sum + count, 0),
  };
}

export interface AllOff {
  readonly result: SetResult;
  readonly logLines: number;
  /** From the moment a host is back to the end of the first call. */
  readonly firstAnswerSeconds: number;
}

/** Every host is switched off for a minute. */
export async function allOff(folder: string, photos: number): Promise<AllOff> {
  let logLines = 0;
  let backAt = 0;
  const result = await runSet({
    photos: { folder, count: photos },
    callMs: [callMs, callMs],
    async meanwhile(scene) {
      const { hosts } = scene;
      while (hosts.reduce((sum, { begun }) => sum + begun.length, 0) < photos / 2) await sleep(50);
      const before = await scene.logLines();
      await Promise.all(hosts.map((host) => host.off()));
      await sleep(60_000);
      logLines = (await scene.logLines()) - before;
      await Promise.all(hosts.map((host) => host.on()));
      backAt = performance.now();
    },
  });
  const first = Math.min(...result.hosts.flatMap(({ begun }) => begun.filter((at) => at >= backAt)));
  return { result, logLines, firstAnswerSeconds: (first + callMs - backAt) / 1_000 };
}
