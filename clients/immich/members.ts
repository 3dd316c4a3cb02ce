import type { ImmichLibrary, ImmichNamed } from '../../domain/immich.ts';
import type { Members } from '../../domain/selection.ts';
import { UsageError } from '../usage-error.ts';

/** Albums and people that a person named, each by its name or its id. */
export interface MemberFlags {
  readonly album?: readonly string[] | undefined;
  readonly person?: readonly string[] | undefined;
}

export const namesMembers = ({ album = [], person = [] }: MemberFlags): boolean => album.length + person.length > 0;

/**
 * The albums and people behind the names, without regard to case and accents where no name is exactly so. By their ids, in
 * the order of these: the same ones said twice, or in another order, are one choice. Throws UsageError that lists what there
 * is, for a name of none or of several; and the faults of Immich.
 */
export async function membersOf(
  immich: Pick<ImmichLibrary, 'albums' | 'people'>,
  { album = [], person = [] }: MemberFlags,
  signal: AbortSignal,
): Promise<Members> {
  const albums = album.length === 0 ? [] : allNamed(album, await immich.albums(signal), 'album');
  const people = person.length === 0 ? [] : allNamed(person, await immich.people(signal), 'person');
  return { ...(albums.length > 0 && { albums }), ...(people.length > 0 && { people }) };
}

type What = 'album' | 'person';

function allNamed(names: readonly string[], known: readonly ImmichNamed[], what: What): readonly ImmichNamed[] {
  const found = names.map((name) => oneNamed(name, known, what));
  const byId = new Map(found.map(({ id, name }) => [id, { id, name }]));
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function oneNamed(name: string, known: readonly ImmichNamed[], what: What): ImmichNamed {
  const given = name.trim();
  if (given === '') throw new UsageError(`--${what} is empty.`);
  const folded = fold(given);
  const ways: readonly ((one: ImmichNamed) => boolean)[] = [
    ({ id }) => id === given.toLowerCase(),
    (one) => one.name === given,
    (one) => fold(one.name) === folded,
  ];
  const found = ways.map((fits) => known.filter(fits)).find((some) => some.length > 0) ?? [];
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  throw new UsageError(only === undefined ? noneInWords(given, known, what) : severalInWords(given, found, what));
}

/** Combining marks and case away: "Ana" is "Ána", "STRASSE" is "Straße". */
const fold = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase().replace(/\s+/g, ' ').trim();

const mostShown = 10;

function noneInWords(name: string, known: readonly ImmichNamed[], what: What): string {
  const words = fold(name);
  const near = known.filter((one) => fold(one.name).includes(words));
  const shown = near.length > 0 ? near : known.toSorted((a, b) => a.name.localeCompare(b.name));
  const none = what === 'album' ? `No album "${name}" is there.` : `No person with a name is called "${name}".`;
  if (shown.length === 0) return `${none} This Immich has ${what === 'album' ? 'none' : 'nobody with a name'} at all.`;
  const there = near.length > 0 ? 'Did you mean:' : 'There are:';
  return `${none} ${there}\n${listed(shown.map((one) => one.name))}`;
}

const severalInWords = (name: string, found: readonly ImmichNamed[], what: What): string =>
  `Several ${what === 'album' ? 'albums' : 'people'} are called "${name}". Say the id of the one you mean, or of each ` +
  `with a --${what} of its own:\n${listed(found.map((one) => `${one.id}  ${one.name}`))}`;

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, mostShown).map((line) => `  ${line}`);
  return [...shown, ...(lines.length > mostShown ? [`  and ${lines.length - mostShown} more`] : [])].join('\n');
}
