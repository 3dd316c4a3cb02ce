import {
  mostTerms,
  type PersonWanted,
  type PhotoQuery,
  type PhotoSearch,
  searchTerms,
  takenBounds,
} from '../domain/search.ts';
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

/** Throws UsageError for a date that is none, for words with nothing in them to look for, and for too many. */
export async function photoQuery(
  search: Pick<PhotoSearch, 'peopleNamed'>,
  { words, person, from, to }: PhotosAsked,
): Promise<Question> {
  const terms = words === undefined || words === '' ? undefined : termsOf(words);
  const [first, last] = [boundsOf('from', from), boundsOf('to', to)];
  return {
    ...(terms !== undefined && { terms }),
    ...(person !== undefined && { people: await personWanted(search, person) }),
    ...(first !== undefined && { takenFrom: first.from }),
    ...(last !== undefined && { takenBefore: last.before }),
  };
}

function termsOf(words: string) {
  const terms = searchTerms(words);
  const count = terms.wanted.length + terms.unwanted.length;
  if (count === 0) throw new UsageError('There is no word in what is to be searched for: no letter and no digit.');
  if (count > mostTerms) throw new UsageError(`${count} words are too many: search for at most ${mostTerms}.`);
  return terms;
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
