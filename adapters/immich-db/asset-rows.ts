import type postgres from 'postgres';
import { z } from 'zod';
import type { ImmichAsset, ImmichPerson } from '../../domain/immich.ts';
import { oneLine } from '../../domain/one-line.ts';
import { immichFacts } from '../immich/facts.ts';
import { factsRow } from './facts.ts';
import type { Parts } from './session.ts';

export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** What a later Immich invents is OTHER, which nobody describes. */
const type = z.enum(['IMAGE', 'VIDEO', 'AUDIO', 'OTHER']).catch('OTHER');
const person = z.object({ name: z.string(), birthDate: z.string().nullable() });

export const assetRow = z.object({
  id: z.guid(),
  ownerId: z.guid(),
  type,
  originalFileName: z.string(),
  checksum: z.string(),
  isEdited: z.boolean(),
  /** One that a later Immich adds is one that a person chose to hide something by. */
  visibility: z.enum(['timeline', 'archive', 'hidden', 'locked']).catch('locked'),
  isTrashed: z.boolean(),
  isOffline: z.boolean(),
  libraryId: z.guid().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  fileCreatedAt: z.number(),
  /** `fileCreatedAt` in full, microseconds since 1970. */
  fileCreatedMicros: z.string(),
  fileModifiedAt: z.number(),
  fileBytes: z.number().nullable(),
  hasMetadata: z.boolean(),
  hasPreview: z.boolean(),
  description: z.string(),
  people: z.array(person),
  tags: z.array(z.string()),
  ...factsRow,
});

export function assetOf(row: z.output<typeof assetRow>): ImmichAsset {
  const { id, ownerId, originalFileName, checksum, isEdited, visibility, isTrashed, isOffline } = row;
  const { createdAt, updatedAt, fileCreatedAt, fileModifiedAt, hasMetadata, hasPreview, tags } = row;
  return {
    id,
    ownerId,
    type: row.type,
    originalFileName,
    checksum,
    isEdited,
    visibility,
    isTrashed,
    isOffline,
    ...(row.libraryId === null ? {} : { externalLibrary: row.libraryId }),
    createdAt,
    updatedAt,
    fileCreatedAt,
    fileModifiedAt,
    ...(row.fileBytes === null ? {} : { fileBytes: row.fileBytes }),
    hasMetadata,
    hasPreview,
    description: row.description.trim(),
    facts: hasMetadata ? immichFacts(row) : {},
    people: row.people.map(namedPerson).filter(({ name }) => name !== ''),
    tags: tags.map(oneLine).filter((tag) => tag !== ''),
  };
}

const namedPerson = ({ name, birthDate }: z.output<typeof person>): ImmichPerson => ({
  name: oneLine(name),
  ...(birthDate === null ? {} : { birthDate }),
});

/** Everything of the assets whose ids `chosen` (a query with one column `id`) yields, newest first. */
export function selectAssets({ sql, ...parts }: Parts, chosen: Fragment): Fragment {
  const isEdited = parts.layout.edits ? sql`a."isEdited"` : sql`false`;
  const samePreview = parts.layout.edits ? sql`and f."isEdited" = a."isEdited"` : sql``;
  return sql`
    with chosen as materialized (${chosen})
    select a.id, a."ownerId" as owner_id, a.type, a."originalFileName" as original_file_name,
      encode(a.checksum, 'base64') as checksum, ${isEdited} as is_edited, a.visibility,
      a."deletedAt" is not null as is_trashed, a."isOffline" as is_offline, a."libraryId" as library_id,
      ${millis(sql, sql`a."createdAt"`)} as created_at, ${millis(sql, sql`a."updatedAt"`)} as updated_at,
      ${millis(sql, sql`a."fileCreatedAt"`)} as file_created_at, ${millis(sql, sql`a."fileModifiedAt"`)} as file_modified_at,
      (extract(epoch from a."fileCreatedAt") * 1000000)::bigint::text as file_created_micros,
      e."fileSizeInByte"::float8 as file_bytes, coalesce(e.description, '') as description,
      e."assetId" is not null and j."metadataExtractedAt" is not null as has_metadata,
      exists (select from asset_file f where f."assetId" = a.id and f.type = 'preview' ${samePreview}) as has_preview,
      ${millis(sql, sql`a."localDateTime"`)} as local_date_time,
      e.make, e.model, e."lensModel" as lens_model, e."fNumber" as f_number, e."exposureTime" as exposure_time, e.iso,
      e."focalLength" as focal_length, e.latitude, e.longitude, e.city, e.state, e.country, e.rating,
      ${peopleOf({ sql, ...parts })} as people, ${tagsOf({ sql, ...parts })} as tags
    from chosen
    join asset a on a.id = chosen.id
    left join asset_exif e on e."assetId" = a.id
    left join asset_job_status j on j."assetId" = a.id
    order by a."fileCreatedAt" desc, a.id desc`;
}

/** Whole milliseconds, cut off and not rounded, as JavaScript's dates have them. */
const millis = (sql: Parts['sql'], moment: Fragment): Fragment =>
  sql`floor(extract(epoch from ${moment}) * 1000)::float8`;

/** Named and not hidden, by visible faces (Immich 3.2: a user's own name for a group that several users share). */
function peopleOf({ sql, layout }: Parts): Fragment {
  if (layout.personOfFace === undefined) return sql`'[]'::jsonb`;
  const isGroup = layout.personOfFace === 'personGroupId';
  const key = isGroup ? sql`p."personGroupId"` : sql`p.id`;
  return sql`(
    select coalesce(jsonb_agg(
      jsonb_build_object('name', p.name, 'birthDate', to_char(p."birthDate", 'YYYY-MM-DD')) order by p.name, ${key}), '[]')
    from person p
    where ${isGroup ? sql`p."ownerId" = a."ownerId" and` : sql``} not p."isHidden" and p.name <> '' and ${key} in (
      select f.${sql(layout.personOfFace)} from asset_face f where f."assetId" = a.id and ${seenFace({ sql, layout })}))`;
}

/** Of the alias `f`: not deleted, and within the crop of an edited picture. */
export const seenFace = ({ sql, layout }: Pick<Parts, 'sql' | 'layout'>): Fragment =>
  layout.hiddenFaces ? sql`f."deletedAt" is null and f."isVisible"` : sql`f."deletedAt" is null`;

function tagsOf({ sql, layout }: Parts): Fragment {
  if (layout.tagAsset === undefined) return sql`'[]'::jsonb`;
  const [asset, tag] = layout.tagAsset;
  return sql`(
    select coalesce(jsonb_agg(t.value order by t.value), '[]')
    from tag_asset ta join tag t on t.id = ta.${sql(tag)} where ta.${sql(asset)} = a.id)`;
}
