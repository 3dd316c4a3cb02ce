import type { ImmichNamed } from './immich-named.ts';

export type { ImmichNamed };

/** What Darkroom needs of an Immich server, whichever way it is reached. Times in milliseconds since 1970 unless said. */

/** One asset as its owner's key sees it; what a server does not say is absent. */
export interface ImmichAsset {
  /** UUID, lower case. */
  readonly id: string;
  readonly ownerId: string;
  readonly type: 'IMAGE' | 'VIDEO' | 'AUDIO' | 'OTHER';
  readonly originalFileName: string;
  /** As the server writes it. Of an external asset it may be a hash of the path and not of the bytes. */
  readonly checksum: string;
  /** The person changed it in Immich: there is a second preview. */
  readonly isEdited: boolean;
  readonly visibility: 'timeline' | 'archive' | 'hidden' | 'locked';
  readonly isTrashed: boolean;
  readonly isOffline: boolean;
  /** Id of the external library it belongs to. */
  readonly externalLibrary?: string;
  /** When Immich learned of it. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly fileCreatedAt: number;
  readonly fileModifiedAt: number;
  readonly fileBytes?: number;
  /** False until Immich has read the file: nothing of `facts` is known then. */
  readonly hasMetadata: boolean;
  /** Immich has made its pictures: REST tells by the thumbhash, which is set with them; the database by the preview's row. */
  readonly hasPreview: boolean;
  /** The description field, trimmed; empty where there is none. */
  readonly description: string;
  readonly facts: ImmichFacts;
  /** Ids of the tags and albums stay in Immich; these are names. */
  readonly people: readonly ImmichPerson[];
  readonly tags: readonly string[];
}

/** What Immich tells of a photo's making. */
export interface ImmichFacts {
  /** Local time without a zone, `2024-05-31T18:04:00`. */
  readonly takenAt?: string;
  readonly camera?: string;
  readonly lens?: string;
  /** `f/1.8, 1/120 s, ISO 200, 26 mm`: the parts that are known. */
  readonly exposure?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  /** `Cala Violina, Tuscany, Italy`: the parts that are known. */
  readonly place?: string;
  /** 1 to 5; anything else is no rating. */
  readonly rating?: number;
}

/** A person with a name who is not hidden. `birthDate` as `1984-02-29`. */
export interface ImmichPerson {
  readonly name: string;
  readonly birthDate?: string;
}

export interface ImmichPage {
  /** Newest first, by when they were taken. What must not be described (domain/immich-rules.ts) is among them. */
  readonly assets: readonly ImmichAsset[];
  /** Opaque; absent at the end. Rows that are added meanwhile repeat or miss none behind it. */
  readonly next: string | undefined;
}

/**
 * What we leave in Immich beside a text (asset metadata, key `darkroom`), so that another Darkroom, or this one after its
 * database was lost, knows the text as its own.
 */
export interface Provenance {
  /** Hash of the recipe, 64 hex digits. */
  readonly recipe: string;
  readonly model: string;
  /** SHA-256 of the whole field as written, after trim; 64 hex digits. */
  readonly textSha: string;
  /** Of our own part of it; absent where it cannot be told from a person's words. */
  readonly partSha?: string | undefined;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/**
 * One user's photos in an Immich. Every method takes an AbortSignal and has a limit of its own.
 *
 * Throws TransientError ImmichUnavailable (away, restarting, 429, 5xx, a proxy's page instead of an answer; `retryAfterMs` where
 * it was said), ConfigError ImmichKeyRefused (401, 403: the message names the permission) and ImmichNotThere (no Immich API behind
 * the address). Both wait: a person mends the setting, and nothing is counted against a photo.
 */
export interface ImmichLibrary {
  /** Cheap; for waiting until the server is there. */
  ping(signal: AbortSignal): Promise<void>;
  /** Who the key belongs to, what it may do and what the server can do. */
  account(signal: AbortSignal): Promise<ImmichAccount>;
  /**
   * Photos of this user, newest first, at most `limit` (1 to 1,000). With `createdAfter` only what Immich learned of since
   * then: for new uploads. With `albums` or `people` (ids) only what is in one of them.
   */
  page(input: ImmichPageInput): Promise<ImmichPage>;
  /** Undefined where there is no such asset any more. */
  asset(id: string, signal: AbortSignal): Promise<ImmichAsset | undefined>;
  /** The whole file of the preview (of the edited picture where there is one); undefined where there is none yet. */
  preview(asset: Pick<ImmichAsset, 'id' | 'isEdited'>, signal: AbortSignal): Promise<Buffer | undefined>;
  /**
   * Writes the description field. `seen` is the text that it was decided on: where the way of writing can compare and set in
   * one act (database mode) it does, and answers `differs` without writing; by REST the caller has looked a moment before.
   */
  writeDescription(input: {
    id: string;
    text: string;
    seen: string;
    signal: AbortSignal;
  }): Promise<'written' | 'differs' | 'gone'>;
  /** What is left beside a text under our key; undefined where nothing is, or where it is not ours to read. */
  provenance(id: string, signal: AbortSignal): Promise<Provenance | undefined>;
  /** For many at once, as writes of several photos come together. Assets that are gone are passed over. */
  writeProvenance(
    items: readonly { readonly id: string; readonly provenance: Provenance | undefined }[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Names of the albums that an asset is in. */
  albumsOf(id: string, signal: AbortSignal): Promise<readonly string[]>;
  /** All albums and all people with a name, for a person who names one. */
  albums(signal: AbortSignal): Promise<readonly ImmichNamed[]>;
  people(signal: AbortSignal): Promise<readonly ImmichNamed[]>;
  /**
   * May any photo of this user have a tag? As it was a minute ago at most; undefined where that may not be known. Pages may
   * leave out the tags of a photo, and where there are none nobody need ask for them.
   */
  hasTags(signal: AbortSignal): Promise<boolean | undefined>;
  /** Makes the tags (`parent/child`) where they are missing and puts them on an asset; others on it stay. */
  addTags(id: string, tags: readonly string[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ImmichPageInput {
  readonly cursor: string | undefined;
  readonly limit: number;
  readonly createdAfter?: number;
  /** Bounds of `fileCreatedAt`, both inclusive: for reading back what was written, many at once. */
  readonly takenFrom?: number;
  readonly takenTo?: number;
  readonly albums?: readonly string[];
  readonly people?: readonly string[];
  /** Videos too: their posters are pictures. */
  readonly videos?: boolean;
  readonly signal: AbortSignal;
}

export interface ImmichAccount {
  readonly userId: string;
  readonly userName: string;
  /** `3.1.0`. */
  readonly version: string;
  /** As the key lists them; `all` stands for every one. */
  readonly permissions: readonly string[];
  /** Does the server recognise faces? */
  readonly recognisesFaces: boolean;
}
