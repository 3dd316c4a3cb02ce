import { createPreviewWatch } from '../adapters/immich-db/preview-watch.ts';
import { isDomainError } from '../domain/errors.ts';
import type { Settings } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { whenAborted } from '../runtime/when-aborted.ts';

export interface PreviewsDeps {
  readonly settings: Pick<Settings, 'IMMICH_DB_URL' | 'IMMICH_MEDIA_MAP' | 'WATCH_POLL'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * In database mode the media folder is here, and a preview that appears in it tells of a new photo at once. A hint only, until the
 * signal: a folder that cannot be watched is said and left to the polls.
 */
export async function watchPreviews({ settings, log, signal }: PreviewsDeps, onAsset: (id: string) => void) {
  if (settings.IMMICH_DB_URL === undefined) return;
  const watchers = settings.IMMICH_MEDIA_MAP.map(({ ours }) => {
    const watcher = createPreviewWatch({
      mediaRoot: ours,
      poll: settings.WATCH_POLL,
      onAsset,
      // A poll behind it looks at everything that is new.
      onFullScanDue: () => undefined,
      log: log.child({ previews: ours }),
    });
    return { watcher, ours };
  });
  for (const { watcher, ours } of watchers) {
    await watcher.ready.catch((error: unknown) => {
      if (!isDomainError(error)) throw error;
      log.info({ folder: ours }, `Previews are not watched there, only asked for: ${error.message}`);
    });
  }
  await whenAborted(signal);
  await Promise.all(watchers.map(async ({ watcher }) => await watcher.close()));
}
