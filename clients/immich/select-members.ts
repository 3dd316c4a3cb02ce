import { membersInWords } from '../../domain/selection.ts';
import { wantedHashIn, type WantedHashes } from '../../domain/wanted-recipes.ts';
import type { Opened } from '../open.ts';
import { grouped } from '../output.ts';
import type { Selected } from '../selection.ts';
import { immichNamed, type Libraries } from './library.ts';
import { type ListDeps, listPhotos } from './list-photos.ts';
import { type MemberFlags, membersOf } from './members.ts';

export interface MemberDeps extends ListDeps, Pick<Opened, 'selections'> {
  readonly immich: ListDeps['immich'] & Libraries;
  readonly assets: Pick<Opened['assets'], 'libraries'>;
}

export interface MembersAsked {
  readonly flags: MemberFlags;
  /** Of an Immich; absent: the only one. */
  readonly library: string | undefined;
  readonly wanted: WantedHashes | undefined;
  readonly sha256: (text: string) => string;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Photos of albums and of people, as Immich lists them now; each has its row then. Throws UsageError and the faults of Immich. */
export async function selectMembers(opened: MemberDeps, asked: MembersAsked): Promise<Selected> {
  const { flags, library, wanted, sha256, progress, signal } = asked;
  const named = await immichNamed(opened.immich, await opened.assets.libraries(), library);
  const members = await membersOf(named.immich, flags, signal);
  const onPage = (seen: number) => progress(`asking Immich: ${grouped(seen)} photos`);
  const selection = { which: { kind: 'wanted' as const }, ...members };
  const recipeHash = wanted && wantedHashIn(wanted, named.record.name);
  const { all } = await listPhotos(opened, { named, selection, recipeHash, sha256, onPage, signal });
  const photos = { kind: 'photos' as const, assetIds: all };
  return {
    selection: photos,
    shown: `Photos ${membersInWords(members) ?? ''} of ${named.record.name}`,
    counts: await opened.selections.count(photos, wanted),
    libraries: [named.record],
  };
}
