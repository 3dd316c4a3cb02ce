import { z } from 'zod';
import type { ImmichAccount } from '../../domain/immich.ts';
import type { Layout } from './layout.ts';
import type { Session } from './session.ts';

const rights = z.boolean().nullable();
const accountRow = z.object({
  version: z.string().nullable(),
  config: z.unknown(),
  readOnly: z.boolean(),
  canReadPeople: rights,
  canReadFaces: rights,
  canReadTags: rights,
  canReadAlbums: rights,
  canDescribe: rights,
  canNote: rights,
  canMakeTags: rights,
  canAttachTags: rights,
});

/** Only what differs from Immich's defaults is kept there. */
const systemConfig = z.object({
  machineLearning: z
    .object({
      enabled: z.boolean().optional(),
      facialRecognition: z.object({ enabled: z.boolean().optional() }).optional(),
    })
    .optional(),
});

/**
 * Who is meant, and what the role of IMMICH_DB_URL may do, in the words that keys have for it. What is only needed for
 * reading assets at all is not asked for: without it this throws ConfigError ImmichKeyRefused.
 */
export async function readAccount(session: Session, signal: AbortSignal): Promise<ImmichAccount> {
  const { layout, owner, ownerName } = await session.known(signal, 'anew');
  const [row] = await session.rows(
    accountRow,
    ({ sql }) => {
      const may = (table: string, what: string) => sql`has_table_privilege(to_regclass(${table})::oid, ${what})`;
      return sql`
        select
          (select version from version_history order by "createdAt" desc limit 1) as version,
          (select value from system_metadata where key = 'system-config') as config,
          current_setting('transaction_read_only')::boolean as read_only,
          ${may('person', 'select')} as can_read_people,
          ${may('asset_face', 'select')} as can_read_faces,
          ${may('tag', 'select')} and ${may('tag_asset', 'select')} as can_read_tags,
          ${may('album', 'select')} and ${may('album_asset', 'select')} as can_read_albums,
          ${may('asset_exif', 'insert')} and ${may('asset_exif', 'update')} as can_describe,
          ${may('asset_metadata', 'insert')} and ${may('asset_metadata', 'update')}
            and ${may('asset_metadata', 'delete')} as can_note,
          ${may('tag', 'insert')} and ${may('tag', 'update')} and ${may('tag_closure', 'insert')} as can_make_tags,
          ${may('tag_asset', 'insert')} as can_attach_tags`;
    },
    signal,
  );
  return {
    userId: owner,
    userName: ownerName,
    version: row?.version?.replace(/^v/, '') ?? 'unknown',
    permissions: row === undefined ? [] : permissionsOf(row, layout),
    recognisesFaces: recognisesFaces(row?.config),
  };
}

function permissionsOf(row: z.output<typeof accountRow>, layout: Layout): string[] {
  const writes = !row.readOnly && layout.canLock;
  const all: readonly (readonly [string, boolean | null])[] = [
    ['user.read', true],
    ['asset.read', true],
    ['asset.view', true],
    ['asset.statistics', true],
    ['asset.update', writes && row.canDescribe === true && row.canNote === true],
    ['person.read', row.canReadPeople],
    ['face.read', row.canReadFaces],
    ['tag.read', row.canReadTags],
    ['album.read', row.canReadAlbums],
    ['tag.create', writes && layout.exifTags && row.canMakeTags === true],
    ['tag.asset', writes && layout.exifTags && row.canAttachTags === true && row.canDescribe === true],
  ];
  return all.filter(([, may]) => may === true).map(([name]) => name);
}

function recognisesFaces(config: unknown): boolean {
  const { data } = systemConfig.safeParse(config);
  const learning = data?.machineLearning;
  return learning?.enabled !== false && learning?.facialRecognition?.enabled !== false;
}
