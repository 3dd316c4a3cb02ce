import { isAskedOfImmich } from '../domain/immich-choice.ts';
import type { PhotoSelection } from '../domain/selection.ts';
import { type NamedImmich, openImmichNamed } from './immich/library.ts';
import { listPhotos } from './immich/list-photos.ts';
import type { Place } from './library-place.ts';
import { lookThrough } from './look-through.ts';
import type { Opened } from './open.ts';
import { grouped } from './output.ts';
import { UsageError } from './usage-error.ts';

export type MeetDeps = Pick<Opened, 'assets' | 'facts' | 'openFolder' | 'immich' | 'settings'>;

export interface Meeting {
  readonly place: Place;
  readonly selection: PhotoSelection;
  readonly wantedHash: string;
  readonly sha256: (text: string) => string;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Photos that no pass has met have no row yet: they get one here. Not needed for what is chosen by what has become of it.
 * Returns the ids of the photos that fit where only their Immich knows which do; undefined where the rows know.
 */
export async function meetPhotos(opened: MeetDeps, meeting: Meeting): Promise<readonly string[] | undefined> {
  const { place, selection, progress, signal } = meeting;
  const isAsked = isAskedOfImmich(selection);
  const isByOutcome = selection.which.kind !== 'wanted' && selection.which.kind !== 'undescribed';
  if (place.library.kind !== 'immich') {
    if (!isByOutcome) await meetFiles(opened, meeting);
    return undefined;
  }
  if (isByOutcome && !isAsked) return undefined;
  const named = await openedOr(opened, place.library.name, isAsked);
  if (named === undefined) return undefined;
  const { wantedHash: recipeHash, sha256 } = meeting;
  const onPage = (seen: number) => progress(`asking Immich: ${grouped(seen)} photos`);
  const listed = await listPhotos(opened, { named, selection, recipeHash, sha256, onPage, signal });
  progress('');
  return isAsked ? listed.needed : undefined;
}

async function meetFiles(opened: MeetDeps, { place: { library, folder }, progress, signal }: Meeting): Promise<void> {
  const selection = { kind: 'folders' as const, folders: [{ libraryId: library.id, prefix: folder }] };
  const onPage = (seen: number) => progress(`looking for new files: ${grouped(seen)} seen`);
  await lookThrough(opened, { selection, libraries: [library], onPage, signal });
  progress('');
  signal.throwIfAborted();
}

/** Where Immich need not be asked, a shell without its settings goes by the rows. */
async function openedOr({ immich }: MeetDeps, name: string, isAsked: boolean): Promise<NamedImmich | undefined> {
  const record = (await immich.store.libraries()).find((one) => one.name === name);
  if (record === undefined) return undefined;
  try {
    return await openImmichNamed(immich, record);
  } catch (error) {
    if (isAsked || !(error instanceof UsageError)) throw error;
    return undefined;
  }
}
