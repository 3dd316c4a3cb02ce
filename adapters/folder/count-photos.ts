import { isDomainError } from '../../domain/errors.ts';
import { classifyName } from '../../domain/paths.ts';
import type { IgnoreRule } from './ignore.ts';
import { below, rootPath, shown } from './raw-path.ts';
import { createTree, type Entry, rootAway } from './tree.ts';
import { reasonOf } from './fs-calls.ts';

export interface CountPhotos {
  /** Absolute. */
  readonly root: string;
  readonly ignored: IgnoreRule;
  readonly signal: AbortSignal;
}

/**
 * How many photos the folder holds, by their names alone: only links are asked for, so that half a million files cost the
 * listing of their folders (docs/benchmarks.md). Good for telling how much is left, never for deciding what is done.
 * Throws TransientError LibraryUnreadable where the root is away.
 */
export async function countPhotos({ root, ignored, signal }: CountPhotos): Promise<number> {
  const tree = createTree({ root, ignored });
  const waiting: Buffer[] = [rootPath];
  let photos = 0;
  const take = async (path: Buffer, { type }: Entry): Promise<void> => {
    if (type === 'file') {
      const name = shown(path);
      if (classifyName(name) === 'photo' && !ignored(name, false)) photos += 1;
    } else if (type !== 'other') {
      const { kind } = await tree.look(path, { type, signal });
      if (kind === 'folder') waiting.push(path);
      if (kind === 'photo') photos += 1;
    }
  };
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    signal.throwIfAborted();
    const at = folder;
    const { entries, noMedia } = await tree.entries(at, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (isDomainError(error)) throw error;
      if (at.length === 0) throw rootAway(root, reasonOf(error), error);
      // The walk tells of folders that cannot be read.
      return { entries: [], noMedia: false };
    });
    if (!noMedia) for (const entry of entries) await take(below(at, entry.name), entry);
  }
  return photos;
}
