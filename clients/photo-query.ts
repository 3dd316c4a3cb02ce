import { type PersonWanted, type PhotoQuery, type PhotoSearch, searchTerms, takenBounds } from '../domain/search.ts';
import { UsageError } from './usage-error.ts';

/** What a person or a program asks for, in their words. */
export interface PhotosAsked {
  readonly words?: string | undefined;
  /** A name, or the id of a person. */
  readonly person?: string | undefined;
  /** A day, a month or a year: `2024-05-31`, `2024-05`, `2024`. `to` is part of it. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

type Question = Pick<PhotoQuery, 'terms' | 'people' | 'takenFrom' | 'takenBefore'>;

/** Throws UsageError for a date that is none. */
export async function photoQuery(
  search: Pick<PhotoSearch, 'peopleNamed'>,
  { words, person, from, to }: PhotosAsked,
): Promise<Question> {
  const terms = words === undefined ? undefined : searchTerms(words);
  const [first, last] = [boundsOf('from', from), boundsOf('to', to)];
  return {
    ...(terms !== undefined && { terms }),
    ...(person !== undefined && { people: await personWanted(search, person) }),
    ...(first !== undefined && { takenFrom: first.from }),
    ...(last !== undefined && { takenBefore: last.before }),
  };
}

async function personWanted(search: Pick<PhotoSearch, 'peopleNamed'>, person: string): Promise<PersonWanted> {
  if (/^\d+$/.test(person)) return { personIds: [person] };
  return { personIds: (await search.peopleNamed(person)).map(({ personId }) => personId), name: person };
}

function boundsOf(what: 'from' | 'to', text: string | undefined) {
  if (text === undefined) return undefined;
  const bounds = takenBounds(text);
  if (bounds === undefined) throw new UsageError(`"${what}" is a day, a month or a year: 2024-05-31, 2024-05 or 2024.`);
  return bounds;
}
