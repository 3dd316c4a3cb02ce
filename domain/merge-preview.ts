import type { Person } from './person.ts';
import type { MergePreview } from './person-store.ts';

/** The target once they are all one: what it lacks comes from the first one who has it. */
export function mergedPerson(target: Person, sources: readonly Person[]): Person {
  const all = [target, ...sources];
  const first = <K extends 'name' | 'entityId' | 'birthDate'>(field: K) => {
    const value = all.find((person) => person[field] !== undefined)?.[field];
    return value === undefined ? {} : { [field]: value };
  };
  return {
    ...target,
    ...first('name'),
    ...first('entityId'),
    ...first('birthDate'),
    notes: all.find(({ notes }) => notes !== '')?.notes ?? '',
  };
}

/** Somebody who is to be merged, as they were found. */
export interface MergeSide {
  readonly person: Person;
  readonly faces: number;
  /** Whom they were merged into already, and who that is by now. */
  readonly mergedInto?: { readonly personId: string; readonly heirId: string };
}

/** What merging would do with people as they were found; who is not among `found` is not there. */
export function previewOf(
  { sources, target }: { readonly sources: readonly string[]; readonly target: string },
  found: readonly MergeSide[],
): MergePreview {
  const known = new Map(found.map((side) => [side.person.personId, side]));
  const into = known.get(target);
  const wanted = [...new Set(sources)];
  const sides = wanted
    .flatMap((id) => known.get(id) ?? [])
    .filter(({ person, mergedInto }) => person.personId !== target && mergedInto?.personId !== target);
  const people = sides.map(({ person }) => person);
  return {
    target: into && { before: into.person, after: mergedPerson(into.person, people), faces: into.faces },
    sources: sides.map(({ person, faces }) => ({ person, faces })),
    problems: [target, ...wanted].flatMap((id, nth) => {
      if (nth > 0 && id === target) return [`Person ${id} cannot be merged into themselves.`];
      return problemOf(id, known.get(id), nth === 0 ? undefined : target);
    }),
  };
}

function problemOf(id: string, side: MergeSide | undefined, target: string | undefined): readonly string[] {
  if (side === undefined) return [`There is no person ${id}; they may have been deleted.`];
  const { mergedInto } = side;
  if (mergedInto === undefined || mergedInto.personId === target) return [];
  return [`Person ${id} was merged already: they are person ${mergedInto.heirId} now.`];
}
