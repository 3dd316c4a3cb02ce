import { z } from 'zod';
import type { Fragment } from './asset-rows.ts';
import { isUuid } from './ids.ts';
import type { Parts, Session } from './session.ts';

export interface ChangedAssets {
  /** Ids of this user's assets whose preview was made or made anew; some come twice, at the edge of two looks. */
  readonly assets: readonly string[];
  readonly cursor: string;
  /** There is more to read at once. */
  readonly hasMore: boolean;
}

/**
 * A row gets its updateId when its statement begins and is seen when its transaction ends, so rows come in out of order.
 * Everything up to a minute ago is taken to be there (Immich's own transactions are short); the minute after it is read again.
 */
const overlapMs = 60_000;

const rowShape = z.object({ now: z.number(), assetId: z.guid().nullable(), updateId: z.guid().nullable() });

/**
 * Which assets have a new preview since `cursor`; undefined: since a minute ago. For hints to a poller: what is missed
 * here is found by its own look. Throws what the port's methods throw.
 */
export async function changedSince(
  session: Session,
  cursor: string | undefined,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<ChangedAssets> {
  const rows = await session.rows(
    rowShape,
    ({ sql, owner }) => sql`
      select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now, found.*
      from (values (1)) as always (one) left join lateral (
        select f."assetId" as asset_id, f."updateId" as update_id
        from asset_file f join asset a on a.id = f."assetId"
        where f.type = 'preview' and a."ownerId" = ${owner}::uuid and a.visibility in ('timeline', 'archive')
          and f."updateId" > ${from(sql, cursor)}
        order by f."updateId" limit ${limit}
      ) found on true`,
    signal,
  );
  const found = rows.flatMap(({ assetId, updateId }) => (assetId === null ? [] : { assetId, updateId }));
  const last = found.length < limit ? null : found.at(-1)?.updateId;
  const settled = uuidAt((rows[0]?.now ?? overlapMs) - overlapMs);
  return {
    assets: [...new Set(found.map(({ assetId }) => assetId))],
    cursor: last ?? settled,
    hasMore: typeof last === 'string',
  };
}

/** The lowest updateId of a moment on the server's clock: 48 bits of milliseconds, the rest is version and chance. */
function uuidAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

const from = (sql: Parts['sql'], cursor: string | undefined): Fragment =>
  cursor !== undefined && isUuid(cursor)
    ? sql`${cursor}::uuid`
    : sql`rpad(lpad(to_hex(floor(extract(epoch from clock_timestamp()) * 1000)::bigint - ${overlapMs}::int), 12, '0'), 32, '0')::uuid`;
