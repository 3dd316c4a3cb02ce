import { mock } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { createVisionPool, type VisionPool, type VisionPoolDeps } from '../../adapters/vision-pool.ts';
import type { HostProbe } from '../../domain/ports.ts';

export const ready: HostProbe = { state: 'ready', simulated: false };
export const away: HostProbe = { state: 'away', detail: 'connection refused' };

export interface PoolPlay {
  readonly pool: VisionPool;
  /** What each host answers when it is asked; change it at will. */
  readonly probes: Map<string, HostProbe>;
  /** Every host that was asked, in order. */
  readonly asked: string[];
  readonly logged: string[];
}

/** Time goes on only when the test says so. Call it before a pool is made, and `mock.timers.reset` in the end. */
export const stopTime = (): void => mock.timers.enable({ apis: ['setTimeout', 'Date'] });

/** In steps, because what one timer starts may set the next one. */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    mock.timers.tick(Math.min(500, left));
    await settle();
  }
  await settle();
}

/** A pool whose hosts are played by the test; all are well at the start, and have been asked. */
export async function playPool(hosts: readonly string[], more: Partial<VisionPoolDeps> = {}): Promise<PoolPlay> {
  const probes = new Map(hosts.map((host) => [host, ready]));
  const asked: string[] = [];
  const logged: string[] = [];
  const note = (level: string) => (about: object, message: string) => {
    logged.push(`${level} ${message} ${JSON.stringify(about)}`);
  };
  const pool = createVisionPool({
    hosts,
    model: 'qwen3-vl:4b',
    vision: {
      async probe(host) {
        asked.push(host);
        await settle();
        return probes.get(host) ?? away;
      },
    },
    log: { info: note('info'), warn: note('warn') },
    random: () => 0.5,
    ...more,
  });
  await pass(1);
  await settle();
  return { pool, probes, asked, logged };
}
