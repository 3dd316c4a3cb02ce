import type { ImmichPerson } from './immich.ts';
import { oneLine } from './one-line.ts';

/**
 * The names on a photo, as they are compared with those that a description was told: in one order, each once. Ages are not among
 * them: a birth date that somebody adds makes no text wrong.
 */
export const namesOn = (people: readonly ImmichPerson[]): string =>
  JSON.stringify([...new Set(people.map(({ name }) => oneLine(name)).filter((name) => name !== ''))].toSorted());

/** What a photo's row says of the names that its last run was told. */
export interface PeopleKnown {
  /** SHA-256 of `namesOn`; undefined where no run told any. */
  readonly told: string | undefined;
  /** It is marked: they were others when the library was last looked through. */
  readonly changed: boolean;
}

/** A photo whose mark is to be set or taken off, while its row still says `told`. */
export interface PeopleMark {
  readonly assetId: string;
  readonly told: string;
  readonly changed: boolean;
}
