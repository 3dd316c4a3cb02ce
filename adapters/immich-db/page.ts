import type { ImmichPage, ImmichPageInput } from '../../domain/immich.ts';
import { assetOf, assetRow, type Fragment, seenFace, selectAssets } from './asset-rows.ts';
import { isUuid } from './ids.ts';
import type { Parts, Session } from './session.ts';

/**
 * Newest first by keyset on ("fileCreatedAt", id), so that photos which come or go meanwhile shift nothing. Only what may
 * be described: of this owner, not hidden, locked, trashed or offline.
 */
export async function readPage(session: Session, input: ImmichPageInput): Promise<ImmichPage> {
  const rows = await session.rows(assetRow, (parts) => selectAssets(parts, chosen(parts, input)), input.signal);
  const last = rows.length < input.limit ? undefined : rows.at(-1);
  return {
    assets: rows.map(assetOf),
    next: last === undefined ? undefined : `${last.fileCreatedMicros}_${last.id}`,
  };
}

function chosen(parts: Parts, input: ImmichPageInput): Fragment {
  const { sql, owner } = parts;
  const { limit, createdAfter, takenFrom, takenTo, videos } = input;
  return sql`
    select a.id from asset a
    where a."ownerId" = ${owner}::uuid and a."deletedAt" is null and a.status = 'active'
      and a.visibility in ('timeline', 'archive') and not a."isOffline"
      and ${videos === true ? sql`a.type in ('IMAGE', 'VIDEO')` : sql`a.type = 'IMAGE'`}
      ${createdAfter === undefined ? sql`` : sql`and a."createdAt" >= ${moment(sql, createdAfter)}`}
      ${takenFrom === undefined ? sql`` : sql`and a."fileCreatedAt" >= ${moment(sql, takenFrom)}`}
      ${takenTo === undefined ? sql`` : sql`and a."fileCreatedAt" < ${moment(sql, takenTo + 1)}`}
      ${afterCursor(sql, input.cursor)}
      ${inOneOf(parts, input)}
    order by a."fileCreatedAt" desc, a.id desc
    limit ${limit}`;
}

/** Whole milliseconds in; rows have microseconds, so an inclusive end is the millisecond after it, exclusive. */
const moment = (sql: Parts['sql'], ms: number): Fragment => micros(sql, `${Math.floor(ms)}000`);

/**
 * Exact to the microsecond, or rows at the end of a page would repeat or be lost: `to_timestamp` takes a double, and so does
 * the product of an interval, which is why seconds and microseconds are told apart (a photo of the year 9999 has 2.5e17).
 */
function micros(sql: Parts['sql'], count: string): Fragment {
  const rest = BigInt(count) % 1_000_000n;
  const seconds = (BigInt(count) - rest) / 1_000_000n;
  return sql`timestamptz '1970-01-01 00:00:00+00' + ${String(seconds)}::bigint * interval '1 second'
    + ${String(rest)}::bigint * interval '1 microsecond'`;
}

/** A cursor that is none of ours is of the time before a change of IMMICH_DB_URL: the pass begins anew, which repeats no work. */
function afterCursor(sql: Parts['sql'], cursor: string | undefined): Fragment {
  const [, count, id] = /^(-?\d{1,18})_([0-9a-f-]{36})$/.exec(cursor ?? '') ?? [];
  if (count === undefined || id === undefined || !isUuid(id)) return sql``;
  return sql`and (a."fileCreatedAt", a.id) < (${micros(sql, count)}, ${id}::uuid)`;
}

/** In one of the albums; with one of the people; both where both are asked for. */
function inOneOf({ sql, json, layout }: Parts, { albums, people }: ImmichPageInput): Fragment {
  const ids = (list: readonly string[]) =>
    sql`(select jsonb_array_elements_text(${json(list.filter(isUuid))}::jsonb)::uuid)`;
  const { albumAsset, personOfFace } = layout;
  const inAlbum = (list: readonly string[]) =>
    albumAsset === undefined
      ? sql`and false`
      : sql`and exists (select from album_asset aa where aa.${sql(albumAsset[1])} = a.id
          and aa.${sql(albumAsset[0])} in ${ids(list)})`;
  const withPerson = (list: readonly string[]) =>
    personOfFace === undefined
      ? sql`and false`
      : sql`and exists (select from asset_face f where f."assetId" = a.id and ${seenFace({ sql, layout })}
          and f.${sql(personOfFace)} in ${ids(list)})`;
  return sql`${albums === undefined ? sql`` : inAlbum(albums)} ${people === undefined ? sql`` : withPerson(people)}`;
}
