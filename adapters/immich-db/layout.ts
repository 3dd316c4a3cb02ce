import { z } from 'zod';
import { ConfigError } from '../../domain/errors.ts';
import type { Statement } from '../postgres/connection.ts';

/** Which of Immich's layouts this is, by what there is and never by a version: forks and half-done upgrades have their own. */
export interface Layout {
  /** 2.4: without `lockedProperties` the next extraction of metadata wipes what was written. */
  readonly canLock: boolean;
  /** 2.5: edited assets have a second set of pictures. */
  readonly edits: boolean;
  /** 2.5: faces outside the crop of an edited asset are not visible. */
  readonly hiddenFaces: boolean;
  /** Column of `asset_face` that leads to a person; 3.2 has groups of persons that users share. */
  readonly personOfFace: 'personGroupId' | 'personId' | undefined;
  /** 2.5: extraction rebuilds `tag_asset` out of `asset_exif.tags`. */
  readonly exifTags: boolean;
  readonly metadata: boolean;
  /** Columns of the asset and the tag. */
  readonly tagAsset: Joining | undefined;
  /** Columns of the album and the asset. */
  readonly albumAsset: Joining | undefined;
  /** Columns of the album and the user. */
  readonly albumUser: Joining | undefined;
  /** Older servers keep the owner here, newer ones as a row of `album_user`. */
  readonly albumOwner: boolean;
}

export const layoutRow = z.object({ tableName: z.string(), columnName: z.string() });

const tables =
  'asset asset_exif asset_face asset_file asset_job_status asset_metadata person user tag tag_asset tag_closure album album_asset album_user';

/** The catalogue and not information_schema: that one leaves out what the role may not touch, which would look like an old Immich. */
export const layoutStatement: Statement = (sql, json) => sql`
  select c.relname as table_name, a.attname as column_name
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  where c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped
    and c.oid = to_regclass(quote_ident(c.relname))
    and c.relname in (select jsonb_array_elements_text(${json(tables.split(' '))}::jsonb))`;

/** Throws ConfigError ImmichNotThere where the tables that everything needs are not there. */
export function layoutOf(rows: readonly z.output<typeof layoutRow>[]): Layout {
  const known = new Set(rows.map(({ tableName, columnName }) => `${tableName}.${columnName}`));
  const has = (...columns: readonly string[]) => columns.every((column) => known.has(column));
  const missing = needed.filter((column) => !known.has(column));
  if (missing.length > 0) throw noImmich(missing);
  return {
    canLock: has('asset_exif.lockedProperties'),
    edits: has('asset.isEdited', 'asset_file.isEdited'),
    hiddenFaces: has('asset_face.isVisible'),
    personOfFace: personOfFace(has),
    exifTags: has('asset_exif.tags', 'tag.userId', 'tag_closure.id_ancestor'),
    metadata: has('asset_metadata.value'),
    tagAsset: joining(has, 'tag_asset', ['asset', 'tag']),
    albumAsset: joining(has, 'album_asset', ['album', 'asset']),
    albumUser: joining(has, 'album_user', ['album', 'user']),
    albumOwner: has('album.ownerId'),
  };
}

const needed = [
  'asset.visibility',
  'asset.status',
  'asset.localDateTime',
  'asset_exif.description',
  'asset_file.path',
  'asset_file.updateId',
  'asset_job_status.metadataExtractedAt',
  'user.email',
];

function personOfFace(has: (...columns: string[]) => boolean): Layout['personOfFace'] {
  if (has('asset_face.personGroupId', 'person.personGroupId')) return 'personGroupId';
  return has('asset_face.personId', 'person.id') ? 'personId' : undefined;
}

/** The two columns of a table that joins two others: `assetId`, which was `assetsId` before 2.3, and its like. */
type Joining = readonly [string, string];

function joining(has: (...columns: string[]) => boolean, table: string, [a, b]: Joining): Joining | undefined {
  for (const ending of ['Id', 'sId']) {
    if (has(`${table}.${a}${ending}`, `${table}.${b}${ending}`)) return [`${a}${ending}`, `${b}${ending}`];
  }
  return undefined;
}

const noImmich = (missing: readonly string[]) =>
  new ConfigError(
    'ImmichNotThere',
    `The database of IMMICH_DB_URL has no tables of Immich as this version of Darkroom knows them (${missing[0]} is missing). ` +
      'Does the address end with the name of the database, such as /immich?',
  );
