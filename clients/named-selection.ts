import type { WantedHashes } from '../domain/wanted-recipes.ts';
import { type MemberFlags, namesMembers } from './immich/members.ts';
import { type MemberDeps, selectMembers } from './immich/select-members.ts';
import { folderMeant, type OwnPeople, selectOwnPeople } from './own-people.ts';
import { type Selected, selectByName, type SelectionDeps } from './selection.ts';
import { UsageError } from './usage-error.ts';

export interface NamedDeps extends SelectionDeps, Pick<MemberDeps, 'settings'>, OwnPeople {
  readonly immich: SelectionDeps['immich'] & MemberDeps['immich'];
}

interface NamedSelection {
  /** A photo or a folder; with `members` the library they are of. */
  readonly name: string | undefined;
  /** Albums and people of an Immich, or people of a folder. */
  readonly members?: MemberFlags;
  readonly wanted: WantedHashes | undefined;
  readonly sha256: (raw: string) => string;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The photos that are meant. Throws UsageError for what is not known, PeopleError, and the faults of Immich. */
export async function selectNamed(opened: NamedDeps, asked: NamedSelection): Promise<Selected> {
  const { name, members: flags = {} } = asked;
  if (namesMembers(flags)) {
    const place = await folderMeant(await opened.assets.libraries(), name, flags);
    if (place === undefined) return await selectMembers(opened, { ...asked, flags, library: name });
    return await selectOwnPeople(opened, { ...asked, flags, place });
  }
  if (name === undefined) throw new UsageError('Which photo or folder? Or --album <name>, or --person <name>.');
  return await selectByName(opened, name, asked);
}
