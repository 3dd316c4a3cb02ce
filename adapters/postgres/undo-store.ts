import { z } from 'zod';
import type { UndoStore } from '../../domain/undo-store.ts';
import type { UndoChoice } from '../../domain/undo.ts';
import type { Database, Sql } from './connection.ts';
import { storable } from './json.ts';
import { publicationColumns, publicationOf, publicationRow } from './publication-row.ts';
import { count, id, isId } from './rows.ts';

const textRow = z.object({
  id,
  library: z.string(),
  path: z.string(),
  textSha: z.string(),
  taken: z.number().nullable(),
  isUnderWay: z.boolean(),
  publication: publicationRow,
});
const idRow = z.object({ id });
const countRow = z.object({ count });

/** In the row's note while it is meant to be taken back and not known to be. */
const underWay = 'is being taken back';
/** As the verification notes it: such a text stays, and is told of. */
const changedByPerson = 'a person changed it';

/** Taking back what was written into libraries' own fields, in Postgres. */
export function createUndoStore({ database }: { database: Database }): UndoStore {
  return {
    async page({ choice, after, limit }) {
      const rows = await database.rows(
        textRow,
        (sql) => sql`
          select a.id, l.name as library, a.path, p.intended_sha as text_sha,
            (extract(epoch from p.taken) * 1000)::float8 as taken, p.state = 'undone' as is_under_way,
            ${publicationColumns(sql)} as publication
          from darkroom.publication p
            join darkroom.asset a on a.id = p.asset_id
            join darkroom.library l on l.id = p.library_id
          ${isUndoable(sql, choice)} and p.asset_id > ${after !== undefined && isId(after) ? after : '0'}
          order by p.asset_id limit ${limit}`,
      );
      return {
        texts: rows.map(({ id: assetId, library, path, textSha, taken, isUnderWay, publication }) => ({
          asset: { assetId, library, path },
          publication: publicationOf(publication),
          textSha,
          taken: taken ?? undefined,
          isUnderWay,
        })),
        next: rows.length < limit ? undefined : rows.at(-1)?.id,
      };
    },

    async count(choice) {
      const [row] = await database.rows(
        countRow,
        (sql) => sql`select count(*) from darkroom.publication p ${isUndoable(sql, choice)}`,
      );
      return row?.count ?? 0;
    },

    async begin({ assetId, textSha }) {
      if (!isId(assetId)) return false;
      const rows = await database.rows(
        idRow,
        (sql) => sql`
          update darkroom.publication p set state = 'undone', note = ${underWay}
          where p.asset_id = ${assetId} and p.target = 'immich' and p.intended_sha = ${textSha} and ${mayBeUndone(sql)}
          returning p.asset_id as id`,
      );
      return rows.length > 0;
    },

    async askAgain(assetIds) {
      await database.run(
        (sql, json) => sql`
          update darkroom.publication p set state = 'kept', note = 'asked for once more'
          where p.target = 'immich' and p.state in ('cleared', 'wiped', 'undone')
            and p.asset_id in (select i::bigint from jsonb_array_elements_text(${json(assetIds.filter(isId))}) as i)`,
      );
    },

    undone: ({ assetId, textSha }) => end(assetId, textSha, { state: 'undone', note: 'taken back' }),

    left: ({ assetId, textSha, isEmpty }) =>
      end(
        assetId,
        textSha,
        isEmpty ? { state: 'cleared', note: 'a person took it out' } : { state: 'kept', note: changedByPerson },
      ),
  };

  async function end(assetId: string, textSha: string, { state, note }: { state: string; note: string }) {
    if (!isId(assetId)) return;
    await database.run(
      (sql) => sql`
        update darkroom.publication p set state = ${state}, note = ${note}
        where p.asset_id = ${assetId} and p.target = 'immich' and p.intended_sha = ${textSha}
          and p.state = 'undone' and p.note = ${underWay}`,
    );
  }
}

const mayBeUndone = (sql: Sql) => sql`(p.state in ('written', 'intended')
  or p.state = 'kept' and p.note = ${changedByPerson} or p.state = 'undone' and p.note = ${underWay})`;

const isUndoable = (sql: Sql, choice: UndoChoice) => sql`
  where p.target = 'immich' and p.intended_sha is not null and ${mayBeUndone(sql)} and ${isChosen(sql, choice)}`;

const inLibrary = (sql: Sql, name: string) =>
  sql`p.library_id = (select n.id from darkroom.library n where n.name = ${storable(name)})`;

function isChosen(sql: Sql, choice: UndoChoice) {
  if (choice.kind === 'photo') return sql`p.asset_id = ${isId(choice.assetId) ? choice.assetId : '0'}`;
  if (choice.kind === 'run') return sql`p.run_id = ${storable(choice.runId)}`;
  if (choice.kind === 'since')
    return sql`${inLibrary(sql, choice.library)} and p.intended_at >= ${new Date(choice.from).toISOString()}`;
  if (choice.kind === 'pass') {
    const { library, from, to } = choice;
    return sql`${inLibrary(sql, library)} and exists (
      select from darkroom.asset_run r
      where r.asset_id = p.asset_id and r.run_id = p.run_id and r.started >= ${new Date(from).toISOString()}
        ${to === undefined ? sql`` : sql`and r.started <= ${new Date(to).toISOString()}`})`;
  }
  // The run that the backfill started is the first one of that photo which ended since it was taken: what a later run wrote
  // is of that one, and what stood before it is the backfill's own text.
  return sql`exists (
    select from darkroom.backfill_photo b
    where b.backfill = ${storable(choice.backfill)} and b.asset_id = p.asset_id
      and p.run_id = (
        select r.run_id from darkroom.asset_run r
        where r.asset_id = b.asset_id and r.ended >= b.taken order by r.ended limit 1))`;
}
