import type { AssetRef, AssetState, FileStat } from './asset.ts';
import type { PeopleKnown, PeopleMark } from './immich-people.ts';
import type { ImmichLibrary } from './immich.ts';
import type { LibraryRecord } from './ports.ts';
import type { WritePolicy } from './write-policy.ts';

/** What our own rows know of Immich libraries and of what was written there. Times in milliseconds since 1970. */

export const firstLooks = ['due', 'shown', 'over'] as const;
/** due: the first photos are to be shown before anything is written · shown: a person is to say go · over */
export type FirstLook = (typeof firstLooks)[number];

export interface ImmichRecord extends LibraryRecord {
  readonly kind: 'immich';
  /** Id of the user in Immich. */
  readonly ownerId: string;
  /** SHA-256 of the key (or of the address of the database and the user) that it was last opened with. */
  readonly keySha: string;
  readonly firstLook: FirstLook;
  /** Since when it is known that what is written there is wiped again. */
  readonly readOnlySince?: number;
  /** How far new photos were looked for: when Immich learned of them. */
  readonly polledUntil?: number;
  /** When it was last looked through as a whole. */
  readonly swept?: number;
}

/** An Immich library that can be worked with: its row, the way to it, and how to treat it. */
export interface OpenImmich {
  readonly record: ImmichRecord;
  readonly immich: ImmichLibrary;
  readonly policy: WritePolicy;
  readonly recognisesFaces: boolean;
  /** In which its owner reads; absent: that of everybody. */
  readonly language?: string;
}

/** From the name of a library to the way to it. */
export interface OpenImmichs {
  /**
   * Undefined where it is a folder. With `fresh` as its row is now, else as it was a second ago at most. Throws TransientError ImmichUnavailable while it is not known whose key is whose, and
   * ConfigError ImmichKeyRefused where no key of the settings belongs to it any more.
   */
  of(library: string, options?: { readonly fresh?: boolean }): Promise<OpenImmich | undefined>;
}

/** One row of a page of Immich's, and what is known of it. */
export interface KnownImmichAsset {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  readonly state: AssetState;
  /** As of the last run that read it (`versionOf` of domain/immich-rules.ts). */
  readonly stat: FileStat | undefined;
  readonly endedRecipe: string | undefined;
  readonly publication: Publication | undefined;
  readonly people: PeopleKnown;
}

export const publicationStates = ['intended', 'written', 'held', 'kept', 'cleared', 'wiped', 'undone'] as const;
/**
 * intended: the write may or may not have happened · written · held: not to be written yet (first look) · kept: somebody's own
 * text stayed · cleared: a person emptied it · wiped: gone by itself, twice · undone
 */
export type PublicationState = (typeof publicationStates)[number];

/** What was written, or is to be, into the field of one photo. */
export interface Publication {
  readonly assetId: string;
  readonly state: PublicationState;
  /** SHA-256 of every whole field that we meant to write there, after trim; 64 hex digits each. */
  readonly shas: readonly string[];
  /** Of our own part of each of these fields. */
  readonly partShas: readonly string[];
  /** The whole field before our first write; absent: it was empty, or nothing was written. */
  readonly before?: string;
  /** The whole field as we last meant it. */
  readonly intended?: string;
  readonly runId: string;
  readonly recipeHash?: string;
  readonly writtenAt?: number;
  readonly verifiedAt?: number;
  /** How often it was put back. */
  readonly rewrites: number;
}

/** Before the write: from here on a text that equals `text` counts as ours. */
export interface Intent {
  readonly asset: AssetRef;
  readonly workflowId: string;
  readonly runId: string;
  readonly recipeHash: string;
  /** The whole field as it is, and as it is to be. */
  readonly before: string;
  readonly text: string;
  readonly textSha: string;
  /** Of our own part of `text`; absent where it cannot be told from a person's words. */
  readonly partSha?: string | undefined;
  /** When the photo was taken. */
  readonly taken: number;
}

/** Every method is one idempotent statement; all throw TransientError DatabaseUnavailable within a few seconds when it is away. */
export interface ImmichStore {
  /** Finds the library of this server and user, or makes it under `name` (with a number behind it where that is taken). */
  ensure(input: {
    name: string;
    root: string;
    ownerId: string;
    keySha: string;
    firstLook: FirstLook;
  }): Promise<ImmichRecord>;
  libraries(): Promise<readonly ImmichRecord[]>;
  setFirstLook(libraryId: string, firstLook: FirstLook): Promise<void>;
  setPolled(libraryId: string, until: number): Promise<void>;
  setSwept(libraryId: string, at: number): Promise<void>;
  setReadOnly(libraryId: string, since: number | undefined): Promise<void>;
  /** Inserts what is new, as `new`. Order of the answer = order of `assets`; `path` as `shownPath` of domain/immich-rules.ts. */
  register(
    library: LibraryRecord,
    assets: readonly { readonly id: string; readonly path: string }[],
  ): Promise<readonly KnownImmichAsset[]>;
  /** These need nothing, and why. A photo whose run is open is left alone. */
  skip(photos: readonly { readonly assetId: string; readonly reason: string }[]): Promise<void>;
  /** The description that is being made is told these people (`namesOn`, hashed): what was said of older ones is over. */
  tellPeople(assetId: string, told: string): Promise<void>;
  /** Sets and takes off the mark that people were named since. A row that was told others meanwhile is left alone. */
  markPeople(marks: readonly PeopleMark[]): Promise<void>;
}

/** As above. */
export interface PublicationStore {
  find(assetId: string): Promise<Publication | undefined>;
  /**
   * Keeps what is meant before it is done. `before` of the first write of a run stays: a retry meets our own text. Once more with
   * the same text changes nothing.
   */
  intend(intent: Intent): Promise<void>;
  /** It stands in the library. */
  written(assetId: string, at: number): Promise<void>;
  /** Nothing was written, and why. */
  leave(input: {
    asset: AssetRef;
    workflowId: string;
    runId: string;
    recipeHash: string;
    state: 'held' | 'kept';
    note: string;
  }): Promise<void>;
}
