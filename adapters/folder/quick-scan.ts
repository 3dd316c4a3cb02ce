import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isDomainError } from '../../domain/errors.ts';
import { classifyName } from '../../domain/paths.ts';
import { type FolderMemory, nameFingerprint, type RememberedFolder } from './folder-memory.ts';
import { answered } from './fs-calls.ts';
import { absoluteIn, below, keyOf, pathOfKey, rootPath, shown } from './raw-path.ts';
import { type Entry, rootAway, type Tree } from './tree.ts';

export interface QuickScan {
  readonly tree: Tree;
  readonly memory: FolderMemory;
  /** Called for each picture with a new name. Undefined: all there is now is known, only remember it. */
  readonly tell: ((path: Buffer) => Promise<void>) | undefined;
  readonly signal: AbortSignal;
}

/** A folder that changed this recently when it was first seen is listed once more: the share's clock may not be ours. */
const recentMs = 3_600_000;

/**
 * One look at every folder's mtime, which changes when a name in it comes or goes; only changed folders are listed, and
 * the names that were not there before are told. A known name with other bytes is left to the full scan: to see it, every
 * file of a changed folder would have to be asked for over the network.
 */
export async function quickScan(scan: QuickScan): Promise<void> {
  const seen = new Set<string>();
  const waiting: Buffer[] = [rootPath];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    scan.signal.throwIfAborted();
    const key = keyOf(folder);
    const now = await lookAtFolder(scan, folder, scan.memory.get(key));
    if (now === undefined) continue;
    seen.add(key);
    scan.memory.set(key, now);
    waiting.push(...now.folders.map(pathOfKey));
  }
  scan.memory.keepOnly(seen);
}

/** Undefined where the folder is gone or cannot be read; then it counts as new when it comes back. */
async function lookAtFolder(
  scan: QuickScan,
  folder: Buffer,
  known: RememberedFolder | undefined,
): Promise<RememberedFolder | undefined> {
  const { tree, signal } = scan;
  try {
    const stats = await answered(stat(absoluteIn(tree.root, folder), { bigint: true }), signal);
    const same = known?.version === versionOf(stats);
    if (same && !known.again) return known;
    const { entries, noMedia } = await tree.entries(folder, signal);
    // An unmounted share leaves an empty folder. To forget now would make everything news when it comes back.
    const isOther = known !== undefined && known.inode !== stats.ino;
    if (folder.length === 0 && entries.length === 0 && isOther) throw rootAway(tree.root, 'it is empty now');
    return await listed(scan, {
      folder,
      stats,
      same,
      entries: noMedia ? [] : entries,
      known: isOther ? undefined : known,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isDomainError(error) || folder.length === 0) throw error;
    return undefined;
  }
}

interface Listed {
  readonly folder: Buffer;
  readonly stats: BigIntStats;
  readonly same: boolean;
  readonly entries: readonly Entry[];
  readonly known: RememberedFolder | undefined;
}

async function listed(scan: QuickScan, { folder, stats, same, entries, known }: Listed): Promise<RememberedFolder> {
  const pictures = entries.filter(({ name, type }) => type !== 'folder' && classifyName(shown(name)) !== 'other');
  if (scan.tell !== undefined) await tellNews({ ...scan, tell: scan.tell }, folder, pictures, known);
  const mtimeMs = Number(stats.mtimeMs);
  const isRecent = Math.abs(Date.now() - mtimeMs) < recentMs;
  return {
    version: versionOf(stats),
    inode: stats.ino,
    mtimeMs,
    folders: await foldersIn(scan, folder, entries),
    names: fingerprints(pictures, scan.memory.room + (known?.names?.length ?? 0)),
    again: !same && (scan.tell !== undefined || isRecent),
  };
}

async function tellNews(
  { tree, tell, signal }: QuickScan & { tell: (path: Buffer) => Promise<void> },
  folder: Buffer,
  pictures: readonly Entry[],
  known: RememberedFolder | undefined,
): Promise<void> {
  const names = known?.names === undefined ? undefined : new Set(known.names);
  for (const { name, type } of pictures) {
    if (names?.has(nameFingerprint(name)) === true) continue;
    const path = below(folder, name);
    const look = await tree.look(path, { type, signal });
    if (look.kind === 'nothing' || look.kind === 'folder') continue;
    // Names that there was no room for are told by their times, both by the share's own clock.
    const byTime = known !== undefined && names === undefined;
    if (!byTime || Math.max(look.stat.mtimeMs, look.stat.ctimeMs) >= known.mtimeMs) await tell(path);
  }
}

async function foldersIn({ tree, signal }: QuickScan, folder: Buffer, entries: readonly Entry[]): Promise<string[]> {
  const keys: string[] = [];
  for (const { name, type } of entries) {
    if (type !== 'folder' && type !== 'link') continue;
    const path = below(folder, name);
    if ((await tree.look(path, { type, signal })).kind === 'folder') keys.push(keyOf(path));
  }
  return keys;
}

const fingerprints = (pictures: readonly Entry[], room: number): Float64Array | undefined =>
  pictures.length > room ? undefined : Float64Array.from(pictures, ({ name }) => nameFingerprint(name));

const versionOf = (stats: BigIntStats): string => `${stats.mtimeNs}:${stats.ino}`;
