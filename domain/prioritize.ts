import type { AssetRef, AssetState } from './asset.ts';
import { priorities } from './queues.ts';
import type { WantedHashes } from './wanted-recipes.ts';

/** The words that a person says for a place in the line, and the priority behind each. */
export const levels = {
  now: priorities.now,
  new: priorities.upload,
  normal: priorities.normal,
  last: priorities.rerun,
} as const;
export type Level = keyof typeof levels;

/** One photo, or these, or all whose shown path begins with `prefix` (empty, or ending in a slash), by library. */
export type Selection =
  | { readonly kind: 'photo'; readonly assetId: string }
  | { readonly kind: 'photos'; readonly assetIds: readonly string[] }
  | { readonly kind: 'folders'; readonly folders: readonly { readonly libraryId: string; readonly prefix: string }[] };

/**
 * What there is to do about a photo that is to be done earlier or later:
 * - running  its row says that a run is open
 * - fresh    it needs a run and has had none, or was described under another recipe than the one that is wanted now
 * - parked, described, gone, unsupported, skipped: needs none
 */
export const standings = ['running', 'fresh', 'parked', 'described', 'gone', 'unsupported', 'skipped'] as const;
export type Standing = (typeof standings)[number];

export interface SelectedPhoto {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  readonly state: AssetState;
}

/** `wanted`: the recipes that are wanted now; undefined counts every described photo as described. */
export interface SelectionQueries {
  count(selection: Selection, wanted: WantedHashes | undefined): Promise<Readonly<Record<Standing, number>>>;
  /** The next photos of these standings, in the order in which they became known, strictly after `after` (an asset id). */
  page(
    selection: Selection,
    options: {
      readonly of: readonly Standing[];
      readonly wanted: WantedHashes | undefined;
      readonly after: string | undefined;
      readonly limit: number;
    },
  ): Promise<readonly SelectedPhoto[]>;
}
