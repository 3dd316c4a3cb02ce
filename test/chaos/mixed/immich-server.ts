import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ImmichProcess, startImmichProcess } from '../../support/immich/start-process.ts';
import type { ImmichPhoto } from './immich-photos.ts';

export interface ChaosImmich {
  /** The one that runs now. */
  readonly now: () => ImmichProcess;
  /** From now on people do what is planned for these, and the server has its faults. */
  begin(photos: readonly ImmichPhoto[]): Promise<void>;
  /** kill -9; it comes back after so long, at the same address, as the next version. Does not wait for that. */
  away(ms: number): Promise<void>;
  /** It is there. */
  settle(): Promise<void>;
  end(): Promise<void>;
}

/** An upgrade at each return. */
const versions = ['2.7.5', '3.1.0', '3.2.0'] as const;
/** From a write to what Immich's queue makes of it. */
const jobDelayMs = 300;

/** A scripted Immich in a process of its own, which keeps its state when it is killed. */
export async function startChaosImmich(folder: string): Promise<ChaosImmich> {
  const kept = { stateFile: path.join(folder, 'immich.jsonl'), jobDelayMs };
  let lives = 0;
  const next = () => versions[Math.min(lives++, versions.length - 1)] ?? '3.2.0';
  let immich = await startImmichProcess({ ...kept, version: next() });
  const port = Number(new URL(immich.url).port);
  let planned: readonly ImmichPhoto[] = [];
  let back: Promise<void> = Promise.resolve();
  const comeBack = async (ms: number) => {
    await sleep(ms);
    immich = await startImmichProcess({ ...kept, port, version: next() });
    await plan(immich, planned);
  };
  return {
    now: () => immich,
    async begin(photos) {
      planned = photos;
      await plan(immich, photos);
    },
    async away(ms) {
      await back;
      await immich.kill();
      back = comeBack(ms);
    },
    settle: () => back,
    async end() {
      await back;
      await immich.stop();
    },
  };
}

/** Plans die with the process: what a person did not do yet is planned again. */
async function plan(immich: ImmichProcess, photos: readonly ImmichPhoto[]): Promise<void> {
  const typedOn = new Set(
    (await immich.call('writes')).flatMap(({ by, assetId }) => (by === 'person' ? [assetId] : [])),
  );
  for (const { id: assetId, lot, typed = '' } of photos) {
    if (typedOn.has(assetId)) continue;
    const preview = { route: 'GET /assets/:id/thumbnail', assetId, times: 1 };
    const write = { route: 'PUT /assets/:id', assetId, times: 1 };
    if (lot === 'deleted') await immich.call('actWhen', 'after', preview, 'remove');
    if (lot === 'thinking') await immich.call('editWhen', 'after', preview, typed);
    if (lot === 'last look') await immich.call('editWhen', 'before', { ...preview, route: 'GET /assets/:id' }, typed);
    if (lot !== 'after') continue;
    await immich.call('editWhen', 'after', write, typed);
    // The worst moment: our write is done, a person types, and the answer to our write is lost.
    await immich.call('fault', write, { cut: 'after' });
  }
  await immich.call('fault', { every: 23 }, { status: 503, retryAfter: '1' });
  await immich.call('fault', { every: 31 }, { cut: 'after' });
  await immich.call('fault', { every: 37 }, { cut: 'before' });
}
