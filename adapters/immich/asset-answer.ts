import { z } from 'zod';
import type { ImmichAsset, ImmichPerson } from '../../domain/immich.ts';
import { oneLine } from '../../domain/one-line.ts';
import { immichFacts } from './facts.ts';

/** What is missing, null or of another type than this is not known; it costs only itself. */
const text = z.string().nullish().catch(undefined);
const number = z.number().nullish().catch(undefined);
const flag = z.boolean().nullish().catch(undefined);
const time = z.string().transform((value, context) => {
  const at = Date.parse(value);
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: 'custom', message: 'no time' });
  return z.NEVER;
});
const maybeTime = time.nullish().catch(undefined);

const exif = z.object({
  description: text,
  fileSizeInByte: z
    .union([z.number(), z.string().transform(Number)])
    .nullish()
    .catch(undefined),
  dateTimeOriginal: text,
  modifyDate: text,
  exifImageWidth: number,
  make: text,
  model: text,
  lensModel: text,
  exposureTime: text,
  fNumber: number,
  iso: number,
  focalLength: number,
  latitude: number,
  longitude: number,
  city: text,
  state: text,
  country: text,
  rating: number,
});

/** Version 3.2 calls the same id `personGroupId` in its tables, and `id` over REST (sheet 1.3). */
const person = z.object({ id: text, personGroupId: text, name: text, birthDate: text, isHidden: flag });
const tag = z.object({ value: text, name: text });

/** Of a list each entry counts for itself. */
const listOf = <T>(entry: z.ZodType<T>) =>
  z
    .array(z.unknown())
    .transform((items) => items.flatMap((item) => entry.safeParse(item).data ?? []))
    .nullish()
    .catch(undefined);

/** The three without which an asset is none: which one, whose, and where it stands in the order. */
const asset = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
    .toLowerCase(),
  ownerId: z.string().min(1).toLowerCase(),
  fileCreatedAt: time,
  type: text,
  originalFileName: text,
  checksum: text,
  isEdited: flag,
  isTrashed: flag,
  isOffline: flag,
  isArchived: flag,
  visibility: text,
  libraryId: text,
  createdAt: maybeTime,
  updatedAt: maybeTime,
  fileModifiedAt: maybeTime,
  localDateTime: maybeTime,
  thumbhash: text,
  exifInfo: exif.nullish().catch(undefined),
  people: listOf(person),
  tags: listOf(tag),
});
type Answer = z.output<typeof asset>;

/** `undefined` where it is no asset that can be used. */
export const assetOf = (value: unknown): ImmichAsset | undefined => {
  const { data } = asset.safeParse(value);
  return data === undefined ? undefined : normal(data);
};

/** One asset; what is strange in it makes it no asset, so that the caller asks again and nobody takes it for deleted. */
export const assetAnswer = asset.transform(normal);

function normal(answer: Answer): ImmichAsset {
  const { id, ownerId, fileCreatedAt, exifInfo, libraryId, localDateTime } = answer;
  const hasMetadata = isRead(exifInfo);
  const fileBytes = exifInfo?.fileSizeInByte;
  return {
    id,
    ownerId,
    type: typeOf(answer.type),
    originalFileName: answer.originalFileName ?? '',
    checksum: answer.checksum ?? '',
    isEdited: answer.isEdited ?? false,
    visibility: visibilityOf(answer),
    isTrashed: answer.isTrashed ?? false,
    isOffline: answer.isOffline ?? false,
    ...(typeof libraryId === 'string' && { externalLibrary: libraryId }),
    createdAt: answer.createdAt ?? fileCreatedAt,
    updatedAt: answer.updatedAt ?? answer.createdAt ?? fileCreatedAt,
    fileCreatedAt,
    fileModifiedAt: answer.fileModifiedAt ?? fileCreatedAt,
    ...(typeof fileBytes === 'number' && Number.isSafeInteger(fileBytes) && fileBytes >= 0 && { fileBytes }),
    hasMetadata,
    hasPreview: typeof answer.thumbhash === 'string' && answer.thumbhash !== '',
    description: (exifInfo?.description ?? '').trim(),
    facts: hasMetadata ? immichFacts({ ...exifInfo, localDateTime }) : {},
    people: peopleOf(answer),
    tags: (answer.tags ?? []).map(({ value, name }) => oneLine(value ?? name ?? '')).filter((name) => name !== ''),
  };
}

/** From upload on there is a row with the size alone (sheet 2.2); reading the file always finds a date, at worst the file's. */
const isRead = (info: Answer['exifInfo']): boolean =>
  [info?.dateTimeOriginal, info?.modifyDate, info?.exifImageWidth].some(
    (value) => value !== undefined && value !== null,
  );

function typeOf(type: Answer['type']): ImmichAsset['type'] {
  return type === 'IMAGE' || type === 'VIDEO' || type === 'AUDIO' ? type : 'OTHER';
}

/** A visibility that a later version adds is one that a person chose to hide something by. */
function visibilityOf({ visibility, isArchived }: Answer): ImmichAsset['visibility'] {
  if (typeof visibility !== 'string') return isArchived === true ? 'archive' : 'timeline';
  return visibility === 'timeline' || visibility === 'archive' || visibility === 'hidden' ? visibility : 'locked';
}

/** Once each, however many faces of them are on it. */
function peopleOf({ people }: Answer): ImmichPerson[] {
  const named = new Map<string, ImmichPerson>();
  for (const { id, personGroupId, name: raw, birthDate, isHidden } of people ?? []) {
    const name = oneLine(raw ?? '');
    if (name === '' || isHidden === true) continue;
    const born = /^\d{4}-\d{2}-\d{2}/.exec(birthDate ?? '')?.[0];
    named.set(id ?? personGroupId ?? name, born === undefined ? { name } : { name, birthDate: born });
  }
  return [...named.values()];
}
