/** What a scan remembers of one folder, so that the next one need not list it again. */
export interface RememberedFolder {
  /** Nanoseconds and inode as the system told them: any difference means that names came or went. */
  readonly version: string;
  readonly inode: bigint;
  /** Keys of the folders directly in it that are ours. */
  readonly folders: readonly string[];
  /** Fingerprints of the names of its pictures; undefined where there was no room for them. */
  readonly names: Float64Array | undefined;
  /** Milliseconds since 1970, by the share's clock. */
  readonly mtimeMs: number;
  /** The share's clock may tick in seconds, so that a change right after the listing cannot be seen: list once more. */
  readonly again: boolean;
}

export interface FolderMemory {
  get(key: string): RememberedFolder | undefined;
  /** False where there is no room for one more folder. */
  set(key: string, folder: RememberedFolder): boolean;
  /** Forgets every folder that is not in `seen`. */
  keepOnly(seen: ReadonlySet<string>): void;
  readonly size: number;
  /** How many names may still be remembered. */
  readonly room: number;
}

/** 8 bytes a name: 16 MB at most. Names beyond are told from old ones by their times alone. */
const maxNames = 2_000_000;
const maxFolders = 200_000;

export function createFolderMemory(limits = { names: maxNames, folders: maxFolders }): FolderMemory {
  const folders = new Map<string, RememberedFolder>();
  let names = 0;
  return {
    get: (key) => folders.get(key),
    set(key, folder) {
      const before = folders.get(key);
      if (before === undefined && folders.size >= limits.folders) return false;
      names += (folder.names?.length ?? 0) - (before?.names?.length ?? 0);
      folders.set(key, folder);
      return true;
    },
    keepOnly(seen) {
      for (const [key, folder] of folders) {
        if (seen.has(key)) continue;
        names -= folder.names?.length ?? 0;
        folders.delete(key);
      }
    },
    get size() {
      return folders.size;
    },
    get room() {
      return Math.max(0, limits.names - names);
    },
  };
}

/** 53 bits of a name. Two names of one folder of 100,000 meet with a chance of one in two million. */
export function nameFingerprint(name: Uint8Array): number {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (const byte of name) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x85ebca6b) ^ (high >>> 15);
  }
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}
