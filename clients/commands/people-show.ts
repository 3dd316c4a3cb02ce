import type { FaceOfPerson } from '../../domain/face-store.ts';
import { photoNames } from '../../domain/photo-name.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { calledWithId, counted, mergeInWords, personCalled, say, seenInWords } from '../people-words.ts';
import { printable } from '../text-columns.ts';

export interface ShowPerson {
  readonly who: string;
  /** Faces. */
  readonly limit: number;
  readonly json: boolean;
}

/** All that is known of one person. Throws PeopleError. */
export async function showPerson(
  { people, assets }: Pick<Opened, 'people' | 'assets'>,
  out: Output,
  { who, limit, json }: ShowPerson,
): Promise<void> {
  const person = await personCalled(people, who);
  const { personId } = person;
  const [[listed], faces, merges, libraries] = await Promise.all([
    people.persons.list({ ids: [personId], withHidden: true, limit: 1 }),
    people.persons.faces({ personId, limit }),
    people.merges.mergesOf(personId),
    assets.libraries(),
  ]);
  const seen = { faces: listed?.faces ?? 0, photos: listed?.photos ?? 0, libraries: listed?.libraries ?? [] };
  if (json) return out.json({ ...person, ...seen, shownFaces: faces, merges });
  say(out, `${calledWithId(person)}${person.hidden ? ', hidden' : ''}`);
  say(out, seenInWords(seen), '  ');
  const { birthDate, entityId, notes } = person;
  if (birthDate !== undefined) say(out, `born on ${birthDate}`, '  ');
  if (entityId !== undefined) say(out, `called ${printable(entityId)} elsewhere`, '  ');
  for (const line of notes === '' ? [] : printable(notes).split('\n')) say(out, line, '  ');
  if (merges.length > 0) out.line('\nmerges');
  for (const one of merges) say(out, mergeInWords(one), '  ');
  if (faces.length === 0) return;
  out.line('\nfaces');
  const nameOf = photoNames(libraries);
  for (const face of faces) say(out, `f${face.faceId}  ${whereIs(face, nameOf)}`, '  ');
  if (seen.faces > faces.length)
    say(out, `and ${counted(seen.faces - faces.length, 'more', 'more')}: --limit <number>`, '  ');
}

const whereIs = ({ asset, source }: FaceOfPerson, nameOf: ReturnType<typeof photoNames>): string =>
  `${asset === undefined ? 'on no photo that is there' : nameOf(asset)}${source === 'manual' ? '  (drawn by hand)' : ''}`;
