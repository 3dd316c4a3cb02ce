import type { AssetRef } from '../domain/asset.ts';
import { TransientError } from '../domain/errors.ts';
import { rawPathOf } from '../domain/paths.ts';
import type { AssetStore, Folder } from '../domain/ports.ts';

/** From the name of a library to its folder, and from an asset to its bytes' path. */
export interface Folders {
  of(library: string): Promise<Folder>;
  locate(asset: AssetRef): Promise<{ folder: Folder; rawPath: Uint8Array }>;
}

/** `open` makes the folder of a root; libraries are looked up once and kept, since their roots never change. */
export function createFolders(assets: Pick<AssetStore, 'libraries' | 'find'>, open: (root: string) => Folder): Folders {
  const known = new Map<string, Folder>();

  async function of(library: string): Promise<Folder> {
    const folder = known.get(library);
    if (folder !== undefined) return folder;
    for (const { name, root } of await assets.libraries()) {
      if (!known.has(name)) known.set(name, open(root));
    }
    const found = known.get(library);
    if (found === undefined) throw new TransientError('LibraryUnreadable', `There is no library called ${library}.`);
    return found;
  }

  return {
    of,
    async locate({ assetId, library, path }) {
      const folder = await of(library);
      const rawPath = rawPathOf(path) ?? (await assets.find(assetId))?.rawPath;
      if (rawPath === undefined) throw new TransientError('LibraryUnreadable', `No row for ${path} in ${library}.`);
      return { folder, rawPath };
    },
  };
}
