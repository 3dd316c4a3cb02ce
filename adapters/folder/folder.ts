import { readdir, realpath, stat } from 'node:fs/promises';
import type { FileStat } from '../../domain/asset.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import type { Folder } from '../../domain/ports.ts';
import { toFileStat } from './file-stat.ts';
import { answered, isAbsent, reasonOf } from './fs-calls.ts';
import type { IgnoreRule } from './ignore.ts';
import { absoluteIn, asBuffer, components, relativeTo, rootPath, shown } from './raw-path.ts';
import { createTree, rootAway, type Tree } from './tree.ts';
import { walkBelow, walkPage } from './walk.ts';

/**
 * The photos below one folder. `root` is absolute; nothing is opened until it is asked for. Which links are followed:
 * links.ts. The order of `page`: walk.ts.
 */
export function createFolder({ root, ignored }: { root: string; ignored: IgnoreRule }): Folder {
  const tree = createTree({ root, ignored });
  const isThere = createPresence(tree);
  return {
    root,
    page: ({ below, ...input }) =>
      below === undefined ? walkPage(tree, input) : walkBelow(tree, { ...input, below: asBuffer(below) }),
    resolve: (rawPath) => confined(root, asBuffer(rawPath)),
    async stat(rawPath) {
      await isThere.remember();
      const found = await statOf(root, asBuffer(rawPath));
      if (found === undefined) await isThere.check();
      return found;
    },
  };
}

async function statOf(root: string, rawPath: Buffer): Promise<FileStat | undefined> {
  try {
    const stats = await answered(stat(await confined(root, rawPath), { bigint: true }));
    return stats.isFile() ? toFileStat(stats) : undefined;
  } catch (error) {
    // A link that was turned to lead out of the library: the photo that was here is here no more.
    if (isAbsent(error) || error instanceof PermanentError) return undefined;
    throw unreadable(rawPath, error);
  }
}

/**
 * The real path of what is asked for, so that links which change later cannot lead the reader elsewhere. Where nothing
 * is there, the path as written: opening it tells.
 */
async function confined(root: string, rawPath: Buffer): Promise<Buffer> {
  if (!isBelow(rawPath)) throw outside(rawPath);
  const written = absoluteIn(root, rawPath);
  try {
    const real = await answered(realpath(written, { encoding: 'buffer' }));
    const realRoot = await answered(realpath(absoluteIn(root, rootPath), { encoding: 'buffer' }));
    if (relativeTo(realRoot, real) === undefined) throw outside(rawPath);
    return real;
  } catch (error) {
    if (error instanceof PermanentError) throw error;
    if (isAbsent(error)) return written;
    throw unreadable(rawPath, error);
  }
}

const notNames = new Set(['', '.', '..']);

const isBelow = (rawPath: Buffer): boolean =>
  !rawPath.includes(0) && components(rawPath).every((name) => !notNames.has(name.toString('latin1')));

const outside = (rawPath: Buffer) =>
  new PermanentError(
    'OutsideLibrary',
    `${shown(rawPath)} leads out of the library folder, and Darkroom reads nothing outside it. Put the photo itself into the folder.`,
  );

const unreadable = (rawPath: Buffer, error: unknown) =>
  error instanceof TransientError
    ? error
    : new TransientError('LibraryUnreadable', `${shown(rawPath)} cannot be read: ${reasonOf(error)}.`, {
        cause: error,
      });

/**
 * Tells "the file is gone" from "the share is gone". An unmounted share leaves its empty mount point: another folder
 * than before, and empty. (One that was unmounted before this process started cannot be told from an empty library.)
 */
function createPresence(tree: Tree) {
  let known: string | undefined;
  return {
    async remember(): Promise<void> {
      known ??= await tree.identity();
    },
    async check(): Promise<void> {
      const now = await tree.identity();
      if (now === known) return;
      const names = await answered(readdir(tree.root, { encoding: 'buffer' }));
      if (names.length === 0) throw rootAway(tree.root, 'it is empty and not the folder it was: an unmounted share?');
      known = now;
    },
  };
}
