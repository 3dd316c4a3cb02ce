import { PeopleError, type Person } from '../../domain/person.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { giveFace, nameFace } from '../people.ts';
import { calledWithId, faceIdOf, personCalled, say, seenInWords } from '../people-words.ts';
import { UsageError } from '../usage-error.ts';
import { type Redescribing, tellWoken, type WokenDeps, wokenBy } from './people-woken.ts';

export interface NamePerson extends Redescribing {
  /** A person's name or number, or a face as f12. */
  readonly who: string;
  /** Undefined: the name is taken away. */
  readonly name: string | undefined;
}

export interface NameDeps extends WokenDeps, Pick<Opened, 'people'> {}

/** Gives a person a name. Throws PeopleError, and UsageError that offers to merge where somebody else has the name. */
export async function namePerson(opened: NameDeps, out: Output, asked: NamePerson): Promise<void> {
  const { people } = opened;
  const { who, name } = asked;
  const faceId = faceIdOf(who);
  if (faceId !== undefined && name === undefined) {
    if (asked.redo !== undefined) throw new UsageError(noRedo);
    await giveFace(people, faceId, null);
    return asked.json ? out.json({ faceId, person: null }) : say(out, 'That face belongs to nobody now.');
  }
  const { before, person, what } = await renamed(opened, who, name).catch(async (error: unknown) => {
    throw await withOffer(people, error, who);
  });
  const [seen] = await people.persons.list({ ids: [person.personId], withHidden: true, limit: 1 });
  const woken = await wokenBy(opened, [person]);
  if (asked.json) {
    out.json({ person, what, ...(seen && { faces: seen.faces, photos: seen.photos }), woken: woken.libraries });
  } else {
    const was = before === undefined || before === person.name ? '' : `, was ${before}`;
    const words = seen === undefined ? '' : ` ${seenInWords(seen)}.`;
    if (what === 'face') say(out, `That face is one of ${calledWithId(person)} now.${words}`);
    else if (person.name === undefined) say(out, `Person ${person.personId} has no name now${was}.${words}`);
    else say(out, `Person ${person.personId} is ${person.name} now${was}.${words}`);
  }
  await tellWoken(out, woken, asked);
}

/** Whom the photo is of by then does not lead to it. */
const noRedo =
  '--redescribe is for people, and this face is nobody then. Without it, and after it: darkroom backfill <library> --redo people';

interface Renamed {
  readonly person: Person;
  readonly before?: string | undefined;
  readonly what: 'person' | 'face';
}

async function renamed({ people }: NameDeps, who: string, name: string | undefined): Promise<Renamed> {
  const faceId = faceIdOf(who);
  if (faceId === undefined || name === undefined) {
    const { personId, name: before } = await personCalled(people, who);
    return { person: await people.persons.change(personId, { name: name ?? null }), before, what: 'person' };
  }
  const before = (await people.faces.find(faceId))?.person?.name;
  const { person, what } = await nameFace(people, faceId, name);
  return what === 'face' ? { person, what } : { person, before, what: 'person' };
}

/** A name that is taken may be the same person's. */
async function withOffer(people: NameDeps['people'], error: unknown, who: string): Promise<unknown> {
  if (!(error instanceof PeopleError) || error.code !== 'name-taken' || error.otherPerson === undefined) return error;
  const { otherPerson } = error;
  const [other] = await people.persons.list({ ids: [otherPerson], withHidden: true, limit: 1 });
  const faceId = faceIdOf(who);
  const source =
    faceId === undefined
      ? (await personCalled(people, who)).personId
      : (await people.faces.find(faceId))?.person?.personId;
  const whose = other === undefined ? `person ${otherPerson}` : `${calledWithId(other)}, with ${seenInWords(other)}`;
  return new UsageError(
    `That name is taken by ${whose}. If they are the same: darkroom people merge ${source ?? who} ${otherPerson}`,
  );
}
