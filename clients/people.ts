import type { FaceAssignments, FaceStore } from '../domain/face-store.ts';
import { checkName, foldName, PeopleError, type Person } from '../domain/person.ts';
import type { Merge, MergeStore, PersonStore } from '../domain/person-store.ts';

/** What is done with people, for the command line and for the HTTP API alike. */
export interface PeopleAccess {
  readonly persons: PersonStore;
  readonly merges: MergeStore;
  readonly faces: Pick<FaceStore, 'find' | 'remove'>;
  readonly assignments: Pick<FaceAssignments, 'assign' | 'unassign' | 'reject' | 'suggestions'>;
}

/** What it takes to know who is meant. */
export interface PeopleFinding {
  readonly persons: Pick<PersonStore, 'find' | 'findByName'>;
}

/** Somebody by id or by name. */
export type Who = { readonly id: string } | { readonly name: string };

/** Throws PeopleError person-missing, person-merged. */
export async function personOf({ persons }: PeopleFinding, who: Who): Promise<Person> {
  const found = 'id' in who ? await persons.find(who.id) : await persons.findByName(who.name);
  if (found !== undefined) return found;
  const what = 'id' in who ? `There is no person ${who.id}` : `Nobody is called "${who.name}"`;
  throw new PeopleError('person-missing', `${what}; they may have been deleted, or merged into somebody else.`);
}

/** Undefined for a name that nobody has (yet). Throws as `personOrNew`. */
export async function personKnown(deps: PeopleFinding, who: Who): Promise<Person | undefined> {
  return 'id' in who ? await personOf(deps, who) : await deps.persons.findByName(checkName(who.name));
}

/** Whoever has this name, or somebody new who gets it. Throws as `personOf`, and PeopleError name-invalid. */
async function personOrNew(deps: Pick<PeopleAccess, 'persons'>, who: Who): Promise<Person> {
  if ('id' in who) return await personOf(deps, who);
  const { persons } = deps;
  const known = await persons.findByName(who.name);
  if (known !== undefined) return known;
  try {
    return await persons.create({ name: who.name });
  } catch (error) {
    // Somebody made the same person at the same moment.
    const other = error instanceof PeopleError && error.code === 'name-taken' ? error.otherPerson : undefined;
    if (other === undefined) throw error;
    return await personOf(deps, { id: other });
  }
}

export const faceMissing = (faceId: string): PeopleError =>
  new PeopleError('face-missing', `There is no face ${faceId}; it may have been deleted.`);

/** Throws PeopleError face-missing, and as `personOrNew`. `null` takes it from whoever has it. */
export async function giveFace(deps: PeopleAccess, faceId: string, who: Who | null): Promise<Person | undefined> {
  if ((await deps.faces.find(faceId)) === undefined) throw faceMissing(faceId);
  if (who === null) {
    await deps.assignments.unassign([faceId]);
    return undefined;
  }
  const person = await personOrNew(deps, who);
  await deps.assignments.assign({ faceIds: [faceId], personId: person.personId, by: 'person' });
  return person;
}

export interface NamedFace {
  readonly person: Person;
  /** cluster: whoever has the face had no name, and has it with all their faces · face: only the face was given to the person. */
  readonly what: 'cluster' | 'face';
}

/** "This is Anna", said of a face. Throws PeopleError face-missing, name-invalid, and name-taken for a cluster. */
export async function nameFace(deps: PeopleAccess, faceId: string, name: string): Promise<NamedFace> {
  const face = await deps.faces.find(faceId);
  if (face === undefined) throw faceMissing(faceId);
  const { person } = face;
  const isSame = person?.name !== undefined && foldName(person.name) === foldName(name);
  if (person !== undefined && (person.name === undefined || isSame)) {
    return { person: await deps.persons.change(person.personId, { name }), what: 'cluster' };
  }
  const given = await personOrNew(deps, { name });
  await deps.assignments.assign({ faceIds: [faceId], personId: given.personId, by: 'person' });
  return { person: given, what: 'face' };
}

export interface Answered {
  readonly faceId: string;
  /** Whom the face was suggested for. */
  readonly personId: string;
  readonly name?: string;
}

/** A person's word on faces that were suggested. */
type Answers = Readonly<Partial<Record<'accept' | 'reject', readonly string[]>>>;

/**
 * A person's word on suggestions: those who were suggested get their faces, or are not suggested for them again. Throws
 * PeopleError face-missing where a face is not there or suggested for nobody, and then nothing was changed.
 */
export async function answerSuggestions(
  { faces, assignments }: PeopleAccess,
  { accept = [], reject = [] }: Answers,
): Promise<{ readonly accepted: readonly Answered[]; readonly rejected: readonly Answered[] }> {
  const [accepted, rejected] = await Promise.all([suggestedOf(faces, accept), suggestedOf(faces, reject)]);
  for (const one of byPerson(accepted)) await assignments.assign({ ...one, by: 'person' });
  for (const one of byPerson(rejected)) await assignments.reject(one);
  return { accepted, rejected };
}

const suggestedOf = async (faces: PeopleAccess['faces'], faceIds: readonly string[]): Promise<readonly Answered[]> =>
  await Promise.all(
    [...new Set(faceIds)].map(async (faceId) => {
      const face = await faces.find(faceId);
      if (face === undefined) throw faceMissing(faceId);
      if (face.suggestion === undefined) {
        throw new PeopleError('face-missing', `Face ${faceId} is suggested for nobody (any more).`);
      }
      const { personId, name } = face.suggestion;
      return { faceId, personId, ...(name !== undefined && { name }) };
    }),
  );

const byPerson = (answered: readonly Answered[]) =>
  [...Map.groupBy(answered, ({ personId }) => personId)].map(([personId, theirs]) => ({
    personId,
    faceIds: theirs.map(({ faceId }) => faceId),
  }));

/** Merges that hold, on either side of a person, the newest first. */
export const openMerges = async (
  { merges }: Pick<PeopleAccess, 'merges'>,
  personId: string,
): Promise<readonly Merge[]> => (await merges.mergesOf(personId)).filter(({ undone }) => undone === undefined);
