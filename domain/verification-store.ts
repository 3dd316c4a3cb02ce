import type { AssetRef } from './asset.ts';
import type { Publication } from './immich-store.ts';
import type { WipeCounts } from './publication.ts';
import type { VerifyKind, VerifyReport } from './verify.ts';

/** A text that is to be looked at. */
export interface DueText {
  readonly asset: AssetRef;
  readonly publication: Publication;
  /** SHA-256 of the field as we last meant it. */
  readonly textSha: string;
  /** When the photo was taken, as Immich said when it was written; undefined where it did not. */
  readonly taken: number | undefined;
  /** It was gone in an earlier look, and nobody could tell why. */
  readonly wasUnsure: boolean;
}

/**
 * What is kept of a look:
 * - stands  seen (or its photo is gone)
 * - again   it was put back, and is to be looked at like a new one
 * - unsure  as `stands`, with a note
 */
export type KeptVerdict = 'stands' | 'again' | 'unsure' | 'edited' | 'cleared' | 'wiped';

export interface Judged {
  readonly assetId: string;
  /** As in `DueText`: what was written since is not touched. */
  readonly textSha: string;
  readonly verdict: KeptVerdict;
}

/** Every method is one idempotent statement; all throw TransientError DatabaseUnavailable within a few seconds when it is away. */
export interface VerificationStore {
  /** Texts that were written (`fresh`) or seen (`again`) before that time, the earliest first. */
  due(input: {
    kind: VerifyKind;
    before: number;
    after: string | undefined;
    limit: number;
    /** Names of libraries whose texts are left out. */
    without: readonly string[];
  }): Promise<{ readonly texts: readonly DueText[]; readonly next: string | undefined }>;
  judged(judged: readonly Judged[], at: number): Promise<void>;
  /**
   * From here on it is meant to be put back, once more than `rewrites` times. False where it was written, emptied or taken
   * back meanwhile.
   */
  putBack(input: { assetId: string; textSha: string; rewrites: number }): Promise<boolean>;
  /**
   * A person has seen to it that what is written stays there: the library is not read-only any more, and texts
   * that were lost are looked at as if they were written at `at`, and put back. Returns how many.
   */
  tryAgain(libraryId: string, at: number): Promise<number>;
  /** Of the texts of a library that were written, or meant to be put back, since (by the database's clock). */
  wipes(libraryId: string, since: number): Promise<WipeCounts>;
  /** Under `verifyKey`; an older report never replaces a newer one. */
  keep(report: VerifyReport): Promise<void>;
}
