import { sameFile } from './asset.ts';
import type { ImmichAsset } from './immich.ts';
import { leftOut, leftOutWords, versionOf } from './immich-rules.ts';
import type { PublicationState } from './immich-store.ts';
import type { KnownAsset } from './needs-run.ts';
import { decideWrite, type FieldState, fieldState, type KnownTexts, type WritePolicy } from './write-policy.ts';

export interface KnownImmichPhoto extends KnownAsset {
  /** What became of our text in Immich; absent: nothing was ever to be written. */
  readonly published?: PublicationState | undefined;
}

export interface RunQuestion {
  /** Without one a description under any recipe will do. */
  readonly recipeHash: string | undefined;
  readonly policy: WritePolicy;
  /** Of the key's owner. */
  readonly userId: string;
  readonly videos: boolean;
  readonly texts: KnownTexts;
  /** Nothing is to be written yet. */
  readonly firstLook?: boolean;
  /** Somebody asked for this photo to be made anew. */
  readonly redo?: boolean;
}

/** `state` is absent where the row stays as it is. `why` is for people, and fits behind "left as it is:". */
export type RunNeed =
  { readonly run: true } | { readonly run: false; readonly state?: 'skipped'; readonly why: string };

/**
 * Does this photo of a page need a run? Told by its row and by what the page says of it alone: nothing is asked of Immich and
 * nothing is downloaded. A photo that is not known yet has no `known`.
 */
export function needsImmichRun(
  known: KnownImmichPhoto | undefined,
  asset: ImmichAsset,
  question: RunQuestion,
): RunNeed {
  const { userId, videos, texts } = question;
  const out = leftOut(asset, { userId, videos });
  // What was described stays so: when it comes back from the trash it is not described again.
  if (out !== undefined) return left(leftOutWords[out], known?.state !== 'done' && known?.state !== 'gone');
  // A run is on it, or was when the server forgot: it looks for itself.
  if (known?.state === 'open' || known?.state === 'waiting') return { run: true };
  const field = fieldState(asset.description, texts);
  if (known?.state === 'done') return needOfDone(known, asset, field, question);
  if (known?.state === 'parked' && !isOutdated(known, asset, question, { always: false }))
    return isWanted(field, question) ? left('it is parked', false) : left(stands(field), true);
  return isWanted(field, question) ? { run: true } : left(stands(field), true);
}

function needOfDone(known: KnownImmichPhoto, asset: ImmichAsset, field: FieldState, question: RunQuestion): RunNeed {
  const { published } = known;
  const { redo = false, firstLook = false } = question;
  if (published === 'cleared' && !redo) return left('a person cleared our text', false);
  if (published === 'wiped' && !redo) return left('Immich does not keep what is written there', false);
  if (isOutdated(known, asset, question, { always: true }))
    return isWanted(field, question) ? { run: true } : left(stands(field), false);
  if (published === 'held' && firstLook) return left('its text waits for a person to look at it first', false);
  if (published === 'undone') return left('its text was taken back', false);
  // What becomes of a text that was written is for the verification to judge, which knows when it was seen last.
  if (published === 'written' || field === 'ours' || field === 'mixed') return left('it is described', false);
  // Typed while the model thought. Only what leaves it as it is may still come.
  if (published === 'kept' && actionFor(field, question) === 'write' && field === 'human')
    return left(stands(field), false);
  return isWanted(field, question) ? { run: true } : left(stands(field), false);
}

/** A photo that was parked before a recipe was chosen stays so under any recipe until its picture changes: domain/needs-run.ts. */
function isOutdated(
  { stat, endedRecipe }: KnownImmichPhoto,
  asset: ImmichAsset,
  { recipeHash, redo = false }: RunQuestion,
  { always }: { always: boolean },
): boolean {
  if (redo) return true;
  // A page may not know the size yet that a run has seen.
  const version =
    asset.fileBytes === undefined && stat !== undefined ? { ...versionOf(asset), size: stat.size } : versionOf(asset);
  if (stat !== undefined && !sameFile(stat, version)) return true;
  return recipeHash !== undefined && endedRecipe !== recipeHash && (always || endedRecipe !== undefined);
}

const actionFor = (state: FieldState, { policy }: RunQuestion) =>
  decideWrite({ policy, state, recipeIsSame: false, appendOwn: true });

const isWanted = (state: FieldState, question: RunQuestion): boolean => actionFor(state, question) !== 'keep';

const left = (why: string, skips: boolean): RunNeed => ({ run: false, ...(skips && { state: 'skipped' }), why });

/** Why a text that stands there stays. */
function stands(state: FieldState): string {
  if (state === 'block') return 'it has a text in an [AI] block';
  return state === 'mixed' ? 'somebody wrote beside our text' : 'it has a text that somebody wrote';
}
