import { immichQuestion, isForced, isTakenSo } from '../../domain/immich-choice.ts';
import { judgePage } from '../../domain/immich-page.ts';
import { shownPath } from '../../domain/immich-rules.ts';
import type { PhotoSelection } from '../../domain/selection.ts';
import type { Opened } from '../open.ts';
import type { NamedImmich } from './library.ts';
import type { ImmichAccess } from './open.ts';

/** Rows of one request: the most that Immich gives. */
const pageSize = 1_000;

export interface ListDeps {
  readonly immich: { readonly store: Pick<ImmichAccess['store'], 'register' | 'skip'> };
  readonly settings: Pick<Opened['settings'], 'IMMICH_VIDEOS' | 'DESCRIPTION_IGNORE'>;
}

export interface Listing {
  readonly named: NamedImmich;
  readonly selection: PhotoSelection;
  /** Undefined: a description under any recipe will do. */
  readonly recipeHash: string | undefined;
  readonly sha256: (text: string) => string;
  /** Photos so far. */
  readonly onPage: (seen: number) => void;
  readonly signal: AbortSignal;
}

export interface Listed {
  /** Ids of all that fit by album, person, time and camera. */
  readonly all: readonly string[];
  /** Of these, those that need a run as far as Immich tells. */
  readonly needed: readonly string[];
}

/**
 * Goes through what Immich lists for a choice, page by page, and gives each photo its row: rows alone start nothing. What
 * needs nothing says so in its row from then on, as after a pass.
 */
export async function listPhotos({ immich: { store }, settings }: ListDeps, listing: Listing): Promise<Listed> {
  const { named, selection, recipeHash, sha256: sha, onPage, signal } = listing;
  const { record, immich, policy } = named;
  const videos = settings.IMMICH_VIDEOS === 'on';
  const rules = {
    record,
    policy,
    recipeHash,
    videos,
    ignore: settings.DESCRIPTION_IGNORE,
    sha,
    // Whether names are told by the prompt is not asked here: what they make of a text is for passes to mark.
    tellsPeople: false,
    redo: isForced(selection),
  };
  const [all, needed]: [string[], string[]] = [[], []];
  let cursor: string | undefined;
  do {
    const page = await immich.page({ ...immichQuestion(selection), cursor, limit: pageSize, videos, signal });
    // A partner's photos are no part of this library.
    const fits = page.assets.filter((asset) => asset.ownerId === record.ownerId && isTakenSo(asset, selection));
    const known = await store.register(
      record,
      fits.map((asset) => ({ id: asset.id, path: shownPath(asset) })),
    );
    const judged = judgePage(known, fits, rules);
    await store.skip(judged.skips);
    all.push(...known.map(({ asset }) => asset.assetId));
    needed.push(...judged.needed.map(({ asset }) => asset.assetId));
    onPage(all.length);
    cursor = page.next;
  } while (cursor !== undefined);
  return { all, needed };
}
