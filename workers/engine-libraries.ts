import { openFolder } from '../adapters/folder/open-folder.ts';
import { createWatcher, type Watcher } from '../adapters/folder/watcher.ts';
import type { Photos } from '../clients/photos.ts';
import { createNotice } from '../clients/watch/notice.ts';
import { createVanished } from '../clients/watch/vanished.ts';
import { isDomainError } from '../domain/errors.ts';
import { libraryName, looseLibrary } from '../domain/library.ts';
import type { AssetStore, LibraryRecord } from '../domain/ports.ts';
import type { StatusQueries } from '../domain/status.ts';
import type { Settings } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/when-aborted.ts';

export interface LibrariesDeps {
  readonly assets: AssetStore;
  readonly photos: Photos;
  readonly queries: Pick<StatusQueries, 'findByPath'>;
  readonly recipeHash: string;
  readonly settings: Settings;
  readonly dataDir: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface OpenLibraries {
  readonly records: readonly LibraryRecord[];
  close(): Promise<void>;
}

/**
 * Folders asked for now and libraries of earlier runs: each is watched first and looked through after, so that nothing
 * falls between the two.
 */
export async function openLibraries(deps: LibrariesDeps, folders: readonly string[]): Promise<OpenLibraries> {
  const { assets, settings, log } = deps;
  for (const root of folders) {
    await assets.ensureLibrary({ name: libraryName(root, await assets.libraries()), root });
  }
  const records = (await assets.libraries()).filter(({ name, kind }) => name !== looseLibrary && kind === undefined);
  const watchers = settings.DARKROOM_MODE === 'batch' ? [] : await Promise.all(records.map((one) => watch(deps, one)));
  if (settings.DARKROOM_MODE !== 'monitor') {
    for (const { name } of records) await deps.photos.scan(name, 'start');
  }
  log.info({ libraries: records.map(({ name }) => name) }, 'Libraries are open');
  return {
    records,
    async close() {
      await Promise.all(watchers.flatMap((watcher) => watcher?.close() ?? []));
    },
  };
}

/** A library that cannot be opened now (a share that is away) is said and left for the next start; the others go on. */
async function watch(deps: LibrariesDeps, library: LibraryRecord): Promise<Watcher | undefined> {
  const { settings, dataDir, log } = deps;
  try {
    const { ignored, notices } = await openFolder(library.root, { dataDir, globs: settings.DARKROOM_IGNORE });
    for (const notice of notices) log.info({ library: library.name }, notice);
    const watcher = createWatcher({
      root: library.root,
      ignored,
      poll: settings.WATCH_POLL,
      onFile: createNotice({ ...deps, library }),
      onVanished: createVanished({ ...deps, library }),
      onFullScanDue: (reason) => void scanUntilTaken(deps, library.name, reason),
      log: log.child({ library: library.name }),
    });
    await watcher.ready;
    return watcher;
  } catch (error) {
    if (!isDomainError(error)) throw error;
    log.warn({ library: library.name }, error.message);
    return undefined;
  }
}

const scanRetryMs = 15_000;

/** While Temporal is away the wish for a scan is kept here; should this process die, its next start scans anyway. */
async function scanUntilTaken({ photos, signal }: LibrariesDeps, library: string, reason: string): Promise<void> {
  while (!signal.aborted) {
    const taken = await photos.scan(library, reason).then(
      () => true,
      () => false,
    );
    if (taken) return;
    await pause(scanRetryMs, signal);
  }
}
