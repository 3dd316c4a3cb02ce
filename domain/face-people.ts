import type { Face } from './face-store.ts';
import { withAge } from './name-with-age.ts';
import { foldName, type NamedPerson } from './person.ts';

/**
 * Who is on a photo, as a prompt tells it: first those whom its library knows (`known`, with their ages), then those whom faces
 * told of and the library did not name.
 */
export function peopleTold(
  named: readonly NamedPerson[],
  { people: known = [], takenAt }: { readonly people?: readonly string[]; readonly takenAt?: string },
): readonly string[] {
  const there = new Set(known.flatMap((name) => [foldName(name), foldName(withoutAge(name))]));
  const added = named.filter(({ name }) => !there.has(foldName(name)));
  return [...known, ...added.map((person) => withAge(person, takenAt))];
}

const withoutAge = (name: string): string => name.replace(/ \([^()]*\)$/, '');

/** `3 faces: Anna, Ben; 1 without a name`, for the run's story. */
export function facesInWords(faces: readonly Pick<Face, 'person'>[]): string {
  if (faces.length === 0) return 'nobody is on it';
  const names = [...new Set(faces.flatMap(({ person }) => (person?.hidden === false ? (person.name ?? []) : [])))];
  const unnamed = faces.filter(({ person }) => person?.name === undefined).length;
  const count = faces.length === 1 ? '1 face' : `${faces.length} faces`;
  const parts = [
    ...(names.length > 0 ? [names.join(', ')] : []),
    ...(unnamed > 0 ? [`${unnamed} without a name`] : []),
  ];
  return parts.length === 0 ? count : `${count}: ${parts.join('; ')}`;
}
