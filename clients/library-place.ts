import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { looseLibrary } from '../domain/library.ts';
import { showPath } from '../domain/paths.ts';
import type { LibraryRecord } from '../domain/ports.ts';
import { UsageError } from './usage-error.ts';

export interface Place {
  readonly library: LibraryRecord;
  /** Shown path below the root with a slash behind it; empty for all of the library. */
  readonly folder: string;
}

/** A library by its name, or a folder of one by its path; without a name the only library. Throws UsageError. */
export async function placeOf(all: readonly LibraryRecord[], name: string | undefined): Promise<Place> {
  const libraries = all.filter((library) => library.name !== looseLibrary);
  const names = libraries.map((library) => library.name).join(', ');
  if (name === undefined) {
    const [only, ...others] = libraries;
    if (only !== undefined && others.length === 0) return { library: only, folder: '' };
    throw new UsageError(
      libraries.length === 0 ? 'There is no library yet: darkroom up <folder>' : `Which library? There are: ${names}`,
    );
  }
  const named = libraries.find((library) => library.name === name);
  if (named !== undefined) return { library: named, folder: '' };
  const given = path.resolve(name);
  const real = showPath(Buffer.from(await realpath(given).catch(() => given)));
  const around = libraries.filter(
    ({ root }) => real === root || real.startsWith(root.endsWith('/') ? root : `${root}/`),
  );
  const innermost = around.toSorted((a, b) => b.root.length - a.root.length)[0];
  if (innermost === undefined) {
    throw new UsageError(
      `${name} is neither a library nor a folder of one. Libraries: ${names === '' ? 'none yet' : names}${noFolders(libraries)}`,
    );
  }
  const below = real.slice(innermost.root.length).replace(/^\/+/, '');
  return { library: innermost, folder: below === '' ? '' : `${below}/` };
}

/** Said where a folder was named and is not to be found: its photos may be in an Immich. Empty where there is none. */
export function noFolders(libraries: readonly LibraryRecord[]): string {
  const names = libraries.filter(({ kind }) => kind === 'immich').map(({ name }) => name);
  if (names.length === 0) return '';
  const one = names.length === 1;
  const have = one ? 'is an Immich library and has no folders: its' : 'are Immich libraries and have no folders: their';
  return `\n${names.join(', ')} ${have} photos are chosen with --album <name> and --person <name>.`;
}

/** The library of this name, where one is named. Throws UsageError that lists what there is. */
export async function libraryCalled(
  assets: { libraries(): Promise<readonly LibraryRecord[]> },
  name: string | undefined,
): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const libraries = await assets.libraries();
  if (libraries.some((library) => library.name === name)) return name;
  const names = libraries.map((library) => library.name).join(', ');
  throw new UsageError(`There is no library called ${name}. There are: ${names === '' ? 'none yet' : names}`);
}
