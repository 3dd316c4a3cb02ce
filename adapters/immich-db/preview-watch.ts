import { join } from 'node:path';
import { createIgnored } from '../folder/ignore.ts';
import { createWatcher, type Watcher, type WatcherOptions } from '../folder/watcher.ts';

export interface PreviewWatchOptions extends Pick<
  WatcherOptions,
  'log' | 'poll' | 'timing' | 'onFullScanDue' | 'onFallback'
> {
  /** Where the media folder of Immich is here, the one that holds `thumbs`. */
  readonly mediaRoot: string;
  /**
   * A preview of this asset came or was made anew, as far as the file system tells: it may still be written, and its row in the
   * database may not be there. Only a hint; assets of every user are among them.
   */
  readonly onAsset: (id: string) => unknown;
}

/** `<asset>_preview.jpeg`, `<asset>_preview_edited.webp`; a dash before 2.5 (reference: 4.1). A person's picture has neither. */
const previewName =
  /(?:^|\/)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[-_]preview(?:[-_]edited)?\.(?:jpe?g|webp|png)$/i;

/** The asset whose preview this is, by its name; undefined for thumbnails, people and everything else. */
export const assetOfPreview = (path: string): string | undefined => previewName.exec(path)?.[1]?.toLowerCase();

/**
 * Watches `thumbs` as adapters/folder watches a library: by the system's events, and by scanning on network mounts or where
 * the system's limits are reached. `ready` rejects with TransientError LibraryUnreadable where the folder is away.
 */
export function createPreviewWatch({ mediaRoot, onAsset, ...options }: PreviewWatchOptions): Watcher {
  const root = join(mediaRoot, 'thumbs');
  return createWatcher({
    ...options,
    root,
    // Each asset has two more files there, which need no look.
    ignored: createIgnored({ root, globs: ['*[-_]thumbnail*', '*[-_]fullsize*'] }),
    onFile: (rawPath) => {
      const id = assetOfPreview(Buffer.from(rawPath).toString('latin1'));
      return id === undefined ? undefined : onAsset(id);
    },
  });
}
