import type { BackfillStore, SelectionScope } from '../domain/backfill-store.ts';
import type { ChosenPhotos, StartPageInput } from '../domain/contract.ts';
import { immichQuestion, isForced, isTakenSo } from '../domain/immich-choice.ts';
import { judgePage } from '../domain/immich-page.ts';
import { shownPath } from '../domain/immich-rules.ts';
import type { KnownImmichAsset } from '../domain/immich-store.ts';
import type { ImmichPage } from '../domain/immich.ts';
import { membersInWords } from '../domain/selection.ts';
import { type ImmichPagesDeps, rulesOf } from './immich-pages.ts';
import type { SourcePage } from './page-source.ts';

/** Rows of one request that goes through all of an album: the most that Immich gives. */
const wholePage = 1_000;
/** Rows of one request otherwise: as for a pass. */
const usualPage = 250;

export interface ImmichChoiceDeps extends Omit<ImmichPagesDeps, 'keepOutdated'> {
  readonly backfills: Pick<BackfillStore, 'page'>;
}

/** One look at what Immich lists for the choice. */
interface Listed {
  readonly page: ImmichPage;
  /** Those of the page that fit, and that the page does not say to leave alone. */
  readonly photos: readonly KnownImmichAsset[];
}

/**
 * Chosen photos whose album, person, time or camera only Immich knows, newest first: whatever is in the album when its page is
 * read. The rows decide all else, as for other choices, so that limits are exact and nothing is done twice.
 */
export function immichChoice(
  deps: ImmichChoiceDeps,
  input: StartPageInput,
  chosen: ChosenPhotos,
  signal: AbortSignal,
): (cursor: string | undefined) => Promise<SourcePage> {
  const { selection } = chosen;
  const scope = { library: input.library, wantedHash: deps.recipeHash };
  const list = createList(deps, chosen, signal);
  const newestFirst = async (cursor: string | undefined): Promise<SourcePage> => {
    const { page, photos } = await list(cursor, Math.max(input.pageSize, usualPage));
    const among = photos.map(({ asset }) => asset.assetId);
    const fits = await chosenAmong(deps, { ...chosen, sample: false }, { ...scope, among });
    const candidates = photos.filter(({ asset }) => fits.has(asset.assetId));
    const isNothing = cursor === undefined && page.assets.length === 0 && page.next === undefined;
    return {
      ...nothingElse,
      candidates,
      next: page.next,
      seen: page.assets.length,
      skipped: page.assets.length - candidates.length,
      problems: isNothing ? [`Immich lists no photo ${membersInWords(selection) ?? 'of this choice'}.`] : [],
    };
  };
  // The order by chance is one of all photos of the choice: each page goes through Immich's list of them as it is by then.
  const byChance = async (cursor: string | undefined): Promise<SourcePage> => {
    const among: string[] = [];
    let place: string | undefined;
    do {
      const { page, photos } = await list(place, wholePage);
      among.push(...photos.map(({ asset }) => asset.assetId));
      place = page.next;
    } while (place !== undefined);
    const page = await deps.backfills.page(chosen, { ...scope, among, cursor, limit: input.pageSize });
    return { ...nothingElse, candidates: page.photos, next: page.next, seen: page.seen };
  };
  return chosen.sample === true ? byChance : newestFirst;
}

const nothingElse = { skipped: 0, unsupported: 0, problems: [] } as const;

function createList(deps: ImmichChoiceDeps, { selection }: ChosenPhotos, signal: AbortSignal) {
  const { open, store, recent, videos } = deps;
  const question = immichQuestion(selection);
  // In one of no albums is nothing, and nobody need be asked.
  const isNone = question.albums?.length === 0 || question.people?.length === 0;
  const rules = { ...rulesOf({ ...deps, keepOutdated: false }), redo: isForced(selection) };
  return async (cursor: string | undefined, limit: number): Promise<Listed> => {
    if (isNone) return { page: { assets: [], next: undefined }, photos: [] };
    const page = await open.immich.page({ ...question, cursor, limit, videos, signal });
    recent.keep(page.assets);
    const fits = page.assets.filter((asset) => asset.ownerId === open.record.ownerId && isTakenSo(asset, selection));
    const paths = fits.map((asset) => ({ id: asset.id, path: shownPath(asset) }));
    const { needed, skips, marks } = judgePage(await store.register(open.record, paths), fits, rules);
    await store.skip(skips);
    await store.markPeople(marks);
    return { page, photos: needed };
  };
}

async function chosenAmong(
  { backfills }: ImmichChoiceDeps,
  chosen: ChosenPhotos,
  scope: SelectionScope & { readonly among: readonly string[] },
): Promise<ReadonlySet<string>> {
  if (scope.among.length === 0) return new Set();
  const { photos } = await backfills.page(chosen, { ...scope, cursor: undefined, limit: scope.among.length });
  return new Set(photos.map(({ asset }) => asset.assetId));
}
