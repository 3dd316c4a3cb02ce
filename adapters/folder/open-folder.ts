import { opendir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError, isDomainError } from '../../domain/errors.ts';
import type { Folder } from '../../domain/ports.ts';
import { createFolder } from './folder.ts';
import { answered, isAbsent, reasonOf } from './fs-calls.ts';
import { createIgnored, type IgnoreRule } from './ignore.ts';
import { relativeTo } from './raw-path.ts';

export interface OpenedFolder {
  readonly folder: Folder;
  /** The rule of this folder, for its watcher. */
  readonly ignored: IgnoreRule;
  /** What a person should know although it is no error. */
  readonly notices: readonly string[];
}

const whereToChange = 'Change LIBRARY_FOLDERS, or the folder given to "darkroom up".';

/**
 * Checks a library folder as a person gave it. Throws ConfigError BadConfig, saying what to do, where it is missing, not
 * a folder, unreadable, or part of Darkroom's own data folder; TransientError LibraryUnreadable where the share hangs.
 */
export async function openFolder(
  path: string,
  { dataDir, globs = [] }: { dataDir?: string; globs?: readonly string[] } = {},
): Promise<OpenedFolder> {
  const root = resolve(path);
  await mustBeFolder(path, root);
  if (dataDir !== undefined && relativeTo(Buffer.from(resolve(dataDir)), Buffer.from(root)) !== undefined) {
    throw bad(`${root} belongs to Darkroom's own data folder ${dataDir} and cannot be a library.`);
  }
  const names = await firstNames(root);
  const ignored = createIgnored({ root, globs, ...(dataDir === undefined ? {} : { dataDir }) });
  return { folder: createFolder({ root, ignored }), ignored, notices: noticesFor(root, names) };
}

async function mustBeFolder(path: string, root: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await answered(stat(root))).isDirectory();
  } catch (error) {
    if (isAbsent(error)) throw bad(`There is no folder ${root}${hintFor(path)}.`, error);
    if (isDomainError(error)) throw error;
    throw bad(`The library folder ${root} cannot be read: ${reasonOf(error)}.`, error);
  }
  if (!isFolder) throw bad(`${root} is a file; a library is a folder.`);
}

const hintFor = (path: string): string =>
  path.startsWith('~')
    ? ` ("~" is not replaced here: write ${join(homedir(), path.slice(1))})`
    : ' (if it is on a drive or share, mount it first)';

/** Names are read one by one: a first look must not list a folder of 100,000 photos. */
async function firstNames(root: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    const folder = await answered(opendir(root));
    for await (const { name } of folder) {
      names.push(name);
      if (names.length >= 1_000) break;
    }
    return names;
  } catch (error) {
    if (isDomainError(error)) throw error;
    throw bad(`The library folder ${root} cannot be read: ${reasonOf(error)}.`, error);
  }
}

function noticesFor(root: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) {
    return [
      `${root} is empty. Photos copied into it will be noticed; if it should hold some, is its drive or share mounted?`,
    ];
  }
  if (names.includes('.nomedia')) return [`${root} holds a file .nomedia, so nothing in it is looked at.`];
  return [];
}

const bad = (what: string, cause?: unknown) => new ConfigError('BadConfig', `${what} ${whereToChange}`, { cause });
