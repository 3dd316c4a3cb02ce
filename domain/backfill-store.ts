import type { AssetRef, AssetState } from './asset.ts';
import type { BackfillEnd, ChosenPhotos } from './contract.ts';
import type { PhotoSelection } from './selection.ts';

export interface ChosenPhoto {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  readonly state: AssetState;
}

interface ChosenPage {
  readonly photos: readonly ChosenPhoto[];
  /** Rows that were looked at, those that the glob left out too. */
  readonly seen: number;
  /** Opaque; absent at the end. */
  readonly next: string | undefined;
}

export interface BegunBackfill {
  readonly workflowId: string;
  readonly library: string;
  readonly chosen: ChosenPhotos;
  /** Of the runs it starts, 1 to 5. */
  readonly priority: number;
}

export interface TakenPhotos {
  readonly total: number;
  /** Have another text than before. */
  readonly rewritten: number;
  readonly parked: number;
  readonly photos: readonly TakenPhoto[];
}

export interface TakenPhoto {
  readonly asset: AssetRef;
  readonly state: AssetState;
  readonly before: WrittenText | undefined;
  /** Undefined where it is the one from before. */
  readonly now: WrittenText | undefined;
}

interface WrittenText {
  readonly text: string;
  readonly model: string;
}

/** What a selection is asked of: `wantedHash` is the recipe that is wanted there now. */
export interface SelectionScope {
  readonly library: string;
  readonly wantedHash: string;
  /**
   * Ids: only of these photos, whose library has just listed them as those that fit by album, person, time and camera. Then these
   * parts of the selection are not looked at, and what was left alone or had vanished may be done again.
   */
  readonly among?: readonly string[] | undefined;
}

/** Photos that a person chose, and what backfills did, in Postgres. Every method is one idempotent statement. */
export interface BackfillStore {
  /**
   * The next photos of the choice that still have to be done, in a stable order. A photo that this backfill took and that
   * was described or parked since is not there any more.
   */
  page(
    chosen: ChosenPhotos,
    scope: SelectionScope & { readonly cursor: string | undefined; readonly limit: number },
  ): Promise<ChosenPage>;
  /**
   * Notes that the backfill takes these photos, before their runs are started, and says which it may: those it had taken
   * before, and others up to the limit. They are open from then on, so that a run that is lost is missed. Where they are to be
   * made once more under the wanted recipe, the text they have is set aside (not deleted), so that the next claim does not find
   * it.
   */
  take(chosen: ChosenPhotos, assetIds: readonly string[], scope: SelectionScope): Promise<ReadonlySet<string>>;
  /** How many photos a selection has now. */
  count(selection: PhotoSelection, scope: SelectionScope): Promise<number>;
  /** Keeps that a backfill with a choice of its own is under way. Once: what has ended stays so. */
  begin(begun: BegunBackfill): Promise<void>;
  /** Those that have begun and not ended, as far as anybody told; the oldest first, at most 1,000. */
  begun(): Promise<readonly BegunBackfill[]>;
  /** It was ended from outside, without a word from itself. */
  endedOutside(backfill: string, reason: string): Promise<void>;
  keep(end: BackfillEnd): Promise<void>;
  /** The latest first. */
  ended(limit: number): Promise<readonly BackfillEnd[]>;
  /** Photos that a backfill took, the latest first, with their text before and now; and how many there are, and are done. */
  taken(backfill: string, limit: number): Promise<TakenPhotos>;
  /** Photos that it took and that still have the text they had, `limit` at most: those whose run may be open. */
  unfinished(backfill: string, limit: number): Promise<readonly ChosenPhoto[]>;
  /** What the backfill wrote is set aside, and each of its photos has again the text it had before. Returns how many. */
  rollBack(backfill: string): Promise<number>;
}
