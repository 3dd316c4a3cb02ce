import { firstCharacters, oneLine } from './one-line.ts';

/** People on photos. Ids are decimal text; times are milliseconds since 1970. */

/** Somebody on photos. One whom nobody has named is a cluster: faces that look alike. */
export interface Person {
  readonly personId: string;
  readonly name?: string;
  /** Empty where there are none. */
  readonly notes: string;
  /** What another system calls them. */
  readonly entityId?: string;
  /** `1984-02-29`. */
  readonly birthDate?: string;
  /** Shown nowhere unless asked for, and told to no model. */
  readonly hidden: boolean;
  /** The face that a person chose to stand for them, while it is theirs. */
  readonly coverFace?: string;
}

/** What a person may change. Null takes a value away; what is absent stays. */
export interface PersonChange {
  readonly name?: string | null;
  readonly notes?: string;
  readonly entityId?: string | null;
  readonly birthDate?: string | null;
  readonly hidden?: boolean;
  /** A face of theirs. */
  readonly coverFace?: string | null;
}

/** Somebody as a description may call them. */
export interface NamedPerson {
  readonly personId: string;
  readonly name: string;
  readonly birthDate?: string;
}

/**
 * - person-missing     no such person; they may have been deleted
 * - person-merged      they were merged into `otherPerson`
 * - merge-into-itself  a person and themselves
 * - merge-missing      no such merge; one of its persons may have been deleted since
 * - name-taken         `otherPerson` is called the same, as far as names are told apart
 * - name-invalid, value-invalid
 * - face-missing       no such face, or not one of that person
 * - face-invalid       a box outside the picture, a vector that is none
 */
export type PeopleCode =
  | 'person-missing'
  | 'person-merged'
  | 'merge-into-itself'
  | 'merge-missing'
  | 'name-taken'
  | 'name-invalid'
  | 'value-invalid'
  | 'face-missing'
  | 'face-invalid';

/** What was asked for cannot be done, and asking again changes nothing. The message is for the person who asked. */
export class PeopleError extends Error {
  override readonly name = 'PeopleError';
  readonly code: PeopleCode;
  /** Id of the person whom this is about, and who is not the one that was named. */
  readonly otherPerson: string | undefined;
  constructor(code: PeopleCode, message: string, options: ErrorOptions & { otherPerson?: string } = {}) {
    super(message, options);
    this.code = code;
    this.otherPerson = options.otherPerson;
  }
}

const longestName = 200;
const longestNotes = 10_000;
const longestEntityId = 500;

/** Two names are the same when this is: composed in one way (NFKC) and in lower case. */
export const foldName = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFKC').trim();

/** A name as it is kept: one line, composed (NFC). Throws PeopleError name-invalid where nothing is left of it, or too much. */
export function checkName(name: string): string {
  const kept = oneLine(name).normalize('NFC');
  if (foldName(kept) === '')
    throw new PeopleError('name-invalid', 'A name needs at least one character that can be read.');
  if (firstCharacters(kept, longestName) !== kept) {
    throw new PeopleError('name-invalid', `A name has at most ${longestName} characters.`);
  }
  return kept;
}

/** The change as it is kept. Throws PeopleError name-invalid, value-invalid. */
export function checkChange(change: PersonChange): PersonChange {
  const { name, notes, entityId, birthDate } = change;
  if (notes !== undefined && notes.length > longestNotes) {
    throw new PeopleError('value-invalid', `Notes have at most ${longestNotes} characters.`);
  }
  if (typeof entityId === 'string' && (entityId.trim() === '' || entityId.length > longestEntityId)) {
    throw new PeopleError('value-invalid', `An entity id has 1 to ${longestEntityId} characters; null takes it away.`);
  }
  if (typeof birthDate === 'string' && !isDate(birthDate)) {
    throw new PeopleError('value-invalid', 'A birth date is written as 1984-02-29, and that day must exist.');
  }
  return typeof name === 'string' ? { ...change, name: checkName(name) } : change;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '0001') return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
