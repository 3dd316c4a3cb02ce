import path from 'node:path';
import type { AssetRef } from '../domain/asset.ts';
import { looseLibrary } from '../domain/library.ts';
import { photoInWords } from '../domain/photo-name.ts';
import type { LibraryRecord } from '../domain/ports.ts';
import { fetchPhoto } from './immich/photo.ts';
import { namedPhoto } from './named-file.ts';
import { onlyOne, photoOfImmich } from './one-photo.ts';
import type { Opened } from './open.ts';
import { UsageError } from './usage-error.ts';

export interface DescribedPhoto {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  readonly library: LibraryRecord;
  /** For people. */
  readonly shown: string;
}

export type Describing = Pick<Opened, 'assets' | 'queries' | 'immich'>;

/**
 * The photo that a person wants described: a file, or a photo of an Immich by its id, a link or its file name. One that nobody has
 * met yet gets its row. Throws UsageError.
 */
export async function describedPhoto(opened: Describing, name: string, signal: AbortSignal): Promise<DescribedPhoto> {
  const { assets, queries, immich } = opened;
  const inImmich = (await photoOfImmich(queries, name)) ?? (await fetchPhoto(immich, name, signal));
  if (inImmich !== undefined) return await ofLibrary(opened, inImmich);
  try {
    return await photoOfFile(opened, await namedPhoto(name));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const found = (await queries.findByPath(name, mostFound)).filter(({ kind }) => kind === 'immich');
    if (found.length > 0) return await ofLibrary(opened, onlyOne(found, name));
    const hasImmich = (await assets.libraries()).some(({ kind }) => kind === 'immich');
    throw hasImmich ? new UsageError(`${error.message} ${orInImmich}`) : error;
  }
}

const mostFound = 11;
const orInImmich = 'Nor is a photo of Immich known by that name: give the link of its page, or its id.';

async function ofLibrary(
  { assets }: Describing,
  { asset, rawPath }: Pick<DescribedPhoto, 'asset' | 'rawPath'>,
): Promise<DescribedPhoto> {
  const library = (await assets.libraries()).find(({ name }) => name === asset.library);
  if (library === undefined) throw new Error(`${asset.library} is no library any more.`);
  return { asset, rawPath, library, shown: photoInWords(asset, library) };
}

async function photoOfFile({ assets }: Describing, file: string): Promise<DescribedPhoto> {
  const library = await libraryOf({ assets }, file);
  const rawPath = Buffer.from(path.relative(library.root, file));
  const unread = { size: -1, mtimeMs: -1, ctimeMs: -1, inode: '' };
  const [registered] = await assets.register(library, [{ rawPath, kind: 'photo', stat: unread }], '');
  if (registered === undefined) throw new Error(`${file} could not be registered.`);
  return { asset: registered.asset, rawPath, library, shown: file };
}

/** The library that holds it, the innermost where they are nested; else the one of loose files. */
async function libraryOf({ assets }: Pick<Describing, 'assets'>, file: string): Promise<LibraryRecord> {
  const holding = (await assets.libraries())
    .filter(({ root }) => file.startsWith(root.endsWith('/') ? root : `${root}/`))
    .sort((a, b) => b.root.length - a.root.length)[0];
  return holding ?? (await assets.ensureLibrary({ name: looseLibrary, root: '/' }));
}
