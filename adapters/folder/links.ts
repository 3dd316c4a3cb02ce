import { lstat, realpath } from 'node:fs/promises';
import { classifyName } from '../../domain/paths.ts';
import { answered, isAbsent } from './fs-calls.ts';
import type { IgnoreRule } from './ignore.ts';
import { absoluteIn, baseName, below, parentOf, relativeTo, rootPath, shown } from './raw-path.ts';

export type LinkVerdict = 'follow' | 'leave' | 'leads out';

/**
 * Whether a link that exists and has a target is followed. One rule for files and folders:
 * - never out of the root;
 * - not where the walk meets the target itself, or every photo would be listed twice;
 * - not into what is excluded, nor into a `.nomedia` tree;
 * - so: into hidden folders, and to photos whose own name does not say that they are photos (git-annex has both).
 * A path goes through one followed folder link at most, so that loops end. Two links to the same hidden folder do list
 * its photos twice; same bytes, so no model is asked twice.
 */
export async function judgeLink(
  root: string,
  ignored: IgnoreRule,
  { path, isDirectory, signal }: { path: Buffer; isDirectory: boolean; signal: AbortSignal | undefined },
): Promise<LinkVerdict> {
  const real = (rel: Buffer) => answered(realpath(absoluteIn(root, rel), { encoding: 'buffer' }), signal);
  const realRoot = await real(rootPath);
  const target = relativeTo(realRoot, await real(path));
  if (target === undefined) return 'leads out';
  if (target.length === 0 || ignored.excluded(shown(target), isDirectory)) return 'leave';
  const hidden = ignored(shown(target), isDirectory);
  const showsItself = isDirectory || classifyName(shown(baseName(target))) !== 'other';
  if (!hidden && showsItself) return 'leave';
  if (await hasNoMediaAbove(root, target, signal)) return 'leave';
  const parent = parentOf(path);
  const throughLink = isDirectory && !(await real(parent)).equals(absoluteIn(realRoot, parent));
  return throughLink ? 'leave' : 'follow';
}

async function hasNoMediaAbove(root: string, path: Buffer, signal: AbortSignal | undefined): Promise<boolean> {
  for (let folder = parentOf(path); ; folder = parentOf(folder)) {
    if (await exists(absoluteIn(root, below(folder, noMediaName)), signal)) return true;
    if (folder.length === 0) return false;
  }
}

/** Android's mark for "no media in here and below". */
export const noMediaName: Buffer = Buffer.from('.nomedia');

async function exists(path: Buffer, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await answered(lstat(path), signal);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
