import { z } from 'zod';
import type { VerificationStore } from '../../domain/verification-store.ts';
import { type VerifyKind, verifyKey } from '../../domain/verify.ts';
import type { Database, Sql } from './connection.ts';
import { publicationColumns, publicationOf, publicationRow } from './publication-row.ts';
import { count, id, isId } from './rows.ts';

const dueRow = z.object({
  id,
  library: z.string(),
  path: z.string(),
  textSha: z.string(),
  taken: z.number().nullable(),
  wasUnsure: z.boolean(),
  /** Microseconds since 1970: the driver's dates have only milliseconds, and a keyset must be exact. */
  at: z.string(),
  publication: publicationRow,
});
const idRow = z.object({ id });
const wipesRow = z.object({ verified: count, wiped: count, rewrittenAndWipedAgain: count });

/** A row as one that is put back: meant, and not yet known to be written. */
const isBeingPutBack = (sql: Sql) => sql`p.state = 'intended' and p.rewrites > 0`;

/** What was written into libraries' own fields and is to be looked at, in Postgres. */
export function createVerificationStore({ database }: { database: Database }): VerificationStore {
  return {
    async due({ kind, before, after, limit, without }) {
      const place = placeIn(after);
      const rows = await database.rows(
        dueRow,
        (sql, json) => sql`
          select a.id, l.name as library, a.path, p.intended_sha as text_sha,
            (extract(epoch from p.taken) * 1000)::float8 as taken,
            p.unsure as was_unsure,
            (extract(epoch from ${since(sql, kind)}) * 1000000)::bigint::text as at, ${publicationColumns(sql)} as publication
          from darkroom.publication p
            join darkroom.asset a on a.id = p.asset_id
            join darkroom.library l on l.id = a.library_id
          where p.target = 'immich' and ${isDue(sql, kind)} and p.intended_sha is not null
            and ${since(sql, kind)} <= ${new Date(before).toISOString()}
            and (${since(sql, kind)}, p.asset_id) > (${moment(sql, place.at)}, ${place.id}::bigint)
            and l.name not in (select jsonb_array_elements_text(${json([...without])}))
          order by ${since(sql, kind)}, p.asset_id limit ${limit}`,
      );
      const last = rows.length < limit ? undefined : rows.at(-1);
      return {
        texts: rows.map(({ id: assetId, library, path, textSha, taken, wasUnsure, publication }) => ({
          asset: { assetId, library, path },
          publication: publicationOf(publication),
          textSha,
          taken: taken ?? undefined,
          wasUnsure,
        })),
        next: last === undefined ? undefined : `${last.at}_${last.id}`,
      };
    },

    async judged(judged, at) {
      const rows = judged
        .filter(({ assetId }) => isId(assetId))
        .map(({ assetId, textSha, verdict }) => ({ id: assetId, sha: textSha, verdict }));
      if (rows.length === 0) return;
      const now = new Date(at).toISOString();
      await database.run(
        (sql, json) => sql`
          update darkroom.publication p
          set state = case when j.verdict in ('edited') then 'kept' when j.verdict in ('cleared', 'wiped') then j.verdict
              else 'written' end,
            written_at = case when j.verdict = 'again' then ${now}::timestamptz else p.written_at end,
            verified_at = case when j.verdict = 'again' then null else ${now}::timestamptz end,
            note = case j.verdict when 'edited' then 'a person changed it' when 'cleared' then 'a person took it out'
              when 'wiped' then 'Immich did not keep it' when 'unsure' then 'it is gone, and nobody knows why' end,
            unsure = j.verdict = 'unsure'
          from jsonb_to_recordset(${json(rows)}) as j(id bigint, sha text, verdict text)
          where p.asset_id = j.id and p.target = 'immich' and p.intended_sha = j.sha
            and (p.state = 'written' or ${isBeingPutBack(sql)})`,
      );
    },

    async putBack({ assetId, textSha, rewrites }) {
      if (!isId(assetId)) return false;
      const rows = await database.rows(
        idRow,
        (sql) => sql`
          update darkroom.publication p set state = 'intended', rewrites = ${rewrites + 1}, intended_at = now(), verified_at = null
          where p.asset_id = ${assetId} and p.target = 'immich' and p.intended_sha = ${textSha}
            and (p.state = 'written' and p.rewrites = ${rewrites}
              or p.state = 'intended' and p.rewrites = ${rewrites + 1})
          returning p.asset_id as id`,
      );
      return rows.length > 0;
    },

    async tryAgain(libraryId, at) {
      const rows = await database.rows(
        idRow,
        (sql) => sql`
          with writable as (
            update darkroom.library set read_only_since = null
            where id = ${isId(libraryId) ? libraryId : '0'} and read_only_since is not null
          )
          update darkroom.publication p
          set state = 'written', rewrites = 0, written_at = ${new Date(at).toISOString()}, verified_at = null, unsure = false,
            note = null
          where p.library_id = ${isId(libraryId) ? libraryId : '0'} and p.target = 'immich'
            and (p.state = 'wiped' or p.state = 'written' and p.unsure)
          returning p.asset_id as id`,
      );
      return rows.length;
    },

    async wipes(libraryId, since) {
      const [row] = await database.rows(
        wipesRow,
        (sql) => sql`
          select count(*) filter (where p.state = 'written' and p.verified_at is not null and not p.unsure) as verified,
            count(*) filter (where p.state = 'wiped') as wiped,
            count(*) filter (where p.state = 'wiped' and p.rewrites > 0) as rewritten_and_wiped_again
          from darkroom.publication p
          where p.library_id = ${isId(libraryId) ? libraryId : '0'} and p.target = 'immich'
            and p.intended_at >= ${new Date(since).toISOString()}`,
      );
      return row ?? { verified: 0, wiped: 0, rewrittenAndWipedAgain: 0 };
    },

    async keep(report) {
      await database.run(
        (sql, json) => sql`
          insert into darkroom.control as c (key, value) values (${verifyKey}, ${json({ ...report })})
          on conflict (key) do update set value = excluded.value, updated = now()
          where c.value <> excluded.value
            and (c.value ->> 'startedAt')::float8 <= (excluded.value ->> 'startedAt')::float8`,
      );
    },
  };
}

const since = (sql: Sql, kind: VerifyKind) => (kind === 'fresh' ? sql`p.written_at` : sql`p.verified_at`);

/** As the partial indexes of migration 0006 have it. */
const isDue = (sql: Sql, kind: VerifyKind) =>
  kind === 'fresh'
    ? sql`p.state in ('written', 'intended') and p.verified_at is null and (p.state = 'written' or p.rewrites > 0)`
    : sql`p.state = 'written'`;

/** `to_timestamp` takes a double and may miss by a microsecond. */
const moment = (sql: Sql, micros: string) =>
  sql`timestamptz '1970-01-01 00:00:00+00' + ${micros}::bigint * interval '1 microsecond'`;

function placeIn(after: string | undefined): { at: string; id: string } {
  const [, at = '0', place = '0'] = /^(\d{1,18})_(\d{1,18})$/.exec(after ?? '') ?? [];
  return { at, id: place };
}
