import type { ImmichNamed } from '../domain/immich-named.ts';
import type { PersonStore } from '../domain/person-store.ts';
import type { LibraryRecord } from '../domain/ports.ts';
import { type Members, membersInWords } from '../domain/selection.ts';
import type { WantedHashes } from '../domain/wanted-recipes.ts';
import type { MemberFlags } from './immich/members.ts';
import type { Opened } from './open.ts';
import { personCalled } from './people-words.ts';
import { type Place, placeOf } from './library-place.ts';
import type { Selected } from './selection.ts';
import { UsageError } from './usage-error.ts';

/** Photos by people in folders: those of our own faces. (Those of an Immich are its own, immich/members.ts.) */

export interface OwnPeople {
  readonly people: { readonly persons: Pick<PersonStore, 'find' | 'findByName' | 'photos'> };
}

/**
 * The folder that is meant where people are named, and whether one is: a library by its name, a folder of one by its path, or the
 * only library where there is no Immich. Undefined where an Immich is meant. Throws UsageError for albums in a folder.
 */
export async function folderMeant(
  libraries: readonly LibraryRecord[],
  name: string | undefined,
  { album = [] }: MemberFlags,
): Promise<Place | undefined> {
  const hasImmich = libraries.some(({ kind }) => kind === 'immich');
  if (name === undefined && hasImmich) return undefined;
  if (libraries.some((one) => one.name === name && one.kind === 'immich')) return undefined;
  if (album.length > 0) return undefined;
  return await placeOf(libraries, name);
}

/** The people behind the names or numbers, each once, in the order of their ids. Throws UsageError for an empty name, PeopleError. */
export async function ownPeople({ people }: OwnPeople, { person = [] }: MemberFlags): Promise<Members> {
  const found: ImmichNamed[] = [];
  for (const text of person) {
    const { personId, name } = await personCalled(people, text);
    found.push({ id: personId, name: name ?? personId });
  }
  const each = [...new Map(found.map((one) => [one.id, one])).values()];
  return { people: each.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

const pageSize = 1_000;

/** Photos with these people in one library. Throws as `ownPeople`, and UsageError for a folder of one. */
export async function selectOwnPeople(
  opened: OwnPeople & Pick<Opened, 'selections'>,
  asked: {
    readonly flags: MemberFlags;
    readonly place: Place;
    readonly wanted: WantedHashes | undefined;
  },
): Promise<Selected> {
  const { place, wanted } = asked;
  const { library, folder } = place;
  if (folder !== '')
    throw new UsageError(`People are looked for in a whole library: ${library.name}, without a folder.`);
  const { people = [] } = await ownPeople(opened, asked.flags);
  const ids = new Set<string>();
  for (const { id } of people) {
    await eachPhoto(opened, { personId: id, library: library.name }, (photo) => ids.add(photo));
  }
  const selection = { kind: 'photos' as const, assetIds: [...ids] };
  return {
    selection,
    shown: `Photos ${membersInWords({ people }) ?? ''} of ${library.name}`,
    counts: await opened.selections.count(selection, wanted),
    libraries: [library],
  };
}

async function eachPhoto(
  { people }: OwnPeople,
  of: { readonly personId: string; readonly library: string },
  found: (assetId: string) => void,
): Promise<void> {
  for (let after: string | undefined; ;) {
    const page = await people.persons.photos({ ...of, limit: pageSize, ...(after !== undefined && { after }) });
    for (const { assetId } of page) found(assetId);
    after = page.at(-1)?.assetId;
    if (page.length < pageSize) return;
  }
}
