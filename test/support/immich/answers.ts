import { hasExif, hasPreview, isExtracted, settle } from './jobs.ts';
import { personAnswer, tagAnswer } from './name-answers.ts';
import type { AssetRow } from './rows.ts';
import { atLeast, type State } from './state.ts';
import type { WireAsset, WireExif, WirePerson, WireTag } from './wire.ts';

export interface Asked {
  readonly exif: boolean;
  readonly people: boolean;
  /** Searches never tell the tags of an asset; GET /assets/{id} does. */
  readonly tags: boolean;
}

const time = (at: number): string => new Date(at).toISOString();

/** An asset as this version of Immich shows it (sheet 5.2). */
export function assetAnswer(state: State, row: AssetRow, asked: Asked): object {
  settle(state, row);
  const asset: WireAsset = {
    id: row.id,
    createdAt: time(row.createdAt),
    ownerId: row.ownerId,
    libraryId: row.libraryId,
    type: row.type,
    originalPath: row.originalPath,
    originalFileName: row.originalFileName,
    originalMimeType: row.type === 'VIDEO' ? 'video/mp4' : 'image/jpeg',
    thumbhash: hasPreview(row) ? 'YJqGPQw7sFlslqhFafSE+Q6oJ1h2iHB2Rw==' : null,
    fileCreatedAt: time(row.fileCreatedAt),
    fileModifiedAt: time(row.fileModifiedAt),
    localDateTime: time(row.localDateTime),
    updatedAt: time(row.updatedAt),
    isFavorite: row.isFavorite,
    isArchived: row.visibility === 'archive',
    isTrashed: row.deletedAt !== null,
    visibility: row.visibility,
    duration: row.duration,
    livePhotoVideoId: null,
    checksum: row.checksum,
    isOffline: row.isOffline,
    isEdited: row.isEdited,
    hasMetadata: true,
    duplicateId: null,
    resized: true,
    width: isExtracted(row) ? 4000 : null,
    height: isExtracted(row) ? 3000 : null,
    ...peopleField(state, row, asked),
    ...(asked.exif && hasExif(row) ? { exifInfo: { ...exifOf(row), ...row.odd.exif } } : {}),
    ...(asked.tags ? { tags: tagsOf(state, row) } : {}),
  };
  return { ...asset, ...(atLeast(state, '3.0') ? {} : formerFields(row)), ...row.odd.asset };
}

/** Version 2 (sheet 1.1): ids of the device, the duration as text. */
const formerFields = ({ id, duration }: AssetRow) => ({
  deviceAssetId: id,
  deviceId: 'scripted',
  duration: duration === null ? '0:00:00.00000' : `0:00:${(duration / 1000).toFixed(5).padStart(8, '0')}`,
});

/** Before the extraction an upload knows its size only (sheet 2.2). */
function exifOf(row: AssetRow): WireExif {
  const facts = isExtracted(row) ? row.exif : {};
  return {
    make: null,
    model: null,
    exifImageWidth: null,
    exifImageHeight: null,
    fileSizeInByte: 2_345_678,
    orientation: null,
    dateTimeOriginal: isExtracted(row) ? time(row.fileCreatedAt) : null,
    modifyDate: null,
    timeZone: null,
    lensModel: null,
    fNumber: null,
    focalLength: null,
    iso: null,
    exposureTime: null,
    latitude: null,
    longitude: null,
    city: null,
    state: null,
    country: null,
    description: row.description,
    projectionType: null,
    rating: null,
    ...facts,
  };
}

/** Version 2 gives an empty list where nobody asked. Never seen on a live server: that version 3 leaves the field out. */
function peopleField(state: State, row: AssetRow, { people }: Asked): { people?: WirePerson[] } {
  if (people) return { people: peopleOf(state, row) };
  return atLeast(state, '3.0') ? {} : { people: [] };
}

function peopleOf({ tables }: State, { faces }: AssetRow): WirePerson[] {
  const ids = new Set(faces.map(({ personId }) => personId));
  return [...ids].flatMap((id) => {
    const person = id === null ? undefined : tables.people.get(id);
    return person === undefined ? [] : [personAnswer(person)];
  });
}

export const tagsOf = ({ tables }: State, row: AssetRow): WireTag[] =>
  row.tags.flatMap((id) => {
    const tag = tables.tags.get(id);
    return tag === undefined ? [] : [tagAnswer(tag)];
  });
