import type { ListedPerson } from '../../domain/person-store.ts';
import { libraryCalled } from '../library-place.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { counted, librariesInWords, say, tableLines } from '../people-words.ts';
import { printable } from '../text-columns.ts';

export interface ListPeople {
  readonly library: string | undefined;
  /** Part of a name. */
  readonly words: string | undefined;
  readonly only: 'named' | 'unnamed' | undefined;
  readonly hidden: boolean;
  readonly limit: number;
  readonly json: boolean;
}

type ListDeps = Pick<Opened, 'people' | 'assets'>;

/** Those with a name first, then whom nobody has named, most faces first. */
export async function listPeople(opened: ListDeps, out: Output, asked: ListPeople): Promise<void> {
  const { words, only, hidden, limit, json } = asked;
  const library = await libraryCalled(opened.assets, asked.library);
  const found = await opened.people.persons.list({
    limit: limit + 1,
    withHidden: hidden,
    ...(library !== undefined && { library }),
    ...(words !== undefined && { words }),
    ...(only !== undefined && { only }),
  });
  const people = found.slice(0, limit);
  const isMore = found.length > limit;
  if (json) return out.json({ people, isMore });
  if (people.length === 0) return say(out, noneInWords(asked));
  for (const line of tableLines(people.map(rowOf), out.columns)) out.line(line);
  out.line();
  if (isMore) say(out, `There are more: --limit ${limit * 2}`);
  say(out, hintFor(people));
}

const rowOf = ({ personId, name, hidden, faces, photos, libraries }: ListedPerson): string[] => [
  personId,
  `${name === undefined ? 'no name' : printable(name)}${hidden ? ' (hidden)' : ''}`,
  counted(faces, 'face'),
  counted(photos, 'photo'),
  librariesInWords(libraries),
];

function hintFor(people: readonly ListedPerson[]): string {
  const unnamed = people.find(({ name }) => name === undefined);
  if (unnamed === undefined) return 'More of one of them: darkroom people show <name>';
  return `Who is it? darkroom people show ${unnamed.personId}, then darkroom people name ${unnamed.personId} "<name>"`;
}

function noneInWords({ words, only, library }: ListPeople): string {
  if (words !== undefined) return `Nobody is called so: ${words}`;
  if (only === 'named') return 'Nobody has a name yet. "darkroom people" lists whom photos show.';
  if (only === 'unnamed') return 'Everybody has a name.';
  const where = library === undefined ? '' : ` on photos of ${library}`;
  return `Nobody is known${where} yet. Faces are looked for where FACE_API_URL is set (docs/people.md).`;
}
