import { z } from 'zod';
import { type MissingKind, type MissingStore, reconcileKey } from '../../domain/reconcile.ts';
import type { Database, Sql } from './connection.ts';
import { assetState, bytea, id, isId } from './rows.ts';

const photoRow = z.object({ id, library: z.string(), path: z.string(), rawPath: bytea, state: assetState });
const idRow = z.object({ id });
const libraryRow = z.object({ library: z.string() });

/** Rows whose run may be missing, and what was done about them. */
export function createMissingStore({ database }: { database: Database }): MissingStore {
  return {
    async page({ kind, after, limit, quietMs }) {
      const rows = await database.rows(
        photoRow,
        (sql) => sql`
          select a.id, l.name as library, a.path, a.raw_path, a.state
          from darkroom.asset a join darkroom.library l on l.id = a.library_id
          where ${isOf(sql, kind)} and a.id > ${after ?? '0'}
            and a.updated <= now() - ${quietMs}::float8 * interval '1 millisecond'
          order by a.id limit ${limit}`,
      );
      return rows.map(({ id: assetId, library, path, ...photo }) => ({ ...photo, asset: { assetId, library, path } }));
    },

    async still(kind, assetIds) {
      const rows = await database.rows(
        idRow,
        (sql, json) => sql`
          select a.id from darkroom.asset a
          where ${isOf(sql, kind)}
            and a.id in (select i::bigint from jsonb_array_elements_text(${json(assetIds.filter(isId))}) as i)`,
      );
      return new Set(rows.map(({ id: assetId }) => assetId));
    },

    async cancelledPasses() {
      const rows = await database.rows(
        libraryRow,
        (sql) => sql`
          select library from (
            select distinct on (library) library, outcome from darkroom.backfill
            where chosen is null order by library, ended desc
          ) latest where outcome = 'cancelled'`,
      );
      return new Set(rows.map(({ library }) => library));
    },

    async keep(report) {
      await database.run(
        (sql, json) => sql`
          insert into darkroom.control as c (key, value) values (${reconcileKey}, ${json({ ...report })})
          on conflict (key) do update set value = excluded.value, updated = now()
          where c.value <> excluded.value
            and (c.value ->> 'startedAt')::float8 <= (excluded.value ->> 'startedAt')::float8`,
      );
    },
  };
}

const isOf = (sql: Sql, kind: MissingKind) =>
  kind === 'begun' ? sql`a.state in ('open', 'waiting')` : sql`a.state = 'new'`;
