import { type AssetState, type FileStat, sameFile } from './asset.ts';
import type { FoundFile } from './ports.ts';

/** What is known of a file that a walk meets again. `stat` is what it was when it was last read or parked. */
export interface KnownAsset {
  readonly state: AssetState;
  readonly stat: FileStat | undefined;
  /** The recipe under which the last run ended. */
  readonly endedRecipe: string | undefined;
}

/**
 * Does this file need a run under `recipeHash`? A file parked before a recipe was chosen (undecodable, empty) stays parked
 * under any recipe until its bytes change: no prompt makes it readable. Without a hash any recipe will do.
 */
export function needsRun(known: KnownAsset, file: FoundFile, recipeHash: string | undefined): boolean {
  if (file.kind === 'unsupported') return false;
  const { state, stat, endedRecipe } = known;
  if (state !== 'done' && state !== 'parked') return true;
  const changed = stat !== undefined && !sameFile(stat, file.stat);
  const otherRecipe = recipeHash !== undefined && endedRecipe !== recipeHash;
  return state === 'done' ? changed || otherRecipe : changed || (otherRecipe && endedRecipe !== undefined);
}

/** A format that was not handled when the file was first met, and is now, makes the file new. */
export const stateWhenFound = (state: AssetState | undefined, kind: FoundFile['kind']): AssetState => {
  if (state === undefined) return kind === 'photo' ? 'new' : 'unsupported';
  return state === 'unsupported' && kind === 'photo' ? 'new' : state;
};
