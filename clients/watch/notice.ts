import { fileName } from '../../domain/asset.ts';
import { classifyName, showPath } from '../../domain/paths.ts';
import type { AssetStore, FoundFile, LibraryRecord } from '../../domain/ports.ts';
import { priorities } from '../../domain/queues.ts';
import type { Photos } from '../photos.ts';

export interface NoticeDeps {
  readonly library: LibraryRecord;
  readonly assets: Pick<AssetStore, 'register'>;
  readonly photos: Pick<Photos, 'changed'>;
  readonly recipeHash: string;
}

/** The run looks for itself; here it only matters that something happened to the file. */
const neverRead = { size: -1, mtimeMs: -1, ctimeMs: -1, inode: '' } as const;

/**
 * What the watcher saw becomes a run: its row first, then the start, so that a death in between is found by the next scan.
 * Rejects where Postgres or Temporal is away; the watcher then asks for a scan.
 */
export function createNotice({ library, assets, photos, recipeHash }: NoticeDeps) {
  return async (rawPath: Uint8Array): Promise<void> => {
    const kind = classifyName(fileName(showPath(rawPath)));
    if (kind === 'other') return;
    const found: FoundFile = { rawPath, kind, stat: neverRead };
    const [registered] = await assets.register(library, [found], recipeHash);
    if (registered === undefined || kind === 'unsupported') return;
    await photos.changed({ asset: registered.asset, rawPath, priority: priorities.upload }, 'a file event');
  };
}
