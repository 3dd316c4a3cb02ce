import { errorCode, isDomainError } from '../../domain/errors.ts';
import { classifyName } from '../../domain/paths.ts';
import { isAbsent, reasonOf } from './fs-calls.ts';
import type { Pending } from './pending.ts';
import { below, keyOf, shown } from './raw-path.ts';
import { type Entry, type Listing, rootAway, type Tree } from './tree.ts';
import type { WatchedFolders } from './watched-folders.ts';

export interface Adoption {
  /**
   * Watches a folder and all below it; `isNews`: the pictures that lie in them are noticed as if each had an event.
   * Throws what the system throws at its limits; TransientError LibraryUnreadable where the root is away.
   */
  readonly adopt: (folder: Buffer, isNews: boolean) => Promise<void>;
}

/** Too many watches (ENOSPC), inotify instances or open files (EMFILE), open files in all (ENFILE). */
const limitCodes = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

export const isWatchLimit = (error: unknown): boolean => limitCodes.has(errorCode(error) ?? '');

export function createAdoption(deps: {
  tree: Tree;
  folders: WatchedFolders;
  pending: Pick<Pending, 'add'>;
  signal: AbortSignal;
  log: { warn(details: object, message: string): void };
}): Adoption {
  const { tree, folders, pending, signal, log } = deps;

  /** The watch first and the list after, so that no file falls between the two. */
  async function adopt(folder: Buffer, isNews: boolean): Promise<void> {
    signal.throwIfAborted();
    const listing = await openAndList(folder);
    if (listing === undefined) return;
    if (listing.noMedia) return folders.mute(folder);
    for (const entry of listing.entries) await adoptEntry(below(folder, entry.name), entry, isNews);
  }

  async function adoptEntry(path: Buffer, { name, type }: Entry, isNews: boolean): Promise<void> {
    const isPicture = isNews && classifyName(shown(name)) !== 'other';
    if (type === 'file' && isPicture) pending.add(keyOf(path), false);
    if (type !== 'folder' && type !== 'link') return;
    const look = await tree.look(path, { type, signal });
    if (look.kind === 'folder') await adopt(path, isNews);
    else if (type === 'link' && isPicture) pending.add(keyOf(path), false);
  }

  /** Undefined where the folder is gone or may not be read. */
  async function openAndList(folder: Buffer): Promise<Listing | undefined> {
    try {
      folders.open(folder);
      return await tree.entries(folder, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isDomainError(error) || isWatchLimit(error)) throw error;
      folders.drop(folder);
      if (folder.length === 0) throw rootAway(tree.root, reasonOf(error), error);
      if (errorCode(error) === undefined) throw error;
      if (!isAbsent(error)) log.warn({ root: tree.root }, `${shown(folder)} cannot be watched: ${reasonOf(error)}`);
      return undefined;
    }
  }

  return { adopt };
}
