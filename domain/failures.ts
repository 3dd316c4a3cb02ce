import type { AssetRef } from './asset.ts';
import type { WantedHashes } from './wanted-recipes.ts';

export const recipeChoices = ['wanted', 'other'] as const;

/** Which parked photos are meant; what is absent leaves none out. */
export interface FailureFilter {
  /** In any case of letters. */
  readonly code?: string | undefined;
  readonly step?: string | undefined;
  /** The library's name. */
  readonly library?: string | undefined;
  /**
   * Parked under the recipe that is wanted now, or under another one. A photo that was parked before a recipe was chosen
   * (its file is empty, or cannot be read) is neither.
   */
  readonly recipe?: { readonly which: (typeof recipeChoices)[number]; readonly wanted: WantedHashes } | undefined;
}

/** Parked photos of one code. */
export interface FailureGroup {
  readonly code: string;
  readonly count: number;
  readonly steps: readonly string[];
  /** The reason and the photo of the latest of them, and when it was parked (milliseconds since 1970). */
  readonly reason: string;
  readonly at: number;
  readonly example: AssetRef;
}

export interface ListedFailure {
  readonly asset: AssetRef;
  readonly step: string;
  readonly code: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface ParkedPhoto {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
}

/** The dead letters: photos that need a person. Every answer is bounded. */
export interface FailureQueries {
  /** The most frequent code first. */
  groups(filter: FailureFilter, limit: number): Promise<readonly FailureGroup[]>;
  /** Photo by photo, the latest first. */
  newest(filter: FailureFilter, limit: number): Promise<readonly ListedFailure[]>;
  count(filter: FailureFilter): Promise<number>;
  /** The next photos in the order in which they became known, strictly after `after` (an asset id; absent: from the first). */
  page(
    filter: FailureFilter,
    options: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly ParkedPhoto[]>;
}
