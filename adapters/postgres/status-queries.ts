import { z } from 'zod';
import type { FailureRecord, RunRecord, StatusQueries } from '../../domain/status.ts';
import type { Database } from './connection.ts';
import { exportRows } from './export-rows.ts';
import { findById, findByPath, findInImmich } from './find-by-path.ts';
import { libraryCounts } from './library-counts.ts';
import { count, id, isId } from './rows.ts';

const time = z.date().transform((date) => date.getTime());
const waitingRow = z.object({ library: z.string(), reason: z.string(), count, since: time });
const parkedRow = z.object({
  code: z.string(),
  count,
  reason: z.string(),
  assetId: id,
  library: z.string(),
  path: z.string(),
});
const hostRow = z.object({
  host: z.string(),
  model: z.string(),
  simulated: z.boolean(),
  calls: count,
  promptTokens: count,
  answerTokens: count,
  totalMs: z.number(),
  evalMs: z.number(),
  evalTokens: count,
  firstAt: time,
  lastAt: time,
});
const rateRow = z.object({ finished: count, spanMs: count });
const runRow = z.object({
  runId: z.string(),
  workflowId: z.string(),
  started: time,
  ended: time,
  outcome: z.enum(['done', 'gone', 'parked', 'skipped']),
  story: z.array(z.object({ step: z.string(), at: z.number(), note: z.string() })),
});
const failureRow = z.object({
  step: z.string(),
  code: z.string(),
  reason: z.string(),
  tries: z.array(z.object({ host: z.string().exactOptional(), code: z.string() })),
  recipeHash: z.string().nullable(),
  at: time,
});

const tenMinutes = 600_000;

/** The questions of `status`, `trace` and `export`. Give it a pool of its own with a longer limit: it counts whole tables. */
export function createStatusQueries({ database }: { database: Database }): StatusQueries {
  return {
    async counts(wanted) {
      return await libraryCounts(database, wanted);
    },

    async waitingReasons(limit = 5) {
      return await database.rows(
        waitingRow,
        (sql) => sql`
          select l.name as library, a.waiting_reason as reason, count(*), min(a.waiting_since) as since
          from darkroom.asset a join darkroom.library l on l.id = a.library_id
          where a.state = 'waiting' and a.waiting_reason is not null
          group by l.name, a.waiting_reason
          order by count(*) desc, l.name, a.waiting_reason
          limit ${limit}`,
      );
    },

    async parkedByCode() {
      const rows = await database.rows(
        parkedRow,
        (sql) => sql`
          select distinct on (count, f.code, l.name) f.code, count(*) over (partition by f.code, l.name) as count,
            f.reason, f.asset_id, l.name as library, a.path
          from darkroom.failure f
            join darkroom.asset a on a.id = f.asset_id
            join darkroom.library l on l.id = a.library_id
          order by count desc, f.code, l.name, f.at desc, f.asset_id`,
      );
      return rows.map(({ code, count, reason, assetId, library, path }) => ({
        code,
        count,
        reason,
        example: { assetId, library, path },
      }));
    },

    async hostTotals(since) {
      const from = since === undefined ? '-infinity' : new Date(since).toISOString();
      return await database.rows(
        hostRow,
        (sql) => sql`
          select host, model, simulated, count(*) as calls, coalesce(sum(prompt_tokens), 0) as prompt_tokens,
            coalesce(sum(answer_tokens), 0) as answer_tokens, sum(total_ms) as total_ms,
            coalesce(sum(eval_ms) filter (where answer_tokens is not null), 0) as eval_ms,
            coalesce(sum(answer_tokens) filter (where eval_ms is not null), 0) as eval_tokens,
            min(created) as first_at, max(created) as last_at
          from darkroom.description where created >= ${from}::text::timestamptz
          group by host, model, simulated order by host, model, simulated`,
      );
    },

    async recentRate(windowMs = tenMinutes) {
      const [row] = await database.rows(
        rateRow,
        (sql) => sql`
          select count(*) as finished,
            coalesce(extract(epoch from now() - min(created)) * 1000, 0)::float8 as span_ms
          from darkroom.description where created > now() - ${windowMs}::float8 * interval '1 millisecond'`,
      );
      return row ?? { finished: 0, spanMs: 0 };
    },

    async findByPath(shownPath, limit = 20) {
      return await findByPath(database, shownPath, limit);
    },

    async findInImmich(id) {
      return await findInImmich(database, id);
    },

    async findById(assetId) {
      return await findById(database, assetId);
    },

    async lastRun(assetId) {
      return await lastRun(database, assetId);
    },

    async failure(assetId) {
      return await failure(database, assetId);
    },

    exportRows(options) {
      return exportRows(database, options);
    },
  };
}

async function lastRun(database: Database, assetId: string): Promise<RunRecord | undefined> {
  if (!isId(assetId)) return undefined;
  const [row] = await database.rows(
    runRow,
    (sql) => sql`
      select run_id, workflow_id, started, ended, outcome, steps as story
      from darkroom.asset_run where asset_id = ${assetId} order by ended desc, run_id limit 1`,
  );
  return row;
}

async function failure(database: Database, assetId: string): Promise<FailureRecord | undefined> {
  if (!isId(assetId)) return undefined;
  const [row] = await database.rows(
    failureRow,
    (sql) => sql`
      select step, code, reason, tries, recipe_hash, at from darkroom.failure where asset_id = ${assetId}`,
  );
  return row === undefined ? undefined : { ...row, recipeHash: row.recipeHash ?? undefined };
}
