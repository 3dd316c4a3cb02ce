import type { AssetRef, AssetState } from './asset.ts';
import { foldName } from './person.ts';

/** Finding photos by what is said of them, and by who is on them. */
export interface PhotoSearch {
  /**
   * Photos that fit, a page of them. With `words` or `people` the newest first, those without a date last; else in the order in
   * which they became known. Throws TransientError DatabaseUnavailable.
   */
  find(input: PhotoQuery): Promise<PhotoPage>;
  /** Who is meant by a name: those who are called exactly so, or else those with it among their names. */
  peopleNamed(name: string): Promise<readonly { readonly personId: string; readonly name: string }[]>;
  /** Makes so many older descriptions searchable, the newest first. Returns how many these were; 0: none is left. */
  fill(limit: number): Promise<number>;
  /** Older descriptions that are not searchable yet. */
  unsearchable(): Promise<number>;
}

export interface PhotoQuery {
  /** What is to stand in the description, or in the names of who is on the photo; each of them. */
  readonly terms?: SearchTerms;
  /** One of these is on it. */
  readonly people?: PersonWanted;
  readonly library?: string;
  /** Any but gone where it is absent. */
  readonly state?: AssetState;
  /** Only this photo, gone or not. */
  readonly assetId?: string;
  /** Local time as cameras write it, as far as it is said: `2024`, `2024-05-31`. `before` is not part of it. */
  readonly takenFrom?: string;
  readonly takenBefore?: string;
  readonly limit: number;
  readonly after?: PhotoCursor;
}

/** Of our own people by their ids; of an Immich, where the description says the name. */
export interface PersonWanted {
  readonly personIds: readonly string[];
  readonly name?: string;
}

/** The last photo of the page before. */
export interface PhotoCursor {
  readonly assetId: string;
  /** Where pages go by date: its date, or null where it has none. */
  readonly takenAt?: string | null;
}

export interface PhotoPage {
  readonly photos: readonly FoundPhoto[];
  /** Absent on the last page. */
  readonly next?: PhotoCursor;
}

export interface FoundPhoto {
  readonly asset: AssetRef;
  /** Of its library. */
  readonly root: string;
  readonly kind?: 'immich';
  readonly state: AssetState;
  /** Local time as the camera wrote it. */
  readonly takenAt?: string;
  readonly description?: string;
  /** The part of the description where the words stand; only where words were searched for. */
  readonly snippet?: string;
  /** With a name and not hidden, by our own faces. */
  readonly people: readonly { readonly personId: string; readonly name: string }[];
}

export interface SearchTerms {
  readonly wanted: readonly string[];
  readonly unwanted: readonly string[];
}

/** Each is a question of its own to the database. */
export const mostTerms = 12;

/**
 * `beach "old harbour" -dog`: words and phrases that are wanted, and those that are not. A lone quote is none. Empty where
 * nothing is wanted.
 */
export function searchTerms(text: string): SearchTerms {
  const [wanted, unwanted]: [string[], string[]] = [[], []];
  for (const [, minus, phrase, word] of text.matchAll(/(?<=^|\s)(-?)(?:"([^"]+)"|(\S+))/g)) {
    const term = (phrase ?? word ?? '').replaceAll('"', ' ').trim();
    if (!/[\p{L}\p{N}]/u.test(term)) continue;
    (minus === '-' ? unwanted : wanted).push(term);
  }
  return { wanted, unwanted };
}

/** Does a name hold these words as whole ones? Both folded (`foldName`). */
export function namesWord(folded: string, term: string): boolean {
  const wordsOf = (text: string) => ` ${text.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim()} `;
  const wanted = wordsOf(foldName(term));
  return wanted.trim() !== '' && wordsOf(folded).includes(wanted);
}

/**
 * What was said of a day, a month or a year, as bounds of local time: until the end of it. Undefined where it is none of
 * these, or no such day exists.
 */
export function takenBounds(text: string): { readonly from: string; readonly before: string } | undefined {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const at = new Date(`${year}-${month ?? '01'}-${day ?? '01'}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text.trim())) return undefined;
  if (day !== undefined) at.setUTCDate(at.getUTCDate() + 1);
  else if (month !== undefined) at.setUTCMonth(at.getUTCMonth() + 1);
  else at.setUTCFullYear(at.getUTCFullYear() + 1);
  const before = at.getUTCFullYear() > 9999 ? '9999-12-31T24' : at.toISOString().slice(0, 10);
  return { from: text.trim(), before };
}
