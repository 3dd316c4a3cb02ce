import { PeopleError, type Person } from '../../domain/person.ts';
import type { PhotoSelection } from '../../domain/selection.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { giveFace, nameFace } from '../people.ts';
import { calledWithId, counted, faceIdOf, personCalled, quoted, say, seenInWords } from '../people-words.ts';
import { UsageError } from '../usage-error.ts';

export interface Redescribing {
  /** Has photos of a person in a library described once more, behind everything else; absent where nobody asked for it. */
  readonly redo?: ((library: string, personId: string) => Promise<void>) | undefined;
  readonly json: boolean;
}

export interface NamePerson extends Redescribing {
  /** A person's name or number, or a face as f12. */
  readonly who: string;
  /** Undefined: the name is taken away. */
  readonly name: string | undefined;
}

export interface NameDeps extends Pick<Opened, 'people'> {
  readonly assets: Pick<Opened['assets'], 'libraries'>;
  readonly backfillStore: Pick<Opened['backfillStore'], 'count'>;
}

/** Gives a person a name. Throws PeopleError, and UsageError that offers to merge where somebody else has the name. */
export async function namePerson(opened: NameDeps, out: Output, asked: NamePerson): Promise<void> {
  const { before, person, what } = await named(opened, asked);
  const [seen] = await opened.people.persons.list({ ids: [person.personId], withHidden: true, limit: 1 });
  const woken = await wakes(opened, person, asked);
  if (asked.json) return out.json({ person, what, ...(seen && { faces: seen.faces, photos: seen.photos }), woken });
  const was = before === undefined || before === person.name ? '' : `, was ${before}`;
  const words = seen === undefined ? '' : ` ${seenInWords(seen)}.`;
  if (what === 'nobody') return say(out, `That face belongs to nobody now.`);
  if (person.name === undefined) say(out, `Person ${person.personId} has no name now${was}.${words}`);
  else if (what === 'face') say(out, `That face is one of ${calledWithId(person)} now.${words}`);
  else say(out, `Person ${person.personId} is ${person.name} now${was}.${words}`);
  tellWoken(out, person, woken, asked);
}

interface Named {
  readonly person: Person;
  readonly before: string | undefined;
  readonly what: 'person' | 'face' | 'nobody';
}

async function named({ people }: NameDeps, { who, name }: NamePerson): Promise<Named> {
  const faceId = faceIdOf(who);
  try {
    if (faceId !== undefined) {
      const before = (await people.faces.find(faceId))?.person?.name;
      if (name !== undefined) {
        const { person, what } = await nameFace(people, faceId, name);
        return { person, before: what === 'face' ? undefined : before, what: what === 'face' ? 'face' : 'person' };
      }
      const had = (await people.faces.find(faceId))?.person;
      await giveFace(people, faceId, null);
      const person = {
        personId: had?.personId ?? '',
        notes: '',
        hidden: false,
        ...(had?.name !== undefined && { name: had.name }),
      };
      return { person, before: undefined, what: 'nobody' };
    }
    const { personId, name: before } = await personCalled(people, who);
    return { person: await people.persons.change(personId, { name: name ?? null }), before, what: 'person' };
  } catch (error) {
    throw await withOffer(people, error, who);
  }
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

/** Photos by library whose description calls the person otherwise. */
export type Woken = readonly { readonly library: string; readonly photos: number }[];

/** What a changed name makes outdated, and with `redo` the start of doing it again. */
export async function wakes(
  opened: NameDeps,
  person: Pick<Person, 'personId' | 'name'>,
  { redo }: Redescribing,
): Promise<Woken> {
  const people = [{ id: person.personId, name: person.name ?? person.personId }];
  const selection: PhotoSelection = { which: { kind: 'written', people: 'changed' }, people };
  const folders = (await opened.assets.libraries()).filter(({ kind }) => kind !== 'immich');
  const all = await Promise.all(
    folders.map(async ({ name: library }) => {
      const photos = await opened.backfillStore.count(selection, { library, wantedHash: '' });
      return { library, photos };
    }),
  );
  const woken = all.filter(({ photos }) => photos > 0);
  for (const { library } of redo === undefined ? [] : woken) await redo?.(library, person.personId);
  return woken;
}

export function tellWoken(
  out: Output,
  person: Pick<Person, 'personId' | 'name'>,
  woken: Woken,
  { redo }: Redescribing,
): void {
  if (woken.length === 0) return;
  const photos = woken.reduce((sum, one) => sum + one.photos, 0);
  const what = `${counted(photos, 'photo')} ${photos === 1 ? 'was' : 'were'} described before`;
  if (redo !== undefined)
    return say(out, `${what}: described again now, behind everything else. "darkroom backfills" shows it.`);
  say(out, `${what}. To describe ${photos === 1 ? 'it' : 'them'} again:`);
  for (const { library } of woken) out.line(`  darkroom backfill ${library} --redo people --person ${quoted(person)}`);
}
