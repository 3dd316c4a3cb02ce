import { assetIdOf } from '../domain/immich-rules.ts';
import type { ImmichLibrary } from '../domain/immich.ts';
import type { AssetStore, Folder, PictureReader, PictureReading, RenditionCache } from '../domain/ports.ts';
import type { FoundAsset } from '../domain/status.ts';

export interface PhotoPictures {
  /**
   * An upright JPEG of a photo, not larger than the photo is. Throws as `PictureReader.read` does, and the faults of its
   * library.
   */
  of(photo: FoundAsset, wanted: PictureWanted): Promise<Picture>;
}

interface PictureWanted {
  /** In pixels. */
  readonly longSide: number;
  /** Content hash of the bytes that the other side has a picture of. */
  readonly known: (hash: string) => boolean;
  /** Not where only a part of it is wanted: what is kept pushes out what runs have use for. */
  readonly isKept?: boolean;
  readonly signal: AbortSignal;
}

/** changing: it is being written, or Immich has no preview of it yet · same: as `known` said */
export type Picture =
  | { readonly kind: 'read'; readonly hash: string; readonly jpeg: Uint8Array }
  | { readonly kind: 'same'; readonly hash: string }
  | { readonly kind: 'gone' | 'locked' | 'changing' };

export interface PictureDeps {
  readonly renditions: RenditionCache;
  readonly pictures: Pick<PictureReader, 'read' | 'readBytes'>;
  readonly assets: Pick<AssetStore, 'knownContent'>;
  /** Asked once for each root: what is left out there is read from the disk. */
  readonly folderAt: (root: string) => Pick<Folder, 'stat' | 'resolve'>;
  /** Of the library of this name. Throws where nobody has a key of it. */
  readonly immichOf: (library: string) => Promise<Pick<ImmichLibrary, 'asset' | 'preview'>>;
}

/** A file that is being written is another one at each look. */
const looks = 3;

/** Pictures of photos for people to look at: out of the cache, or made anew and kept there. */
export function createPhotoPictures(given: PictureDeps): PhotoPictures {
  const folders = new Map<string, ReturnType<PictureDeps['folderAt']>>();
  const folderAt = (root: string) => {
    const folder = folders.get(root) ?? given.folderAt(root);
    folders.set(root, folder);
    return folder;
  };
  const deps = { ...given, folderAt };
  return { of: async (photo, wanted) => await (photo.kind === 'immich' ? ofAsset : ofFile)(deps, photo, wanted) };
}

async function ofFile(
  deps: PictureDeps,
  { asset, rawPath, root }: FoundAsset,
  wanted: PictureWanted,
): Promise<Picture> {
  const folder = deps.folderAt(root);
  for (let look = 1; look <= looks; look += 1) {
    // Refuses what leads out of the folder, by `..` or by a link.
    const expected = await folder.stat(rawPath);
    if (expected === undefined) return { kind: 'gone' };
    const known = await deps.assets.knownContent(asset.assetId, expected);
    const kept = known === undefined ? undefined : await keptOne(deps, known.hash, wanted);
    if (kept !== undefined) return kept;
    const { longSide, signal } = wanted;
    const reading = await deps.pictures.read({ path: await folder.resolve(rawPath), expected, longSide, signal });
    if (reading.kind === 'gone') return { kind: 'gone' };
    if (reading.kind === 'read') return await keep(deps, reading, wanted);
  }
  return { kind: 'changing' };
}

/** The preview, as runs read it: upright and whole, and small enough. */
async function ofAsset(deps: PictureDeps, { asset, content }: FoundAsset, wanted: PictureWanted): Promise<Picture> {
  const { longSide, signal } = wanted;
  const id = assetIdOf(asset.path);
  const immich = await deps.immichOf(asset.library);
  // Asked each time: what is locked or deleted by now is shown to nobody.
  const found = id === undefined ? undefined : await immich.asset(id, signal);
  if (found === undefined || found.isTrashed) return { kind: 'gone' };
  if (found.visibility === 'locked') return { kind: 'locked' };
  const kept = content === undefined ? undefined : await keptOne(deps, content.hash, wanted);
  if (kept !== undefined) return kept;
  const bytes = await immich.preview(found, signal);
  if (bytes === undefined) return { kind: 'changing' };
  const reading = await deps.pictures.readBytes({ bytes, longSide, signal });
  return await keep(deps, reading, wanted);
}

async function keptOne({ renditions }: PictureDeps, hash: string, wanted: PictureWanted): Promise<Picture | undefined> {
  if (wanted.known(hash)) return { kind: 'same', hash };
  const jpeg = await renditions.get(hash, wanted.longSide);
  return jpeg === undefined ? undefined : { kind: 'read', hash, jpeg };
}

async function keep(
  { renditions }: PictureDeps,
  { content: { hash }, rendition: jpeg }: Pick<Extract<PictureReading, { kind: 'read' }>, 'content' | 'rendition'>,
  { longSide, isKept = true }: PictureWanted,
): Promise<Picture> {
  // A full disk is no reason to show nothing.
  if (isKept) await renditions.put(hash, longSide, jpeg).catch(() => undefined);
  return { kind: 'read', hash, jpeg };
}
