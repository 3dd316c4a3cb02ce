import type { AssetRef, AssetState, Content, FileStat } from './asset.ts';
import type { FinishInput } from './contract.ts';
import type { Description } from './description.ts';
import type { DescriptionKey, Recipe } from './recipe.ts';

/** What Darkroom needs from the outside, as types only. Each has one contract suite in test/suites. */

// ---- the library's files -------------------------------------------------------------------------------------------

/** One file that a walk met. `rawPath` is relative to the library's root, `/`-separated, the bytes as the system has them. */
export interface FoundFile {
  readonly rawPath: Uint8Array;
  readonly kind: 'photo' | 'unsupported';
  readonly stat: FileStat;
}

export interface WalkPage {
  readonly files: readonly FoundFile[];
  /** Opaque; absent at the end of the tree. */
  readonly next: string | undefined;
  /** What could not be looked at, in words, with its path shown. */
  readonly problems: readonly string[];
}

export interface Folder {
  readonly root: string;
  /** The next files in a stable order (by bytes, folder by folder), strictly after `cursor`. Nothing is kept in memory between pages. */
  /** With `below` only what is in that folder (its path relative to the root), and below it. */
  page(input: {
    cursor: string | undefined;
    limit: number;
    signal?: AbortSignal;
    below?: Uint8Array;
  }): Promise<WalkPage>;
  /** `undefined` where there is no such regular file (any more). Throws TransientError LibraryUnreadable where the root itself is away. */
  stat(rawPath: Uint8Array): Promise<FileStat | undefined>;
  /** Absolute path for opening; refuses what leads out of the root (by `..` or by a link). Bytes, because names need not be UTF-8. */
  resolve(rawPath: Uint8Array): Promise<Buffer>;
}

/** Is anything between this path and the root hidden, ours, or left out by the person? The walk and the watcher ask the same rule. */
export type Ignored = (relativePath: string, isDirectory: boolean) => boolean;

// ---- pictures ------------------------------------------------------------------------------------------------------

export interface PictureReader {
  /**
   * Reads one file through one descriptor: hash, kind, size, capture facts, and the rendition for the model.
   * `torn` where size, mtime or inode differ from `expected` before, or changed until after the last byte was read.
   * Throws PermanentError Undecodable, TooManyPixels, TooLarge, DecoderTimedOut; TransientError LibraryUnreadable, DiskFull.
   */
  read(input: { path: Buffer; expected: FileStat; longSide: number; signal: AbortSignal }): Promise<PictureReading>;
  /** The same of a picture that is held whole, without what its file says of its making. Throws as `read`, but of the library. */
  readBytes(input: { bytes: Buffer; longSide: number; signal: AbortSignal }): Promise<PictureRead>;
}

type PictureRead = Extract<PictureReading, { kind: 'read' }>;

export type PictureReading =
  | { readonly kind: 'read'; readonly content: Content; readonly rendition: Buffer }
  | { readonly kind: 'torn' }
  | { readonly kind: 'gone' };

/** Upright JPEGs by content hash and long side; bounded, the least recently used goes first. */
export interface RenditionCache {
  get(contentHash: string, longSide: number): Promise<Buffer | undefined>;
  put(contentHash: string, longSide: number, jpeg: Buffer): Promise<void>;
}

// ---- what is known (Postgres) --------------------------------------------------------------------------------------

export interface LibraryRecord {
  readonly id: string;
  readonly name: string;
  /** Absolute path of a folder, or address of an Immich. */
  readonly root: string;
  /** Absent: a folder. */
  readonly kind?: 'immich';
}

export interface Registered {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  /** No description for the wanted recipe yet, or the file changed, or it was gone: start a run. */
  readonly needsRun: boolean;
  readonly state: AssetState;
}

interface AssetRecord {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  readonly state: AssetState;
  readonly stat: FileStat | undefined;
  readonly contentHash: string | undefined;
}

/** Every method is one idempotent statement; all throw TransientError DatabaseUnavailable within a few seconds when it is away. */
export interface AssetStore {
  ensureLibrary(input: { name: string; root: string }): Promise<LibraryRecord>;
  libraries(): Promise<readonly LibraryRecord[]>;
  /**
   * Inserts what is new, and says what needs a run under `recipeHash`; without one, a description under any recipe will do.
   * Order of the answer = order of `files`.
   */
  register(
    library: LibraryRecord,
    files: readonly FoundFile[],
    recipeHash: string | undefined,
  ): Promise<readonly Registered[]>;
  find(assetId: string): Promise<AssetRecord | undefined>;
  /** Content known for exactly this file (same size, mtime and inode as when it was read), else undefined. */
  knownContent(assetId: string, stat: FileStat): Promise<Content | undefined>;
  /**
   * What was read, and that a run is open. Only a run itself writes the state of its photo, one step after the other: who
   * starts runs would write `open` behind the back of one that has just ended.
   */
  rememberContent(asset: AssetRef, stat: FileStat, content: Content): Promise<void>;
  markWaiting(assetId: string, reason: string): Promise<void>;
  countWaiting(): Promise<number>;
  finishRun(input: FinishInput): Promise<void>;
}

export interface DescriptionStore {
  /** Writes the recipe down under its hash (once), so that runs in flight keep it whatever the settings become. */
  ensureRecipe(recipeHash: string, recipe: Recipe): Promise<void>;
  recipe(recipeHash: string): Promise<Recipe | undefined>;
  find(key: DescriptionKey): Promise<Description | undefined>;
  /** Known, mine (claimed now or before by the same owner), or held. One statement. */
  claim(
    key: DescriptionKey,
    owner: string,
  ): Promise<{ kind: 'known'; description: Description } | { kind: 'mine' } | { kind: 'held'; owner: string }>;
  /** The holder's run is closed: the claim passes to `to`, if `from` still holds it. */
  takeOver(key: DescriptionKey, from: string, to: string): Promise<void>;
  /** Upserts. Calling it twice with the same answer changes nothing; the first answer stays. */
  save(key: DescriptionKey, description: Description): Promise<void>;
}

// ---- runs (Temporal) -----------------------------------------------------------------------------------------------

export interface Runs {
  /** Starts a run; false where one is open, which is left alone. For backfill. */
  start(input: { asset: AssetRef; rawPath: Uint8Array; priority: number }): Promise<boolean>;
  /** Runs open now. */
  countOpen(): Promise<number>;
  isOpen(workflowId: string): Promise<boolean>;
}
