import { openFolder } from '../../adapters/folder/open-folder.ts';
import { namedAsset } from '../../domain/immich-link.ts';
import { namedFile } from '../named-file.ts';
import { UsageError } from '../usage-error.ts';
import { type ChosenAsset, type ChosenFile, type ChosenPhoto, shownBelow } from './read-photo.ts';

interface Where {
  readonly dataDir: string;
  readonly globs: readonly string[];
  /** Folders of libraries: names are shown relative to them. */
  readonly roots: readonly string[];
  /** A photo of an Immich by its id. */
  readonly inImmich: (id: string, signal: AbortSignal) => Promise<ChosenAsset>;
  readonly signal: AbortSignal;
}

/** Names of a folder that are kept in memory, at about 200 bytes each. */
const mostNames = 200_000;
const pageSize = 1_000;

/** The photos that were named, and of the folders that were named `limit` photos in all, the same ones every time. */
export async function photosAt(
  names: readonly string[],
  { limit, ...where }: Where & { limit: number },
): Promise<readonly ChosenPhoto[]> {
  const named: ChosenPhoto[] = [];
  const inFolders: ChosenFile[] = [];
  for (const name of names) {
    const asset = namedAsset(name);
    if (asset !== undefined) {
      named.push(await where.inImmich(asset.id, where.signal));
      continue;
    }
    const { file, isFolder } = await namedFile(name);
    if (isFolder) inFolders.push(...(await photosIn(file, where)));
    else named.push({ path: Buffer.from(file), shown: shownBelow(where.roots, Buffer.from(file)) });
  }
  const photos = [...named, ...spreadSample(inFolders, limit)];
  if (photos.length === 0) throw new UsageError(`There is no photo in ${names.join(', ')}.`);
  return photos;
}

/** `limit` of them, as far from each other in their order as can be; the same ones every time. */
export function spreadSample<T>(items: readonly T[], limit: number): readonly T[] {
  if (items.length <= limit) return items;
  const chosen = new Set(Array.from({ length: limit }, (_, part) => Math.floor(((part + 0.5) * items.length) / limit)));
  return items.filter((_, at) => chosen.has(at));
}

async function photosIn(root: string, { dataDir, globs, roots, signal }: Where): Promise<ChosenFile[]> {
  const { folder } = await openFolder(root, { dataDir, globs });
  const photos: ChosenFile[] = [];
  let cursor: string | undefined;
  do {
    const page = await folder.page({ cursor, limit: pageSize, signal });
    for (const { kind, rawPath } of page.files) {
      const path = Buffer.concat([Buffer.from(root.endsWith('/') ? root : `${root}/`), rawPath]);
      if (kind === 'photo') photos.push({ path, shown: shownBelow([...roots, root], path) });
    }
    cursor = page.next;
  } while (cursor !== undefined && photos.length < mostNames);
  return photos;
}
