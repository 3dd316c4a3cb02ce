import type { Eta } from './eta.ts';

/** Key of the fact under which an engine tells what only it knows of its libraries: `ToldProgress`. */
export const progressKey = 'progress';

/** Where one library stands. */
export interface LibraryProgress {
  readonly name: string;
  /** Photos by state (domain/asset.ts). */
  readonly counts: Readonly<Record<string, number>>;
  /** Of those described and parked: under another recipe than the one that is wanted now. A pass makes them anew. */
  readonly outdated?: Outdated | undefined;
  /** Of those described: people were named, or got another name, since. They are made anew on request only. */
  readonly peopleChanged?: number | undefined;
  /** A pass through the folder is under way. */
  readonly scanning: boolean;
  /** Photos in the folder, by their names; absent while nobody has counted them. */
  readonly inFolder?: number | undefined;
  /** In words, why a pass starts nothing more now. */
  readonly heldBack?: string | undefined;
  /** Absent where too little is known. */
  readonly eta?: Eta | undefined;
}

export interface Outdated {
  readonly done: number;
  readonly parked: number;
}

/** Every photo is in exactly one of `described`, `inFlight`, `waiting`, `parked` and `notStarted`. */
export interface Standing {
  readonly described: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly parked: number;
  readonly notStarted: number;
  readonly total: number;
  /** The folder was not counted yet, and holds more than is known. */
  readonly isGrowing: boolean;
  /** What is under way or will be, without a person: parked ones that a pass tries again, too. */
  readonly left: number;
}

/**
 * A pass registers a page of files when there is room for their runs, so that most of a large library has no rows for hours:
 * what the folder holds beyond them has not been started either.
 */
export function standing({ counts, outdated, scanning, inFolder }: LibraryProgress): Standing {
  const of = (state: string): number => counts[state] ?? 0;
  const again = scanning ? (outdated ?? { done: 0, parked: 0 }) : { done: 0, parked: 0 };
  const known = of('done') + of('parked') + of('new') + of('open') + of('waiting');
  const unseen = scanning ? Math.max(0, (inFolder ?? 0) - known) : 0;
  const notStarted = of('new') + again.done + unseen;
  return {
    described: of('done') - again.done,
    inFlight: of('open'),
    waiting: of('waiting'),
    parked: of('parked'),
    notStarted,
    total: known + unseen,
    isGrowing: scanning && inFolder === undefined,
    left: notStarted + of('open') + of('waiting') + again.parked,
  };
}
