import type { WireExif, WireFeatures, WireStep } from './wire.ts';

/** What the scripted Immich keeps, as a real one does in its database. Everything here is JSON; times in milliseconds. */
export interface AssetRow {
  readonly id: string;
  readonly ownerId: string;
  readonly type: 'IMAGE' | 'VIDEO' | 'AUDIO' | 'OTHER';
  readonly originalFileName: string;
  readonly originalPath: string;
  checksum: string;
  /** Of an external library, else null. */
  readonly libraryId: string | null;
  visibility: 'timeline' | 'archive' | 'hidden' | 'locked';
  isFavorite: boolean;
  isOffline: boolean;
  isEdited: boolean;
  deletedAt: number | null;
  readonly createdAt: number;
  updatedAt: number;
  fileCreatedAt: number;
  readonly fileModifiedAt: number;
  /** The clock where it was taken, as if it were UTC. */
  localDateTime: number;
  readonly duration: number | null;
  /** Which JPEG of the pool is its preview, and what makes the bytes its own. */
  readonly picture: { readonly variant: number; readonly mark: string };
  /** Previews of a test's own, in base64, instead of it. */
  ownPreviews: { readonly plain?: string; readonly edited?: string };
  /** When the preview is there; null: never. */
  previewAt: number | null;
  /** When Immich will have read the file. An external asset has no exif row before (sheet 2.2). */
  extractedAt: number | null;
  exif: Partial<WireExif>;
  description: string;
  /** What file and sidecar hold: the next extraction makes it the description again (sheet 3.2). */
  inFile: { description: string; tags: readonly string[]; humanText: string };
  /** Since when a SidecarWrite waits in Immich's queue (sheet 3.1). */
  sidecarQueuedAt: number | null;
  /** The text that a person typed and nobody replaced since; '' where there is none. */
  humanText: string;
  /** A person cleared a text. */
  cleared: boolean;
  faces: readonly FaceRow[];
  /** Ids. */
  tags: readonly string[];
  metadata: Record<string, { value: object; updatedAt: number }>;
  /** Fields that are laid over its answers: unknown ones, nulls where the SDK says optional, a rating of -1. */
  odd: { asset?: object; exif?: object };
}

export interface FaceRow {
  readonly id: string;
  readonly personId: string | null;
}

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly isAdmin: boolean;
  readonly createdAt: number;
  /** Ids of users who share their photos with this one. */
  partners: readonly string[];
}

export interface KeyRow {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly secret: string;
  permissions: readonly string[];
  readonly createdAt: number;
  revoked: boolean;
}

/** Version 3.2 names the same id `personGroupId` in its tables; REST shows it as `id` in every version (sheet 1.3). */
export interface PersonRow {
  readonly id: string;
  readonly ownerId: string;
  name: string;
  birthDate: string | null;
  isHidden: boolean;
  updatedAt: number;
}

export interface LibraryRow {
  readonly id: string;
  readonly ownerId: string;
  /** Mounted read-only: sidecars cannot be written (sheet 3.3). */
  readOnly: boolean;
}

export interface TagRow {
  readonly id: string;
  readonly userId: string;
  readonly value: string;
  readonly parentId: string | null;
  readonly createdAt: number;
}

export interface AlbumRow {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly createdAt: number;
  assetIds: readonly string[];
  /** Users it is shared with. */
  readonly sharedWith: readonly string[];
}

export interface WorkflowRow {
  readonly id: string;
  readonly ownerId: string;
  trigger: 'AssetCreate' | 'AssetMetadataExtraction' | 'AssetTagged';
  name: string | null;
  description: string | null;
  enabled: boolean;
  steps: WireStep[];
  readonly createdAt: number;
  updatedAt: number;
}

/** One change of a description. */
export interface WriteRow {
  readonly at: number;
  readonly assetId: string;
  readonly by: 'api' | 'person' | 'immich';
  readonly before: string;
  readonly after: string;
  /** An API write in whose text the person's own is not to be found. */
  readonly lostHumanText?: string;
  /** An API write into a field that a person had cleared. */
  readonly afterClear?: true;
}

export interface Settings {
  /** `2.5.6`, `2.7.5`, `3.1.0`, `3.2.0`. What the server can do follows from it. */
  version: string;
  /** From a write to what Immich's own queue makes of it; null: never, until `runJobs`. */
  jobDelayMs: number | null;
  /** How far its clock is ahead. */
  skewMs: number;
  /** Which verbs change an asset; by default what the version has (sheet 5.2, verb note). */
  verbs: 'put' | 'patch' | 'both' | undefined;
  /** What it answers for the other verb. */
  missingVerb: 404 | 405;
  features: Partial<WireFeatures>;
}

export interface Tables {
  users: UserRow;
  keys: KeyRow;
  assets: AssetRow;
  people: PersonRow;
  libraries: LibraryRow;
  tags: TagRow;
  albums: AlbumRow;
  workflows: WorkflowRow;
}
export const tableNames = [
  'users',
  'keys',
  'assets',
  'people',
  'libraries',
  'tags',
  'albums',
  'workflows',
] as const satisfies readonly (keyof Tables)[];
