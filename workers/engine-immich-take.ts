import { type BrakeDeps, createBrake } from '../activities/brake.ts';
import { type JudgeDeps, judged, stillNeeded } from '../activities/immich-pages.ts';
import type { RecentAssets } from '../activities/recent-assets.ts';
import type { Photos } from '../clients/photos.ts';
import { defaultWindow } from '../domain/backfill.ts';
import type { OpenImmich } from '../domain/immich-store.ts';
import type { ImmichAsset } from '../domain/immich.ts';
import { priorities } from '../domain/queues.ts';
import type { WantedHashOf } from '../domain/wanted-recipes.ts';

export interface TakeNewDeps extends BrakeDeps {
  /** As the steps judge. */
  readonly judging: Omit<JudgeDeps, 'open' | 'recipeHash'>;
  /** Their runs look at these in a moment. */
  readonly recent: Pick<RecentAssets, 'keep'>;
  readonly wanted: WantedHashOf;
  readonly photos: Pick<Photos, 'startNew'>;
  readonly now?: () => number;
}

/** Starts a run for each of these that needs one, before the backlog. Done when Temporal has taken them all; rejects otherwise. */
export type TakeNew = (open: OpenImmich, assets: readonly ImmichAsset[], signal: AbortSignal) => Promise<void>;

/**
 * Decides as a pass does. An open run is left alone: it looks for itself. An upload of thousands is started by and by, as the
 * brake lets it; meanwhile it is safe in Immich.
 */
export const createTakeNew =
  ({ judging, recent, wanted, photos, now = Date.now, ...brakeDeps }: TakeNewDeps): TakeNew =>
  async (open, assets, signal) => {
    const library = open.record.name;
    const { hash: recipeHash } = await wanted.of(library);
    const deps = { ...judging, open, recipeHash };
    const page = { assets, at: now() };
    recent.keep(assets);
    const { candidates } = await judged(deps, assets);
    const priority = priorities.upload;
    const brake = createBrake(brakeDeps, { library, window: defaultWindow, priority, signal });
    for (let at = 0, room: number; at < candidates.length; at += room) {
      room = await brake.room(candidates.length - at);
      signal.throwIfAborted();
      const some = await stillNeeded(deps, page, candidates.slice(at, at + room), now());
      const isNew = await Promise.all(some.map(({ asset, rawPath }) => photos.startNew({ asset, rawPath, priority })));
      brake.started(isNew.filter(Boolean).length);
    }
  };
