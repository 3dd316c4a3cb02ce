import { z } from 'zod';
import type { FailureFilter, FailureQueries } from '../../domain/failures.ts';
import type { Database, Sql, Statement } from './connection.ts';
import { storable } from './json.ts';
import { bytea, count, id } from './rows.ts';
import { wantedHashOf } from './wanted-hash.ts';

type Json = Parameters<Statement>[1];

const time = z.date().transform((date) => date.getTime());
const photoRow = z.object({ assetId: id, library: z.string(), path: z.string() });
const listedRow = photoRow.extend({ step: z.string(), code: z.string(), reason: z.string(), at: time });
const groupRow = listedRow.omit({ step: true }).extend({ count, steps: z.array(z.string()) });
const parkedRow = photoRow.extend({ rawPath: bytea });
const countRow = z.object({ count });

/** The questions of `darkroom failures`. A photo's row in `failure` is there until a run of it ends otherwise. */
export function createFailureQueries({ database }: { database: Database }): FailureQueries {
  return {
    async groups(filter, limit) {
      const rows = await database.rows(
        groupRow,
        (sql, json) => sql`
          with chosen as materialized (
            select f.asset_id, l.name as library, a.path, f.step, f.code, f.reason, f.at ${chosen(sql, json, filter)}
          ), coded as (
            select code, count(*), to_jsonb(array_agg(distinct step)) as steps
            from chosen group by code order by count(*) desc, code limit ${limit}
          )
          select c.code, c.count, c.steps, n.asset_id, n.library, n.path, n.reason, n.at
          from coded c cross join lateral (
            select * from chosen f where f.code = c.code order by f.at desc, f.asset_id limit 1
          ) n
          order by c.count desc, c.code`,
      );
      return rows.map(({ assetId, library, path, ...group }) => ({ ...group, example: { assetId, library, path } }));
    },

    async newest(filter, limit) {
      const rows = await database.rows(
        listedRow,
        (sql, json) => sql`
          select f.asset_id, l.name as library, a.path, f.step, f.code, f.reason, f.at ${chosen(sql, json, filter)}
          order by f.at desc, f.asset_id limit ${limit}`,
      );
      return rows.map(({ assetId, library, path, ...failure }) => ({ ...failure, asset: { assetId, library, path } }));
    },

    async count(filter) {
      const [row] = await database.rows(countRow, (sql, json) => sql`select count(*) ${chosen(sql, json, filter)}`);
      return row?.count ?? 0;
    },

    async page(filter, { after, limit }) {
      const rows = await database.rows(
        parkedRow,
        (sql, json) => sql`
          select f.asset_id, l.name as library, a.path, a.raw_path ${chosen(sql, json, filter)}
            and f.asset_id > ${after ?? '0'}
          order by f.asset_id limit ${limit}`,
      );
      return rows.map(({ rawPath, ...asset }) => ({ asset, rawPath }));
    },
  };
}

const chosen = (sql: Sql, json: Json, { code, step, library, recipe }: FailureFilter) => sql`
  from darkroom.failure f
    join darkroom.asset a on a.id = f.asset_id
    join darkroom.library l on l.id = a.library_id
  where true
    ${code === undefined ? sql`` : sql`and lower(f.code) = ${storable(code).toLowerCase()}`}
    ${step === undefined ? sql`` : sql`and f.step = ${storable(step)}`}
    ${library === undefined ? sql`` : sql`and l.name = ${storable(library)}`}
    ${recipe?.which === 'wanted' ? sql`and f.recipe_hash = ${wantedHashOf(sql, json, recipe.wanted)}` : sql``}
    ${recipe?.which === 'other' ? sql`and f.recipe_hash <> ${wantedHashOf(sql, json, recipe.wanted)}` : sql``}`;
