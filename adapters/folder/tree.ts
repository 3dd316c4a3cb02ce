import { type BigIntStats, constants, type Dirent } from 'node:fs';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import type { FileStat } from '../../domain/asset.ts';
import { isDomainError, TransientError } from '../../domain/errors.ts';
import { classifyName } from '../../domain/paths.ts';
import { answered, isAbsent, reasonOf } from './fs-calls.ts';
import { toFileStat } from './file-stat.ts';
import type { IgnoreRule } from './ignore.ts';
import { judgeLink, noMediaName } from './links.ts';
import { absoluteIn, baseName, shown } from './raw-path.ts';

/** What the walk, the watcher and the scanner see of a library's folder: one view, so that they never disagree. */
export interface Tree {
  readonly root: string;
  /** Everything in one folder by bytes. Throws what the system throws; a domain error where the share does not answer. */
  entries(folder: Buffer, signal?: AbortSignal): Promise<Listing>;
  /** What one path is for us. `type` where a listing has told it already. Never throws for a single bad path. */
  look(path: Buffer, options?: { type?: EntryType; signal?: AbortSignal | undefined }): Promise<Look>;
  /** Which folder the root is now. Throws TransientError LibraryUnreadable where it is away. */
  identity(signal?: AbortSignal): Promise<string>;
}

type EntryType = 'file' | 'folder' | 'link' | 'other';

export interface Entry {
  readonly name: Buffer;
  readonly type: EntryType;
}

export interface Listing {
  readonly entries: readonly Entry[];
  /** The folder holds a `.nomedia`: nothing in it and below is ours. */
  readonly noMedia: boolean;
}

type Look =
  | { readonly kind: 'folder' }
  | { readonly kind: 'photo' | 'unsupported'; readonly stat: FileStat }
  /** `problem` where a person would expect a photo or a folder: in words, with its path. */
  | { readonly kind: 'nothing'; readonly problem?: string };

const nothing: Look = { kind: 'nothing' };

export function createTree({ root, ignored }: { root: string; ignored: IgnoreRule }): Tree {
  return {
    root,
    async entries(folder, signal) {
      const options = { encoding: 'buffer', withFileTypes: true } as const;
      const found = await answered(readdir(absoluteIn(root, folder), options), signal);
      const entries = found.map((entry): Entry => ({ name: entry.name, type: typeOf(entry) }));
      entries.sort((a, b) => Buffer.compare(a.name, b.name));
      return { entries, noMedia: found.some(({ name }) => name.equals(noMediaName)) };
    },
    async look(path, { type, signal } = {}) {
      try {
        return await lookAt({ root, ignored, path, signal }, type);
      } catch (error) {
        signal?.throwIfAborted();
        if (isDomainError(error)) throw error;
        if (isAbsent(error)) return nothing;
        return { kind: 'nothing', problem: `${shown(path)}: ${reasonOf(error)}` };
      }
    },
    identity: (signal) => identityOf(root, signal),
  };
}

interface Looking {
  readonly root: string;
  readonly ignored: IgnoreRule;
  readonly path: Buffer;
  readonly signal: AbortSignal | undefined;
}

async function lookAt(at: Looking, type: EntryType | undefined): Promise<Look> {
  const { root, ignored, path, signal } = at;
  const name = shown(path);
  if (ignored(name, type === 'folder')) return nothing;
  if (type === 'folder') return { kind: 'folder' };
  const known = type ?? typeOf(await answered(lstat(absoluteIn(root, path)), signal));
  if (known === 'folder') return ignored(name, true) ? nothing : { kind: 'folder' };
  if (known === 'link') return await lookThroughLink(at, name);
  const kind = known === 'file' ? classifyName(shown(baseName(path))) : 'other';
  if (kind === 'other') return nothing;
  const stats = await answered(lstat(absoluteIn(root, path), { bigint: true }), signal);
  return stats.isFile() ? await readable(at, kind, stats) : nothing;
}

async function lookThroughLink(at: Looking, name: string): Promise<Look> {
  const { root, ignored, path, signal } = at;
  const kind = classifyName(shown(baseName(path)));
  let target: BigIntStats;
  try {
    target = await answered(stat(absoluteIn(root, path), { bigint: true }), signal);
  } catch (error) {
    // A dangling link of any other name (lock files of editors, sockets) is nobody's photo.
    if (kind === 'other') return nothing;
    throw isAbsent(error) ? new Error('a link that leads nowhere', { cause: error }) : error;
  }
  const isDirectory = target.isDirectory();
  if (isDirectory ? ignored(name, true) : !target.isFile() || kind === 'other') return nothing;
  const verdict = await judgeLink(root, ignored, { path, isDirectory, signal });
  if (verdict === 'leave') return nothing;
  if (verdict === 'leads out')
    throw new Error('a link that leads out of the library; links are followed inside it only');
  return isDirectory || kind === 'other' ? { kind: 'folder' } : await readable(at, kind, target);
}

/** r for owner, group and others: the usual case, which saves a call per photo. */
const everybodyReads = 0o444n;

/** A file that may not be read would wait for ever as a run; here it is one line, and the next full scan takes it. */
async function readable(
  { root, path, signal }: Looking,
  kind: 'photo' | 'unsupported',
  stats: BigIntStats,
): Promise<Look> {
  const forAll = (stats.mode & everybodyReads) === everybodyReads;
  if (!forAll) await answered(access(absoluteIn(root, path), constants.R_OK), signal);
  return { kind, stat: toFileStat(stats) };
}

function typeOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryType {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

async function identityOf(root: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const stats = await answered(stat(root, { bigint: true }), signal);
    if (stats.isDirectory()) return `${stats.dev}:${stats.ino}`;
  } catch (error) {
    signal?.throwIfAborted();
    if (isDomainError(error)) throw error;
    throw rootAway(root, reasonOf(error), error);
  }
  throw rootAway(root, 'it is not a folder any more');
}

export const rootAway = (root: string, reason: string, cause?: unknown): TransientError =>
  new TransientError(
    'LibraryUnreadable',
    `The library folder ${root} cannot be read (${reason}). If it is on a drive or share, mount it again; work goes on then.`,
    { cause },
  );
