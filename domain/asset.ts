/**
 * How workflows and activities speak of one photo: the key of its row, and two names a person recognises.
 * `path` is the shown form of the path below the library's root (see `showPath`); the raw bytes stay in Postgres.
 */
export interface AssetRef {
  readonly assetId: string;
  readonly library: string;
  readonly path: string;
}

/**
 * - new          known, no run yet
 * - open         a run is working on it
 * - waiting      a run waits for something that will come by itself; left out of the backfill's count
 * - done         has a description for the wanted recipe
 * - parked       needs a person; there is a row in `failure`
 * - gone         the file vanished
 * - unsupported  a format that is not handled yet; counted, never run
 * - skipped      nothing is to be done for it, for a reason that its row names: a person's own text, hidden, locked
 */
export const assetStates = ['new', 'open', 'waiting', 'done', 'parked', 'gone', 'unsupported', 'skipped'] as const;
export type AssetState = (typeof assetStates)[number];

/** What `stat` says of one file. Times in milliseconds since 1970; `inode` as text because it may exceed 2^53. */
export interface FileStat {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly inode: string;
}

/** Same bytes as far as the file system can tell. `ctimeMs` is left out: a chmod changes it and no byte. */
export const sameFile = (a: FileStat, b: FileStat): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && a.inode === b.inode;

/** What the bytes are: keyed by content hash, so copies share it. */
export interface Content {
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  readonly bytes: number;
  readonly kind: PhotoKind;
  /** Upright size in pixels, after EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly capture: CaptureFacts;
}

export const photoKinds = ['jpeg', 'png', 'webp', 'tiff', 'avif', 'gif', 'heic'] as const;
export type PhotoKind = (typeof photoKinds)[number];

/** What the file says of its making. `takenAt` is local time without a zone, `2024-05-31T18:04:00`, as cameras write it. */
export interface CaptureFacts {
  readonly takenAt?: string;
  readonly camera?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  /** Keywords that somebody gave it; at most 50 of 60 characters. */
  readonly keywords?: readonly string[];
  /** What somebody wrote about it; at most 2,000 characters, line breaks kept. */
  readonly caption?: string;
}

export const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
