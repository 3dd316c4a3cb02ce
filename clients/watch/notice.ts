import { showPath } from '../../domain/paths.ts';
import { classifyName } from '../../domain/paths.ts';
import { fileName } from '../../domain/asset.ts';
import type { AssetStore, FoundFile, LibraryRecord } from '../../domain/ports.ts';
import { priorities } from '../../domain/queues.ts';
import type { Photos } from '../photos.ts';

export interface NoticeDeps {
  readonly library: LibraryRecord;
  readonly assets: Pick<AssetStore, 'register' | 'markOpen'>;
  readonly photos: Pick<Photos, 'changed' | 'scan'>;
  readonly recipeHash: string;
  readonly log: { warn(details: object, message: string): void };
  /** Milliseconds until what could not be noted is found by a scan. */
  readonly rescanMs?: number;
}

/** What the watcher saw becomes a run: its row first, then the start, so that a death in between is found by the next scan. */
export function createNotice(deps: NoticeDeps) {
  const { library, assets, photos, recipeHash, log, rescanMs = 15_000 } = deps;
  let rescan: NodeJS.Timeout | undefined;

  /** Postgres or Temporal is away: what was missed is still in the folder. One scan finds all of it. */
  const scanLater = (): void => {
    rescan ??= setTimeout(() => {
      rescan = undefined;
      photos.scan(library.name, 'files came while something was away').catch(scanLater);
    }, rescanMs);
    rescan.unref();
  };

  return {
    async file(rawPath: Uint8Array): Promise<void> {
      try {
        await note(rawPath);
      } catch (error) {
        log.warn(
          { file: showPath(rawPath), error: String(error) },
          'A new file could not be noted; a scan will find it',
        );
        scanLater();
      }
    },
  };

  async function note(rawPath: Uint8Array): Promise<void> {
    const kind = classifyName(fileName(showPath(rawPath)));
    if (kind === 'other') return;
    const found: FoundFile = { rawPath, kind, stat: neverRead };
    const [registered] = await assets.register(library, [found], recipeHash);
    if (registered === undefined || kind === 'unsupported') return;
    await assets.markOpen([registered.asset.assetId]);
    await photos.changed({ asset: registered.asset, rawPath, priority: priorities.upload }, 'a file event');
  }
}

/** The run looks for itself; here it only matters that something happened to the file. */
const neverRead = { size: -1, mtimeMs: -1, ctimeMs: -1, inode: '' } as const;
