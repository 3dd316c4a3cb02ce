import { type AssetRef, fileName } from './asset.ts';
import { photoPage } from './first-look.ts';
import { assetIdOf } from './immich-rules.ts';
import type { LibraryRecord } from './ports.ts';

type Named = Pick<AssetRef, 'library' | 'path'>;
type Library = Pick<LibraryRecord, 'name' | 'root' | 'kind'>;

/** Where a photo can be looked at in a browser; undefined for a folder, and where only Immich's database is known. */
export function pageOfPhoto({ path }: Pick<AssetRef, 'path'>, library: Library | undefined): string | undefined {
  if (library?.kind !== 'immich' || !/^https?:/.test(library.root)) return undefined;
  return assetIdOf(path) === undefined ? undefined : photoPage(library.root, path);
}

/**
 * How people are told of a photo: `pictures/2024/a.jpg`, or for a photo of an Immich `a.jpg  http://immich:2283/photos/<id>`. The
 * id goes without a link where only the database is known.
 */
export function photoInWords(asset: Named, library: Library | undefined): string {
  if (library?.kind !== 'immich') return `${asset.library}/${asset.path}`;
  const where = pageOfPhoto(asset, library) ?? assetIdOf(asset.path);
  return where === undefined ? asset.path : `${fileName(asset.path)}  ${where}`;
}

/** The same by the name of the library. */
export const photoNames = (libraries: readonly Library[]): ((asset: Named) => string) => {
  const known = new Map(libraries.map((library) => [library.name, library]));
  return (asset) => photoInWords(asset, known.get(asset.library));
};
