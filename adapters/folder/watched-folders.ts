import { type FSWatcher, watch } from 'node:fs';
import { absoluteIn, below, keyOf } from './raw-path.ts';

/** One handle on one folder. `name` is undefined where the system does not tell it. */
export type OpenWatch = (
  path: Buffer,
  onEvent: (type: string, name: Buffer | null) => void,
) => Pick<FSWatcher, 'close' | 'on'>;

const openNative: OpenWatch = (path, onEvent) => watch(path, { encoding: 'buffer' }, onEvent);

export interface FolderEvent {
  readonly folder: Buffer;
  readonly name: Buffer | null;
  /** The name itself came, went or was replaced. */
  readonly moved: boolean;
}

export interface WatchedFolders {
  /** Throws what the system throws, ENOSPC and EMFILE at its limits. A handle that was there is replaced. */
  open(folder: Buffer): void;
  has(folder: Buffer): boolean;
  /** Events of a `.nomedia` folder are kept back, but for that of the mark itself. */
  mute(folder: Buffer): void;
  isMuted(folder: Buffer): boolean;
  /** Closes a folder and all below it. */
  drop(folder: Buffer): void;
  closeAll(): void;
  readonly size: number;
}

/** One watch per folder and nothing per file: 500,000 photos in 2,000 folders are 2,000 handles. */
export function createWatchedFolders(
  root: string,
  onEvent: (event: FolderEvent) => void,
  openWatch: OpenWatch = openNative,
): WatchedFolders {
  const handles = new Map<string, { handle: Pick<FSWatcher, 'close' | 'on'>; muted: boolean }>();

  const close = (key: string): void => {
    handles.get(key)?.handle.close();
    handles.delete(key);
  };

  return {
    open(folder) {
      const key = keyOf(folder);
      close(key);
      const handle = openWatch(absoluteIn(root, folder), (type, name) =>
        onEvent({ folder, name, moved: type === 'rename' }),
      );
      // A handle dies with its folder on some systems; looking at the folder again tells what became of it.
      handle.on('error', () => onEvent({ folder, name: null, moved: true }));
      handles.set(key, { handle, muted: false });
    },
    has: (folder) => handles.has(keyOf(folder)),
    mute(folder) {
      const known = handles.get(keyOf(folder));
      if (known !== undefined) known.muted = true;
    },
    isMuted: (folder) => handles.get(keyOf(folder))?.muted === true,
    drop(folder) {
      close(keyOf(folder));
      const prefix = folder.length === 0 ? '' : keyOf(below(folder, Buffer.alloc(0)));
      for (const key of [...handles.keys()].filter((key) => key.startsWith(prefix))) close(key);
    },
    closeAll() {
      for (const { handle } of handles.values()) handle.close();
      handles.clear();
    },
    get size() {
      return handles.size;
    },
  };
}
