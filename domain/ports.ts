import type { AssetRef, AssetState, Content, FileStat } from './asset.ts';
import type { CallConditions } from './conditions.ts';
import type { FinishInput } from './contract.ts';
import type { Description } from './description.ts';
import type { DescriptionKey, Recipe } from './recipe.ts';
import type { Role, TokenPrice } from './vision-host.ts';

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

// ---- vision hosts --------------------------------------------------------------------------------------------------

export interface VisionCall {
  /** Label of a host (`VisionHost.label`). */
  readonly host: string;
  readonly recipe: Recipe;
  /** The host's own tag for the model. */
  readonly model: string;
  /** Canonical name of the model, under which the answer is kept; absent: the tag itself. */
  readonly canonical?: string;
  readonly prompt: string;
  readonly jpeg: Buffer;
  readonly conditions: CallConditions;
  readonly signal: AbortSignal;
  /** Called as pieces arrive: for showing progress, never for deciding that a host is dead. */
  readonly onPiece?: (piece: string) => void;
}

export interface VisionModel {
  /** One call. Throws the domain errors of class host, content and ours. */
  describe(call: VisionCall): Promise<Description>;
  /** Is the host there and has it the model? Short limits; never throws. */
  probe(host: string, model: string, signal: AbortSignal): Promise<HostProbe>;
  /**
   * Has the host load the model, where it can be asked to; else nothing. With the `numCtx` of the calls to come: Ollama loads
   * a model again for another one. Throws the domain errors of class host and ours.
   */
  load(host: string, model: string, numCtx: number, signal: AbortSignal): Promise<void>;
}

export type HostProbe =
  /** `loaded` is absent where the host does not say. */
  | { readonly state: 'ready'; readonly simulated: boolean; readonly loaded?: boolean }
  /** It is there and wants to be left alone (429). */
  | { readonly state: 'busy'; readonly detail: string; readonly retryAfterMs?: number }
  | { readonly state: 'away' | 'model-missing' | 'cannot-see' | 'unauthorized' | 'nonsense'; readonly detail: string };

export interface Lease {
  /** Label of the host. */
  readonly host: string;
  /** The host's own tag for the model. */
  readonly model: string;
  /** Name of the model in recipes. */
  readonly canonical: string;
  /** The call was answered: gives the slot back. */
  answered(description: Pick<Description, 'promptTokens' | 'answerTokens'>): void;
  /**
   * The call failed: gives the slot back, and returns the error that is to be thrown. It is another one where the failure
   * is the photo's: PermanentError FailsHosts (domain/blame.ts).
   */
  failed(error: unknown): unknown;
}

export interface HostStatus {
  readonly host: string;
  /** What it speaks. */
  readonly api: string;
  readonly role: Role;
  /** The host's own tag. */
  readonly model: string;
  /** The name of the model in recipes and descriptions. */
  readonly canonical: string;
  readonly state:
    | 'ready'
    | 'busy'
    | 'spare'
    | 'away'
    | 'cooling'
    | 'capped'
    | 'taken'
    | 'paused'
    | 'loading'
    | 'model-missing'
    | 'refused'
    | 'draining';
  /** In words, with what to do; empty when well. */
  readonly detail: string;
  readonly since: number;
  readonly slots: number;
  readonly busy: number;
  readonly calls: number;
  readonly simulated: boolean;
  /** Is the model in the host's memory? Absent where the host does not say. */
  readonly loaded?: boolean;
  /** Prompt and answer together, since midnight UTC; absent where nobody asked for a cap. */
  readonly tokensToday?: number;
  readonly tokensPerDay?: number;
  readonly requestsPerMinute?: number;
  readonly price?: TokenPrice;
}

export interface AcquireInput {
  /** Canonical names that will do, the best one first. */
  readonly models: readonly string[];
  /** Content hash of the photo: the host that it made fail does not get it first again. */
  readonly photo: string;
  /** Labels of hosts to avoid; taken only where no other is left. */
  readonly exclude: readonly string[];
  readonly signal: AbortSignal;
}

export interface HostPool {
  /**
   * A free slot of a healthy host. Throws TransientError NoHost at once where none can serve; waits, 5 s at most, where a
   * host died between the worker's permit and this call, and until the host is empty for a photo that must be alone.
   */
  acquire(input: AcquireInput): Promise<Lease>;
  /** Is there a host, well or not, that is set up with one of these models? */
  serves(models: readonly string[]): boolean;
  status(): readonly HostStatus[];
}

/** Slots of a host that several workers share. All times are the database's. */
export interface HostLeases {
  /**
   * One of `slots` leases of the host and model; undefined where all are taken. It is renewed until it is given back, and ends
   * by itself 30 s after its worker died. A renewal that fails is tried again; it never ends the call.
   */
  take(input: HostSlots): Promise<HeldLease | undefined>;
  /** Is one of them free at this moment? For not asking the server for tasks that would have to go back. */
  hasRoom(input: HostSlots): Promise<boolean>;
}

export interface HostSlots {
  readonly host: string;
  /** The host's own tag. */
  readonly model: string;
  readonly slots: number;
}

export interface HeldLease {
  /** Never throws: what cannot be given back ends by itself. */
  giveBack(): Promise<void>;
}

/** A host that asked to be left alone, or that has used up its tokens of a day. */
export interface HostRest {
  readonly host: string;
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: string;
}

/** What about hosts outlives a restart. */
export interface HostMemory {
  /** Rests that are not over yet. */
  rests(): Promise<readonly HostRest[]>;
  rest(rest: HostRest): Promise<void>;
  /** Prompt and answer tokens by host and canonical model since `since` (milliseconds since 1970). */
  tokensSince(since: number): Promise<readonly { host: string; model: string; tokens: number }[]>;
}

/** For a person who knows better than the host. */
export interface RestLifting {
  /** Forgets the rests of a host that are not over, whatever the model, and returns them. */
  forgetRests(host: string): Promise<readonly HostRest[]>;
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
