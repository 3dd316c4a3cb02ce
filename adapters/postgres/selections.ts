import { z } from 'zod';
import { type Selection, type SelectionQueries, type Standing, standings } from '../../domain/prioritize.ts';
import type { WantedHashes } from '../../domain/wanted-recipes.ts';
import type { Database, Sql, Statement } from './connection.ts';
import { storable } from './json.ts';
import { assetState, bytea, count, id, isId } from './rows.ts';
import { wantedHashOf } from './wanted-hash.ts';

type Json = Parameters<Statement>[1];

const standingRow = z.object({ standing: z.enum(standings), count });
const photoRow = z.object({ id, library: z.string(), path: z.string(), rawPath: bytea, state: assetState });

/** Photos of a person's choice. Pages go by the key of the rows, so that all of them together read a library once. */
export function createSelectionQueries({ database }: { database: Database }): SelectionQueries {
  return {
    async count(selection, wanted) {
      const rows = await database.rows(
        standingRow,
        (sql, json) => sql`
          select ${standing(sql, json, wanted)} as standing, count(*)
          from darkroom.asset a join darkroom.library l on l.id = a.library_id
          where ${selected(sql, json, selection)} group by 1`,
      );
      const counts: Record<Standing, number> = {
        running: 0,
        fresh: 0,
        parked: 0,
        described: 0,
        gone: 0,
        unsupported: 0,
        skipped: 0,
      };
      for (const row of rows) counts[row.standing] = row.count;
      return counts;
    },

    async page(selection, { of, wanted, after, limit }) {
      const rows = await database.rows(
        photoRow,
        (sql, json) => sql`
          select a.id, l.name as library, a.path, a.raw_path, a.state
          from darkroom.asset a join darkroom.library l on l.id = a.library_id
          where ${selected(sql, json, selection)} and a.id > ${after ?? '0'}
            and ${standing(sql, json, wanted)} in (select jsonb_array_elements_text(${json(of)}))
          order by a.id limit ${limit}`,
      );
      return rows.map(({ id: assetId, library, path, ...photo }) => ({ ...photo, asset: { assetId, library, path } }));
    },
  };
}

const standing = (sql: Sql, json: Json, wanted: WantedHashes | undefined) => sql`
  case
    when a.state in ('open', 'waiting') then 'running'
    when a.state = 'new' then 'fresh'
    when a.state = 'done' and a.ended_recipe <> ${wantedHashOf(sql, json, wanted)} then 'fresh'
    when a.state = 'done' then 'described'
    else a.state
  end`;

function selected(sql: Sql, json: Json, selection: Selection) {
  if (selection.kind === 'photo') return sql`a.id = ${isId(selection.assetId) ? selection.assetId : '0'}`;
  if (selection.kind === 'photos') {
    return sql`a.id in (select i::bigint from jsonb_array_elements_text(${json(selection.assetIds.filter(isId))}) as i)`;
  }
  const folders = selection.folders.map(({ libraryId, prefix }) => ({ library: libraryId, prefix: storable(prefix) }));
  return sql`exists (
    select from jsonb_to_recordset(${json(folders)}) as p(library bigint, prefix text)
    where p.library = a.library_id and starts_with(a.path, p.prefix))`;
}
