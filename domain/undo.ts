import type { AssetRef } from './asset.ts';

/** Taking back what was written into libraries' own fields. Times in milliseconds since 1970. */

/**
 * Which texts:
 * - run       of one run of one photo
 * - backfill  of a backfill of chosen photos
 * - pass      of runs that began in a library while a pass through the whole of it ran
 * - photo     of one photo, whichever run wrote it
 * - since     written in a library since a time
 */
export type UndoChoice =
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'backfill'; readonly backfill: string }
  | { readonly kind: 'pass'; readonly library: string; readonly from: number; readonly to?: number }
  | { readonly kind: 'photo'; readonly assetId: string }
  | { readonly kind: 'since'; readonly library: string; readonly from: number };

export interface UndoTally {
  /** Texts that were looked at; those below are some of them. */
  readonly looked: number;
  /** What stood there before stands there again (or would, in a dry run). */
  readonly undone: number;
  /** The field is not as we wrote it any more, and stays. */
  readonly edited: number;
  /** There is no such photo any more. */
  readonly gone: number;
  /** Photos whose field was changed since: the first of them. */
  readonly listed: readonly AssetRef[];
}

export interface UndoReport extends UndoTally {
  /** So many there are to look at; absent until they were counted. */
  readonly total?: number;
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly endedAt?: number;
}

export interface UndoPageInput {
  readonly choice: UndoChoice;
  /** Key of the row behind which it goes on. */
  readonly after?: string;
  /** At most this many are taken back. */
  readonly limit?: number;
  /** Only looks. */
  readonly dryRun: boolean;
}

export interface UndoPageResult extends UndoTally {
  /** Absent at the end. */
  readonly next?: string;
}

export const nothingUndone: UndoTally = { looked: 0, undone: 0, edited: 0, gone: 0, listed: [] };

/** The list goes through histories and to a terminal. */
const mostListed = 200;

export const addUndone = <T extends UndoTally>(sum: T, more: UndoTally): T => ({
  ...sum,
  looked: sum.looked + more.looked,
  undone: sum.undone + more.undone,
  edited: sum.edited + more.edited,
  gone: sum.gone + more.gone,
  listed: [...sum.listed, ...more.listed].slice(0, mostListed),
});

/** One line: what was taken back, or would be. */
export function undoneInWords({ looked, undone, edited, gone }: UndoTally, dryRun: boolean): string {
  if (looked === 0) return 'there is nothing to take back';
  const parts = [
    `${undone} ${undone === 1 ? 'text' : 'texts'} ${dryRun ? 'would be ' : ''}taken back`,
    ...(edited > 0 ? [`${edited} left as they are, because the field was changed since`] : []),
    ...(gone > 0 ? [`${gone} whose photo is gone`] : []),
  ];
  return parts.join(', ');
}

/** Is this photo one that nobody but a person who asks may write to again? `field` as it is now, after trim. */
export function isLeftAlone(
  publication: { readonly state: string; readonly recipeHash?: string } | undefined,
  { field, recipeHash }: { field: string; recipeHash: string },
): boolean {
  if (publication?.state === 'cleared') return field === '';
  // What was taken back is written again when something else is wanted.
  return publication?.state === 'undone' && publication.recipeHash === recipeHash;
}
