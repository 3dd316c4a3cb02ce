import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { looseLibrary } from '../domain/library.ts';
import { classifyName, showPath } from '../domain/paths.ts';
import type { AssetRef } from '../domain/asset.ts';
import type { LibraryRecord } from '../domain/ports.ts';
import type { Selection, Standing } from '../domain/prioritize.ts';
import { photoNames } from '../domain/photo-name.ts';
import type { WantedHashes } from '../domain/wanted-recipes.ts';
import { type Asking, fetchPhoto } from './immich/photo.ts';
import { noFolders } from './library-place.ts';
import { onePhoto, photoOfImmich } from './one-photo.ts';
import type { Opened } from './open.ts';
import { UsageError } from './usage-error.ts';

export interface Selected {
  readonly selection: Selection;
  /** What was meant, for people. */
  readonly shown: string;
  readonly counts: Readonly<Record<Standing, number>>;
  /** The libraries that it is of. */
  readonly libraries: readonly LibraryRecord[];
}

export interface SelectionDeps extends Pick<Opened, 'selections'> {
  readonly queries: Pick<Opened['queries'], 'findByPath' | 'findInImmich'>;
  readonly assets: Pick<Opened['assets'], 'libraries' | 'register'>;
  readonly immich: Asking;
}

/**
 * A photo, or a folder of any library: named by its path from here, by its path below a library's folder, or a photo by
 * the end of its path. A photo of an Immich may be named by its id or a link too. A file that is new to the database is added to
 * it, and so is a photo that Immich knows. Throws UsageError for what is neither.
 */
export async function selectByName(
  deps: SelectionDeps,
  name: string,
  { wanted, signal }: { wanted: WantedHashes | undefined; signal: AbortSignal },
): Promise<Selected> {
  const { queries, assets, selections, immich } = deps;
  const libraries = await assets.libraries();
  const nameOf = photoNames(libraries);
  const counted = async (selection: Selection, shown: string): Promise<Selected> => ({
    selection,
    shown,
    counts: await selections.count(selection, wanted),
    libraries,
  });
  const inImmich = (await photoOfImmich(queries, name)) ?? (await fetchPhoto(immich, name, signal));
  if (inImmich !== undefined) {
    const { asset } = inImmich;
    return await counted({ kind: 'photo', assetId: asset.assetId }, nameOf(asset));
  }
  const fromHere = path.resolve(name);
  const real = await realpath(fromHere).catch(() => fromHere);
  const places = [...new Set([fromHere, real])].map((text) => showPath(Buffer.from(text)));
  for (const place of places) {
    const [photo] = await queries.findByPath(place, 1);
    if (photo?.match === 'exact')
      return await counted({ kind: 'photo', assetId: photo.asset.assetId }, photo.asset.path);
  }
  const added = await addPhoto(assets, libraries, real);
  if (added !== undefined) return await counted({ kind: 'photo', assetId: added.assetId }, added.path);
  const below = showPath(Buffer.from(name)).replace(/^(\.\/)+|\/+$/g, '');
  const folders = [
    ...places.map((place) => foldersAt(libraries, place)),
    below === '' ? [] : libraries.map(({ id }) => ({ libraryId: id, prefix: `${below}/` })),
  ];
  for (const some of folders) {
    if (some.length === 0) continue;
    const selected = await counted({ kind: 'folders', folders: some }, name);
    const isKnown = Object.values(selected.counts).some((count) => count > 0);
    if (isKnown || (await hasFolder(libraries, some))) return selected;
  }
  const { asset, kind } = await onePhoto(queries, name, 'photo or folder').catch((error: unknown) => {
    // Who looks for a folder may mean what an Immich has in its place.
    const isNone = error instanceof UsageError && error.message.startsWith('No photo or folder');
    throw isNone ? new UsageError(`${error.message}${noFolders(libraries)}`) : error;
  });
  return await counted({ kind: 'photo', assetId: asset.assetId }, kind === 'immich' ? nameOf(asset) : asset.path);
}

/** A photo that lies in a library and that no pass has reached yet. */
async function addPhoto(
  assets: SelectionDeps['assets'],
  libraries: readonly LibraryRecord[],
  file: string,
): Promise<AssetRef | undefined> {
  const [innermost] = libraries
    .filter(({ name, root }) => name !== looseLibrary && file.startsWith(root.endsWith('/') ? root : `${root}/`))
    .toSorted((a, b) => b.root.length - a.root.length);
  if (innermost === undefined || classifyName(path.basename(file)) !== 'photo') return undefined;
  if ((await stat(file).catch(() => undefined))?.isFile() !== true) return undefined;
  const rawPath = Buffer.from(path.relative(innermost.root, file));
  const unread = { size: -1, mtimeMs: -1, ctimeMs: -1, inode: '' };
  const [registered] = await assets.register(innermost, [{ rawPath, kind: 'photo', stat: unread }], '');
  return registered?.asset;
}

type Folders = Extract<Selection, { kind: 'folders' }>['folders'];

async function hasFolder(libraries: readonly LibraryRecord[], folders: Folders): Promise<boolean> {
  const looks = folders.map(async ({ libraryId, prefix }) => {
    const library = libraries.find(({ id }) => id === libraryId);
    // The library of loose files begins at the root of everything.
    if (library === undefined || library.name === looseLibrary || library.kind === 'immich') return false;
    return (await stat(path.join(library.root, prefix)).catch(() => undefined))?.isDirectory() === true;
  });
  return (await Promise.all(looks)).includes(true);
}

/** What of each library lies in the folder: a part of it, or all of it where the folder holds the library. */
function foldersAt(libraries: readonly LibraryRecord[], place: string): { libraryId: string; prefix: string }[] {
  return libraries.flatMap(({ id, root: written }) => {
    const [root, folder] = [written, place].map((text) => (text.endsWith('/') ? text : `${text}/`));
    if (root === undefined || folder === undefined) return [];
    if (root.startsWith(folder)) return [{ libraryId: id, prefix: '' }];
    return folder.startsWith(root) ? [{ libraryId: id, prefix: folder.slice(root.length) }] : [];
  });
}
