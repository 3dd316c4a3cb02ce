import type { Provenance } from './immich.ts';

/** What became of a text that was written into a library's own field, and what is to be done about it. Times in milliseconds. */

/** SHA-256 of a text as UTF-8, 64 hex digits: the domain has none. */
export type ShaOf = (text: string) => string;

/** Is the whole field one that we wrote? `shas` as in `KnownTexts.ours`; white space at the ends is Immich's to take away. */
export const isOurs = (field: string, shas: readonly string[], sha: ShaOf): boolean =>
  field.trim() !== '' && shas.includes(sha(field.trim()));

/**
 * A read-only folder loses a text seconds after Immich's own jobs come to it (reference, 3.3). What nobody looked at for longer than
 * this may as well have been cleared by a person.
 */
export const firstVerificationMs = 3_600_000;
/** A look before Immich's jobs are through sees a text that is about to be lost, and would count its loss as a person's doing. */
const earliestVerificationMs = 120_000;

export const isVerifiable = (writtenAt: number, now: number): boolean => now - writtenAt >= earliestVerificationMs;

export interface VerifyQuestion {
  /** The last write: of a text that was put back, when it was. */
  readonly writtenAt: number;
  /** When the field was read. */
  readonly now: number;
  /** Our text was never seen there since that write. */
  readonly firstVerification: boolean;
  readonly field: string;
  /** What stood there before the write: where Immich reads the file again, it stands there again. */
  readonly before?: string | undefined;
  /** SHA-256 of whole fields that we wrote, after trim. */
  readonly ours: readonly string[];
  readonly sha: ShaOf;
}

/**
 * - stands   our text is there
 * - wiped    Immich lost it (`mayPutBack`)
 * - cleared  a person took it out, or may have: never put back
 * - edited   a person wrote another text: theirs
 */
export type Verified = 'stands' | 'wiped' | 'cleared' | 'edited';

export function judgeVerified(question: VerifyQuestion): Verified {
  const { writtenAt, now, firstVerification, field, before = '', ours, sha } = question;
  if (isOurs(field, ours, sha)) return 'stands';
  const text = field.trim();
  if (text !== '' && text !== before.trim()) return 'edited';
  return firstVerification && now - writtenAt <= firstVerificationMs ? 'wiped' : 'cleared';
}

/**
 * May a wiped text be written once more? Once for each photo, and in no library that loses what is written. The write asks
 * `decideWrite` with `changedMeanwhile`, since what stands there now may be what a person put back.
 */
export const mayPutBack = ({ rewrites, isReadOnly }: { rewrites: number; isReadOnly: boolean }): boolean =>
  rewrites === 0 && !isReadOnly;

/** Texts of one library, or better of one external library in it: each has a folder of its own. */
export interface WipeCounts {
  /** That stand. */
  readonly verified: number;
  /** Lost at the first look, whatever became of them later. */
  readonly wiped: number;
  /** Put back, and lost again. */
  readonly rewrittenAndWipedAgain: number;
}

/** One file that cannot be written beside many that can does not close a library. */
const fewWipedAgain = 3;

/** Is it of any use to write there? Where nothing ever stood, one text that was lost twice is enough. */
export function judgeLibraryWipes({ verified, rewrittenAndWipedAgain: again }: WipeCounts): 'fine' | 'read-only' {
  if (verified === 0) return again > 0 ? 'read-only' : 'fine';
  return again >= fewWipedAgain && again > verified ? 'read-only' : 'fine';
}

/** What a person can do about it, behind the library's name. */
export const readOnlyRemedy =
  'loses what is written to it. Immich keeps descriptions in .xmp files beside the photos, and cannot write them there: ' +
  'mount the folder writable for Immich (not ":ro"), then run: darkroom doctor.';

const manyCleared = 10;
const clearedShare = 0.1;

/**
 * Of the texts that were looked at together: so many gone at once are hardly a person's doing (a library that was read again
 * from read-only files, a restored backup). They are reported, and nothing is recorded of them.
 */
export const tooManyCleared = ({ checked, cleared }: { checked: number; cleared: number }): boolean =>
  cleared >= manyCleared && cleared >= checked * clearedShare;

/**
 * What is left in Immich beside a text, for a Darkroom whose rows know nothing of it: done: ours, of this recipe · outdated: ours, of
 * another · foreign: nothing is left, or the field is not as we wrote it.
 */
export function provenanceSays(
  provenance: Provenance | undefined,
  recipeHash: string,
  field: string,
  sha: ShaOf,
): 'done' | 'outdated' | 'foreign' {
  if (provenance === undefined || !isOurs(field, [provenance.textSha], sha)) return 'foreign';
  return provenance.recipe === recipeHash ? 'done' : 'outdated';
}
