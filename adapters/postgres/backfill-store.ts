import { z } from 'zod';
import type { BackfillStore } from '../../domain/backfill-store.ts';
import { isRedo, setsAside } from '../../domain/selection.ts';
import { backfillEnds, beginBackfill, begunBackfills, endOutside, keepBackfill } from './backfill-ends.ts';
import { chosenFrom, globMatcher } from './chosen-photos.ts';
import type { Database } from './connection.ts';
import { takenPhotos, unfinishedPhotos } from './taken-photos.ts';
import { assetState, bytea, count, id } from './rows.ts';

const photoRow = z.object({
  id,
  library: z.string(),
  path: z.string(),
  rawPath: bytea,
  state: assetState,
  place: z.string(),
});
const idRow = z.object({ id });
const countRow = z.object({ count });
/** Rows that a count with a glob reads at a time. */
const countPage = 5_000;

/** Chosen photos and what backfills did, in Postgres. */
export function createBackfillStore({ database }: { database: Database }): BackfillStore {
  return {
    async page({ backfill, selection, sample = false }, { cursor, limit, ...scope }) {
      const rows = await database.rows(photoRow, (sql, json) => {
        // An order by chance that is the same in every page of this backfill, and another one in the next.
        const place = sample ? sql`md5(a.id::text || ${backfill}::text)` : sql`lpad(a.id::text, 19, '0')`;
        const after = sample ? sql`${place} > ${cursor ?? ''}` : sql`a.id > ${cursor ?? '0'}`;
        return sql`
          select a.id, l.name as library, a.path, a.raw_path, a.state, ${place} as place
          ${chosenFrom(sql, json, selection, scope)} and ${after} and not exists (
            select from darkroom.backfill_photo b left join darkroom.failure f on f.asset_id = b.asset_id
            where b.backfill = ${backfill} and b.asset_id = a.id
              and (b.former_description is distinct from a.description_id or f.at > b.taken))
          order by ${sample ? place : sql`a.id`} limit ${limit}`;
      });
      const matches = globMatcher(selection.glob);
      const photos = rows
        .filter(({ path }) => matches(path))
        .map(({ id: assetId, library, path, rawPath, state }) => ({
          asset: { assetId, library, path },
          rawPath,
          state,
        }));
      const last = rows.at(-1);
      const next = rows.length < limit || last === undefined ? undefined : sample ? last.place : last.id;
      return { photos, seen: rows.length, next };
    },

    async take({ backfill, selection, limit }, assetIds, { wantedHash }) {
      const rows = await database.rows(
        idRow,
        (sql, json) => sql`
          with wanted as (
            select w.id::bigint, w.nth from jsonb_array_elements_text(${json([...assetIds])}) with ordinality as w(id, nth)
          ), before as (
            select w.id, b.former_description from wanted w
              join darkroom.backfill_photo b on b.backfill = ${backfill} and b.asset_id = w.id
          ), fresh as (
            select w.id from wanted w where not exists (select from before b where b.id = w.id) order by w.nth
            -- greatest() passes over null, and would make no limit one of 0.
            limit case when ${limit ?? null}::bigint is not null then greatest(0, ${limit ?? null}::bigint
              - (select count(*) from darkroom.backfill_photo where backfill = ${backfill})) end
          ), added as (
            insert into darkroom.backfill_photo (backfill, asset_id, former_description, former_recipe)
            select ${backfill}, a.id, a.description_id, a.ended_recipe from fresh f join darkroom.asset a on a.id = f.id
            -- Only a written row is returned: what a former attempt that still runs takes at this moment is taken all the same.
            on conflict (backfill, asset_id) do update set taken = darkroom.backfill_photo.taken
            returning asset_id as id, former_description
          ), taken as (
            select id, former_description from added union all select id, former_description from before
          ), aside as (
            update darkroom.description d set superseded = now() from taken t
            where ${setsAside(selection)} and d.id = t.former_description and d.recipe_hash = ${wantedHash}
              and d.superseded is null
          ), asked as (
            -- Who asks for a text once more has it written, whatever became of the last one in the library's own field.
            update darkroom.publication p set state = 'kept', note = 'asked for once more' from taken t
            where ${isRedo(selection)} and p.asset_id = t.id and p.state in ('cleared', 'wiped', 'undone')
          ), opened as (
            -- A run that is lost from now on is missed by reconcile. Nobody else would: this backfill may have ended, or may
            -- find its limit reached by others of its photos, and in mode monitor no pass goes through what is new.
            update darkroom.asset a set state = 'open', updated = now() from taken t
            where a.id = t.id and a.state in ('new', 'done', 'parked', 'skipped', 'gone')
              and a.description_id is not distinct from t.former_description
          )
          select id from taken`,
      );
      return new Set(rows.map((row) => row.id));
    },

    async count(selection, scope) {
      if (selection.glob === undefined) {
        const [row] = await database.rows(
          countRow,
          (sql, json) => sql`select count(*) ${chosenFrom(sql, json, selection, scope)}`,
        );
        return row?.count ?? 0;
      }
      const matches = globMatcher(selection.glob);
      let sum = 0;
      for (let after: string | undefined = '0'; after !== undefined;) {
        const from: string = after;
        const rows = await database.rows(
          z.object({ id, path: z.string() }),
          (sql, json) => sql`
            select a.id, a.path ${chosenFrom(sql, json, selection, scope)} and a.id > ${from} order by a.id limit ${countPage}`,
        );
        sum += rows.filter(({ path }) => matches(path)).length;
        after = rows.at(-1)?.id;
      }
      return sum;
    },

    begin: (begun) => beginBackfill(database, begun),
    begun: () => begunBackfills(database),
    endedOutside: (backfill, reason) => endOutside(database, backfill, reason),
    keep: (end) => keepBackfill(database, end),
    ended: (limit) => backfillEnds(database, limit),

    taken: (backfill, limit) => takenPhotos(database, backfill, limit),

    unfinished: (backfill, limit) => unfinishedPhotos(database, backfill, limit),

    async rollBack(backfill) {
      const [row] = await database.rows(
        countRow,
        (sql) => sql`select darkroom.roll_back_backfill(${backfill}) as count`,
      );
      return row?.count ?? 0;
    },
  };
}
