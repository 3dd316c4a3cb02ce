import { createHash, randomUUID } from 'node:crypto';
import type { AssetRow } from './rows.ts';
import { serverNow, type State } from './state.ts';

/** What may be said of a new asset; the rest is an ordinary upload that Immich is through with. */
export interface NewAsset extends Partial<
  Omit<AssetRow, 'id' | 'ownerId' | 'inFile' | 'humanText' | 'cleared' | 'sidecarQueuedAt' | 'faces' | 'metadata'>
> {
  readonly id?: string;
  /** Id of the asset whose bytes it has. */
  readonly copyOf?: string;
  /** Its preview comes that much later; null: never. Default: it is there. */
  readonly previewInMs?: number | null;
  /** Immich reads the file that much later; null: never. */
  readonly extractedInMs?: number | null;
  /** Typed by a person, and in the file or its sidecar, as Immich leaves it. */
  readonly humanText?: string;
  /** Ids of people. */
  readonly people?: readonly string[];
}

/** Everything that a person may want to have described is allowed to this key, and nothing else (sheet 5.2). */
export const usualPermissions: readonly string[] = [
  'user.read',
  'asset.read',
  'asset.view',
  'asset.update',
  'asset.statistics',
  'person.read',
  'face.read',
  'album.read',
  'tag.read',
  'tag.create',
  'tag.asset',
  'workflow.create',
  'workflow.read',
  'workflow.update',
  'workflow.delete',
];

export function newAsset(state: State, ownerId: string, given: NewAsset): AssetRow {
  const { copyOf, previewInMs = 0, extractedInMs = 0, humanText = '', people = [], ...said } = given;
  const nth = state.tables.assets.size;
  const id = said.id ?? randomUUID();
  const original = copyOf === undefined ? undefined : state.tables.assets.get(copyOf);
  const originalFileName = said.originalFileName ?? `IMG_${String(nth).padStart(5, '0')}.jpg`;
  const taken = said.fileCreatedAt ?? Date.UTC(2024, 0, 1, 12) + nth * 60_000;
  const description = said.description ?? humanText;
  return {
    type: 'IMAGE',
    originalPath: `/data/library/${ownerId}/${originalFileName}`,
    libraryId: null,
    visibility: 'timeline',
    isFavorite: false,
    isOffline: false,
    isEdited: false,
    deletedAt: null,
    createdAt: serverNow(state),
    updatedAt: serverNow(state),
    fileModifiedAt: taken,
    localDateTime: taken,
    ownPreviews: {},
    duration: said.type === 'VIDEO' ? 12_345 : null,
    picture: original?.picture ?? { variant: nth, mark: id },
    previewAt: previewInMs === null ? null : Date.now() + previewInMs,
    extractedAt: extractedInMs === null ? null : Date.now() + extractedInMs,
    exif: { make: 'Canon', model: 'Canon EOS R6', iso: 200, fNumber: 1.8, exposureTime: '1/120', focalLength: 26 },
    tags: [],
    odd: {},
    checksum: original?.checksum ?? createHash('sha1').update(id).digest('base64'),
    ...said,
    id,
    ownerId,
    originalFileName,
    fileCreatedAt: taken,
    description,
    inFile: { description, tags: said.tags ?? [], humanText: humanText.trim() },
    humanText: humanText.trim(),
    cleared: false,
    sidecarQueuedAt: null,
    faces: people.map((personId) => ({ id: randomUUID(), personId })),
    metadata: {},
  };
}
