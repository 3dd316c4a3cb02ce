import { z } from 'zod';
import type { ImmichNamed } from '../../domain/immich.ts';
import type { Fragment } from './asset-rows.ts';
import { isUuid } from './ids.ts';
import type { Parts, Session } from './session.ts';

const named = z.object({ id: z.guid(), name: z.string() });

/** Names of the albums, the user's own or shared with them, that an asset is in. */
export async function albumsOf(session: Session, id: string, signal: AbortSignal): Promise<readonly string[]> {
  if (!isUuid(id)) return [];
  const rows = await session.rows(
    named,
    (parts) => {
      const { sql, owner, layout } = parts;
      if (layout.albumAsset === undefined) return noRows(sql);
      const [album, asset] = layout.albumAsset;
      return sql`
        select al.id, al."albumName" as name from album al
        where ${reachable(parts)} and exists (
          select from album_asset aa join asset a on a.id = aa.${sql(asset)}
          where aa.${sql(album)} = al.id and a.id = ${id}::uuid and a."ownerId" = ${owner}::uuid and a.visibility <> 'locked')
        order by al."albumName", al.id`;
    },
    signal,
  );
  return rows.map(({ name }) => name);
}

export const listAlbums = (session: Session, signal: AbortSignal): Promise<readonly ImmichNamed[]> =>
  session.rows(
    named,
    (parts) =>
      parts.layout.albumAsset === undefined
        ? noRows(parts.sql)
        : parts.sql`select al.id, al."albumName" as name from album al where ${reachable(parts)} order by al."albumName", al.id`,
    signal,
  );

export const listPeople = (session: Session, signal: AbortSignal): Promise<readonly ImmichNamed[]> =>
  session.rows(
    named,
    ({ sql, owner, layout }) => {
      if (layout.personOfFace === undefined) return noRows(sql);
      const id = layout.personOfFace === 'personGroupId' ? sql`p."personGroupId"` : sql`p.id`;
      return sql`
        select ${id} as id, btrim(p.name) as name from person p
        where p."ownerId" = ${owner}::uuid and btrim(p.name) <> '' and not p."isHidden"
        order by 2, 1`;
    },
    signal,
  );

/** Of the alias `al`. Owners became rows of album_user on the way to 3.2. */
function reachable({ sql, owner, layout }: Parts): Fragment {
  const owned = layout.albumOwner ? sql`al."ownerId" = ${owner}::uuid` : sql`false`;
  const shared =
    layout.albumUser === undefined
      ? sql`false`
      : sql`exists (select from album_user au
          where au.${sql(layout.albumUser[0])} = al.id and au.${sql(layout.albumUser[1])} = ${owner}::uuid)`;
  return sql`al."deletedAt" is null and (${owned} or ${shared})`;
}

const noRows = (sql: Parts['sql']): Fragment => sql`select null as id, null as name where false`;
