import type { ImmichLibrary } from '../../domain/immich.ts';

/** A photo as it lies in Immich. Times in milliseconds since 1970. */
export interface WorldAsset {
  /** `me` is the user of the library; `partner` shares all photos with them. Default `me`. */
  readonly owner?: 'me' | 'partner';
  /** UUID of version 4; Immich refuses others. One is made up by default. */
  readonly id?: string;
  readonly type?: 'IMAGE' | 'VIDEO';
  readonly originalFileName?: string;
  readonly visibility?: 'timeline' | 'archive' | 'hidden' | 'locked';
  readonly isOffline?: boolean;
  /** In an external library. */
  readonly isExternal?: boolean;
  /** When Immich learned of it; default: some time ago. */
  readonly createdAt?: number;
  /** When it was taken; default: some time ago, another instant for each asset. */
  readonly fileCreatedAt?: number;
  readonly fileModifiedAt?: number;
  readonly fileBytes?: number;
  /** The clock where it was taken, as if it were UTC; default `fileCreatedAt`. The zone in `exif.timeZone` has to agree. */
  readonly localDateTime?: number;
  /** Whether Immich has read the file; without, there is no `exif`. Default true. */
  readonly isRead?: boolean;
  readonly description?: string;
  readonly exif?: WorldExif;
  /** The whole file; null: Immich has made none yet. Default: a few bytes that differ from asset to asset. */
  readonly preview?: Buffer | null;
  /** It was edited in Immich, and this is the preview of the edited picture. */
  readonly editedPreview?: Buffer;
}

/** As `asset_exif` holds it (reference, 2.2). What is left out is null there. */
export interface WorldExif {
  readonly make?: string;
  readonly model?: string;
  readonly lensModel?: string;
  readonly exposureTime?: string;
  readonly fNumber?: number;
  readonly iso?: number;
  readonly focalLength?: number;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly city?: string;
  readonly state?: string;
  readonly country?: string;
  readonly rating?: number;
  readonly timeZone?: string;
}

/**
 * One Immich with two users, and the library of one of them. Every way of reaching an Immich has a harness that makes such a
 * world for the contract suite; what the methods do is done as by Immich itself or by a person in it, not through `library`.
 */
export interface ImmichWorld {
  readonly library: ImmichLibrary;
  /** The user whose photos `library` holds, and that user's name in Immich. */
  readonly userId: string;
  readonly userName: string;
  /** All that the server says of itself in the version field: `3.1.0`. */
  readonly version: string;
  /** Each answers with the new id. */
  addAsset(asset?: WorldAsset): Promise<string>;
  addPerson(person: { name: string; birthDate?: string; isHidden?: boolean }): Promise<string>;
  /** `assets` are shown on it as a person; with an own face each. */
  recognise(person: string, assets: readonly string[]): Promise<void>;
  /** Another name for a person. */
  renamePerson(person: string, name: string): Promise<void>;
  addAlbum(album: { name: string; assets: readonly string[] }): Promise<string>;
  /** Tags of a person's own, as full paths; Immich makes the parents. */
  tag(asset: string, tags: readonly string[]): Promise<void>;
  /** Full paths of all tags on it. */
  tagsOf(asset: string): Promise<readonly string[]>;
  /** A person types this text into the description field. */
  editByPerson(asset: string, text: string): Promise<void>;
  /** The description field as Immich holds it now. */
  descriptionOf(asset: string): Promise<string>;
  /** Immich has made the preview. */
  makePreview(asset: string, bytes: Buffer): Promise<void>;
  trash(asset: string): Promise<void>;
  /** Deletes it for good, with everything that hangs on it. */
  remove(asset: string): Promise<void>;
  /** Makes all of Immich's own jobs run that wait: sidecars are written, files are read again. */
  settle(): Promise<void>;
  /** Closes `library` too. */
  close(): Promise<void>;
}

/** What one way of reaching Immich does otherwise, by the port's own words. */
export interface WorldKind {
  /** `writeDescription` compares with `seen` in the act of writing. */
  readonly compares: boolean;
}
