import type { ImmichNamed } from './immich-named.ts';

/** Which photos of one library a backfill is for. All that is given must hold. */
export interface PhotoSelection {
  readonly which: Which;
  /** Only below this folder: its shown path below the library's root, ending in a slash. */
  readonly folder?: string;
  /** Only paths below the root that this glob matches, for example `**\/*.heic`. */
  readonly glob?: string;
  /** Taken at this local time or later, `2024`, `2024-05-31` or `2024-05-31T18:00:00`: the beginning of what is not said. */
  readonly takenFrom?: string;
  /** Taken before this local time. */
  readonly takenBefore?: string;
  /** A part of the camera's name, without regard to case. */
  readonly camera?: string;
  /**
   * In one of these albums of the library's Immich. The ids count; the names are as they were when they were chosen, for people.
   * Version 0.1.0 knew neither these nor people.
   */
  readonly albums?: readonly ImmichNamed[];
  /** With one of these people on it. */
  readonly people?: readonly ImmichNamed[];
}

/**
 * - wanted       has no description under the recipe that is wanted now: what a pass through the library would do
 * - undescribed  has no description at all
 * - parked       is parked, with this code where one is given
 * - faceless     nobody has looked for faces on it with this model
 * - written      its description was written under this recipe (the beginning of its hash), by this model, by this backfill, or
 *                before people on the photo were named or got another name
 */
export type Which =
  | { readonly kind: 'wanted' }
  | { readonly kind: 'undescribed' }
  | { readonly kind: 'parked'; readonly code?: string }
  | { readonly kind: 'faceless'; readonly faceModel: string }
  | { readonly kind: 'written'; readonly recipe: string }
  | { readonly kind: 'written'; readonly model: string }
  | { readonly kind: 'written'; readonly backfill: string }
  | { readonly kind: 'written'; readonly people: 'changed' };

/** Is what these photos have to be made once more, although it is what the settings ask for? */
export const isRedo = ({ which }: PhotoSelection): boolean => which.kind === 'written';

/**
 * Is what they have set aside, so that a model is asked again for the same? Not where people were named: other names ask for
 * another text by themselves, and the same ones for none.
 */
export const setsAside = (selection: PhotoSelection): boolean => isRedo(selection) && !('people' in selection.which);

/** For people: what was chosen, in a few words. */
export function selectionInWords(selection: PhotoSelection): string {
  const { which, folder, glob, takenFrom, takenBefore, camera } = selection;
  const members = membersInWords(selection);
  const parts = [
    whichInWords(which),
    ...(folder === undefined ? [] : [`in ${folder}`]),
    ...(glob === undefined ? [] : [`named ${glob}`]),
    ...(takenFrom === undefined ? [] : [`taken from ${takenFrom}`]),
    ...(takenBefore === undefined ? [] : [`taken before ${takenBefore}`]),
    ...(camera === undefined ? [] : [`by a camera called ${camera}`]),
    ...(members === undefined ? [] : [members]),
  ];
  return parts.join(', ');
}

export type Members = Pick<PhotoSelection, 'albums' | 'people'>;

/** `in the album "Summer 2024", with Anna or Ben`; undefined where neither albums nor people are named. */
export function membersInWords({ albums, people }: Members): string | undefined {
  const quoted = albums?.map(({ name }) => `"${name}"`) ?? [];
  const named = people?.map(({ name }) => name) ?? [];
  const parts = [
    ...(quoted.length === 0 ? [] : [`in the album ${either(quoted)}`]),
    ...(named.length === 0 ? [] : [`with ${either(named)}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

const mostNamed = 5;

function either(names: readonly string[]): string {
  const shown = names.length > mostNamed ? [...names.slice(0, mostNamed), `${names.length - mostNamed} more`] : names;
  return shown.join(' or ');
}

function whichInWords(which: Which): string {
  if (which.kind === 'wanted') return 'photos that the wanted recipe has not described';
  if (which.kind === 'undescribed') return 'photos without a description';
  if (which.kind === 'parked') return which.code === undefined ? 'parked photos' : `photos parked with ${which.code}`;
  if (which.kind === 'faceless') return 'photos on which nobody has looked for faces';
  if ('recipe' in which) return `photos described under recipe ${which.recipe}`;
  if ('model' in which) return `photos described by ${which.model}`;
  if ('people' in which) return 'photos with people who were named since they were described';
  return `photos described by backfill ${which.backfill}`;
}
