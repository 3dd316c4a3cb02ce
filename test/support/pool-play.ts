import { mock } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { createVisionPool, type VisionPool, type VisionPoolDeps } from '../../adapters/vision-pool/pool.ts';
import type { AcquireInput, HostProbe } from '../../domain/host-ports.ts';
import { plainHost, type VisionHost } from '../../domain/vision-host.ts';

export const ready: HostProbe = { state: 'ready', simulated: false };
export const away: HostProbe = { state: 'away', detail: 'connection refused' };

export const playModel = 'qwen3-vl:4b';

/** A host of a play, under the model that plays ask for. */
export const playHost = (label: string, more: Partial<VisionHost> = {}): VisionHost =>
  plainHost(label, playModel, more);

/** What a task asks the pool for: any photo, unless the play is about one. */
export const asking = (more: Partial<AcquireInput> = {}): AcquireInput => ({
  models: [playModel],
  photo: 'a photo',
  exclude: [],
  signal: new AbortController().signal,
  ...more,
});

export interface PoolPlay {
  readonly pool: VisionPool;
  /** What each host answers when it is asked; change it at will. */
  readonly probes: Map<string, HostProbe>;
  /** Every host that was asked, in order. */
  readonly asked: string[];
  /** Hosts that a picture of ours was sent to, and what it ends with where that is not an answer. */
  readonly canaries: string[];
  readonly canaryFault: { error: unknown };
  readonly logged: string[];
}

/** Time goes on only when the test says so. Call it before a pool is made, and `mock.timers.reset` in the end. */
export const stopTime = (): void => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });

/** In steps, because what one timer starts may set the next one. */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    mock.timers.tick(Math.min(500, left));
    await settle();
  }
  await settle();
}

/** In one jump, where hours go by and nothing that happens in between matters. */
export async function leap(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await pass(1);
}

/** A pool whose hosts are played by the test; all are well at the start, and have been asked. */
export async function playPool(
  hosts: readonly (string | VisionHost)[],
  more: Partial<VisionPoolDeps> = {},
): Promise<PoolPlay> {
  const set = hosts.map((host) => (typeof host === 'string' ? playHost(host) : host));
  const probes = new Map(set.map(({ label }) => [label, ready]));
  const asked: string[] = [];
  const canaries: string[] = [];
  const canaryFault: { error: unknown } = { error: undefined };
  const logged: string[] = [];
  const note = (level: string) => (about: object, message: string) => {
    logged.push(`${level} ${message} ${JSON.stringify(about)}`);
  };
  const pool = createVisionPool({
    hosts: set,
    roleModels: { primary: playModel, fallback: playModel },
    vision: {
      async probe(host) {
        asked.push(host);
        await settle();
        return probes.get(host) ?? away;
      },
    },
    async canary(host) {
      canaries.push(host);
      await settle();
      if (canaryFault.error !== undefined) throw canaryFault.error;
    },
    log: { info: note('info'), warn: note('warn') },
    random: () => 0.5,
    ...more,
  });
  // What is remembered of hosts comes first, then they are asked.
  await settle();
  await pass(1);
  await settle();
  return { pool, probes, asked, canaries, canaryFault, logged };
}
