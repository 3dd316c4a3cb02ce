import { setTimeout as sleep } from 'node:timers/promises';
import type { AssetStore } from '../domain/ports.ts';
import type { Photos } from './photos.ts';

/** Calls of Temporal beside each other: 8 gave 52 starts a second, and more gave no more. */
const atOnce = 8;
/** Photos that are read from the database at a time. */
export const pageSize = 100;
/** Runs that one command may have open beyond what was there: enough for every host, and no flood for Temporal. */
const mostOpen = 500;

/** Does `work` on all items, in order. After an abort or a failure none is begun; those under way are waited for. */
export async function eachOf<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const over = AbortSignal.any([signal, failed.signal]);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next]; item !== undefined && !over.aborted; item = items[next]) {
      next += 1;
      await work(item).catch((error: unknown) => failed.abort(error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  failed.signal.throwIfAborted();
}

export interface Brake {
  /** Waits until runs may be started, and says how many. 0 after an abort. */
  room(signal: AbortSignal): Promise<number>;
  started(): void;
}

export interface BrakeDeps {
  readonly photos: Pick<Photos, 'countOpen'>;
  readonly assets: Pick<AssetStore, 'countWaiting'>;
  readonly most?: number;
  /** Milliseconds between two looks at how many are open. */
  readonly lookEveryMs?: number;
}

/** Runs that wait for something that comes by itself (a file that grows) do not count, as for the backfill. */
export function createBrake({ photos, assets, most = mostOpen, lookEveryMs = 500 }: BrakeDeps): Brake {
  const ableToRun = async () => {
    const [open, waiting] = [await photos.countOpen(), await assets.countWaiting()];
    // Rows may say `waiting` for runs that were lost; they make no room.
    return Math.max(0, open - waiting);
  };
  let limit: number | undefined;
  let left = 0;
  return {
    async room(signal) {
      while (left <= 0 && !signal.aborted) {
        const open = await ableToRun();
        limit ??= open + most;
        // By the handful: at one run at a time, each start would cost a count of all of them.
        if (limit - open >= Math.min(most, atOnce)) left = limit - open;
        else await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
      }
      return signal.aborted ? 0 : left;
    },
    started: () => void (left -= 1),
  };
}

/** Pages of photos, each read when there is room for its runs; `work` says whether it started one. */
export async function startInPages<T extends { readonly asset: { readonly assetId: string } }>(
  brake: Brake,
  {
    page,
    work,
    signal,
  }: {
    readonly page: (after: string | undefined, limit: number) => Promise<readonly T[]>;
    readonly work: (photo: T) => Promise<'started' | 'left'>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  for (let after: string | undefined; ;) {
    const room = await brake.room(signal);
    if (signal.aborted) return;
    const photos = await page(after, Math.min(pageSize, room));
    const last = photos.at(-1);
    if (last === undefined) return;
    await eachOf(
      photos,
      async (photo) => {
        if ((await work(photo)) === 'started') brake.started();
      },
      signal,
    );
    after = last.asset.assetId;
  }
}
