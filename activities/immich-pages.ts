import type { StartPageInput } from '../domain/contract.ts';
import { judgePage, type PageRules } from '../domain/immich-page.ts';
import { assetIdOf, shownPath } from '../domain/immich-rules.ts';
import type { ImmichStore, OpenImmich } from '../domain/immich-store.ts';
import type { ImmichAsset } from '../domain/immich.ts';
import type { ImmichDeps } from './immich-deps.ts';
import type { Candidate, PageSource } from './page-source.ts';

/** A page of Immich's costs a request, whatever it holds: 0.004 for each photo that is done already. */
const pageSize = 250;

/** What it takes to judge which photos need a run. */
export interface JudgeDeps extends Pick<ImmichDeps, 'videos' | 'ignore' | 'tellsPeople' | 'sha256'> {
  readonly store: Pick<ImmichStore, 'register' | 'skip' | 'markPeople'>;
  readonly open: OpenImmich;
  /** The one that is wanted in this library. */
  readonly recipeHash: string;
  /** A pass leaves descriptions of other recipes as they are. */
  readonly keepOutdated: boolean;
}

export type ImmichPagesDeps = ImmichDeps & Pick<JudgeDeps, 'open' | 'recipeHash' | 'keepOutdated'>;

/**
 * Photos of an Immich, newest first. What needs nothing is told by its row and by what the page says of it: nothing of it is
 * downloaded. While the first look is due, the first photos that need a run are all there is.
 */
export function immichPages(deps: ImmichPagesDeps, input: StartPageInput, signal: AbortSignal): PageSource {
  const { open, recent, videos, firstLookCount } = deps;
  const isFirstLook = open.record.firstLook === 'due';
  let left = isFirstLook ? firstLookCount : Infinity;
  let judgedPage: JudgedAssets = { assets: [], at: 0 };
  return {
    async page(cursor) {
      const limit = Math.max(input.pageSize, pageSize);
      const page = await open.immich.page({ cursor, limit, videos, signal });
      recent.keep(page.assets);
      const { candidates, skipped, parked } = await judged(deps, page.assets);
      judgedPage = { assets: page.assets, at: Date.now() };
      const taken = candidates.slice(0, left);
      left -= taken.length;
      return {
        candidates: taken,
        next: left > 0 ? page.next : undefined,
        seen: page.assets.length,
        skipped,
        parked,
        unsupported: 0,
        problems: [],
      };
    },
    take: async (candidates) => ({ start: await stillNeeded(deps, judgedPage, candidates, Date.now()), isLast: false }),
  };
}

/** Assets of Immich, and when their rows were looked at. */
export interface JudgedAssets {
  readonly assets: readonly ImmichAsset[];
  readonly at: number;
}

/** After a longer wait for room, a pass or a poll beside this one may have done some of them, and a second run is for nothing. */
const freshMs = 2_000;

/** Which of these need a run even now; called just before they are started. */
export async function stillNeeded(
  deps: JudgeDeps,
  { assets, at }: JudgedAssets,
  candidates: readonly Candidate[],
  now: number,
): Promise<readonly Candidate[]> {
  if (now - at < freshMs) return candidates;
  const ids = new Set(candidates.map(({ asset }) => assetIdOf(asset.path)));
  const among = assets.filter(({ id }) => ids.has(id));
  return (await judged(deps, among)).candidates;
}

/** Registers what a page of Immich holds, and tells which of it needs a run; why the others need none stands in their rows then. */
export async function judged(deps: JudgeDeps, assets: readonly ImmichAsset[]) {
  const { store, open } = deps;
  const { record } = open;
  // A partner's photos are no part of this library.
  const own = assets.filter(({ ownerId }) => ownerId === record.ownerId);
  const known = await store.register(
    record,
    own.map((asset) => ({ id: asset.id, path: shownPath(asset) })),
  );
  const { needed: candidates, skips, marks, parked } = judgePage(known, own, rulesOf(deps));
  await store.skip(skips);
  await store.markPeople(marks);
  return { candidates, skipped: assets.length - candidates.length, parked };
}

/** By what the photos of this library are judged. A pass may leave descriptions of other recipes as they are. */
export const rulesOf = ({
  open: { record, policy },
  recipeHash,
  keepOutdated,
  videos,
  ignore,
  tellsPeople,
  sha256: sha,
}: Omit<JudgeDeps, 'store'>): PageRules => ({
  record,
  policy,
  recipeHash: keepOutdated ? undefined : recipeHash,
  videos,
  ignore,
  tellsPeople,
  sha,
});
