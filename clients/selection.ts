import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { showPath } from '../domain/paths.ts';
import type { LibraryRecord } from '../domain/ports.ts';
import type { Selection, Standing } from '../domain/prioritize.ts';
import { onePhoto } from './one-photo.ts';
import type { Opened } from './open.ts';

export interface Selected {
  readonly selection: Selection;
  /** What was meant, for people. */
  readonly shown: string;
  readonly counts: Readonly<Record<Standing, number>>;
}

export interface SelectionDeps extends Pick<Opened, 'selections'> {
  readonly queries: Pick<Opened['queries'], 'findByPath'>;
  readonly assets: Pick<Opened['assets'], 'libraries'>;
}

/**
 * A photo, or a folder of any library: named by its path from here, by its path below a library's folder, or a photo by
 * the end of its path. Only what the database knows counts; the files need not be reachable. Throws UsageError for the rest.
 */
export async function selectByName(
  deps: SelectionDeps,
  name: string,
  wantedHash: string | undefined,
): Promise<Selected> {
  const { queries, assets, selections } = deps;
  const libraries = await assets.libraries();
  const counted = async (selection: Selection, shown: string): Promise<Selected> => ({
    selection,
    shown,
    counts: await selections.count(selection, wantedHash),
  });
  const fromHere = path.resolve(name);
  const real = await realpath(fromHere).catch(() => fromHere);
  const places = [...new Set([fromHere, real])].map((text) => showPath(Buffer.from(text)));
  for (const place of places) {
    const [photo] = await queries.findByPath(place, 1);
    if (photo?.match === 'exact')
      return await counted({ kind: 'photo', assetId: photo.asset.assetId }, photo.asset.path);
  }
  const below = showPath(Buffer.from(name)).replace(/^(\.\/)+|\/+$/g, '');
  const folders = [
    ...places.map((place) => foldersAt(libraries, place)),
    below === '' ? [] : libraries.map(({ id }) => ({ libraryId: id, prefix: `${below}/` })),
  ];
  for (const some of folders) {
    if (some.length === 0) continue;
    const selected = await counted({ kind: 'folders', folders: some }, name);
    if (Object.values(selected.counts).some((count) => count > 0)) return selected;
  }
  const { asset } = await onePhoto(queries, name, 'photo or folder');
  return await counted({ kind: 'photo', assetId: asset.assetId }, asset.path);
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
