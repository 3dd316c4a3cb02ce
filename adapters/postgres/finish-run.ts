import { z } from 'zod';
import type { FinishInput } from '../../domain/contract.ts';
import type { Database } from './connection.ts';
import type { JsonObject } from './json.ts';
import { id, isId } from './rows.ts';
import { answerColumns, answerRecord, insertAnswer, sameAnswer } from './save-description.ts';
import { trimStory } from './trim-story.ts';

const endedRow = z.object({ descriptionId: id.nullable() });

/**
 * How a run ended, in one statement: the answer, the state of the photo, its run with the story, its failure or the end of one,
 * and the claim let go. A photo whose row is gone still keeps its answer; a row that another photo has under the same id (a
 * fresh database under old histories) is left alone, which is why the path has to fit.
 */
export async function finishRun(database: Database, input: FinishInput): Promise<void> {
  const { end } = input;
  const answer = end.outcome === 'done' ? answerRecord(end.key, end.description) : {};
  const write = () =>
    database.rows(
      endedRow,
      (sql, json) => sql`
        with run as (
          select * from jsonb_to_record(${json(runRecord(input))}) as r(
            asset_id bigint, path text, workflow_id text, run_id text, started timestamptz, ended timestamptz, outcome text, steps jsonb,
            recipe text, reason text, size bigint, mtime_ms float8, ctime_ms float8, inode text, failure jsonb)
        ), answer as (
          select * from jsonb_to_record(${json(answer)}) as a(${answerColumns(sql)})
        ), saved as (
          ${insertAnswer(sql)} returning id
        ), described as (
          select coalesce((select id from saved), (${sameAnswer(sql)})) as id from answer as a
        ), wanted as (
          select t.id, r.outcome as state,
            case when r.outcome in ('gone', 'skipped') then t.ended_recipe else r.recipe end as ended_recipe, r.reason as skip_reason,
            coalesce(d.id, t.description_id) as description_id,
            coalesce(r.size, t.size) as size, coalesce(r.mtime_ms, t.mtime_ms) as mtime_ms,
            coalesce(r.ctime_ms, t.ctime_ms) as ctime_ms, coalesce(r.inode, t.inode) as inode,
            -- A file parked with other bytes than the content was read from must not pass for that content.
            case when r.size is null or (r.size, r.mtime_ms, r.inode) is not distinct from (t.size, t.mtime_ms, t.inode)
              then t.content_hash end as content_hash
          from run r cross join described d join darkroom.asset t on t.id = r.asset_id and t.path = r.path
        ), ended as (
          update darkroom.asset t
          set state = w.state, ended_recipe = w.ended_recipe, description_id = w.description_id, content_hash = w.content_hash,
            size = w.size, mtime_ms = w.mtime_ms, ctime_ms = w.ctime_ms, inode = w.inode,
            waiting_since = null, waiting_reason = null, skip_reason = w.skip_reason, updated = now()
          from wanted w
          where t.id = w.id and (
            t.state, t.ended_recipe, t.description_id, t.content_hash, t.size, t.mtime_ms, t.ctime_ms, t.inode, t.waiting_since, t.skip_reason
          ) is distinct from (
            w.state, w.ended_recipe, w.description_id, w.content_hash, w.size, w.mtime_ms, w.ctime_ms, w.inode, null, w.skip_reason)
        ), released as (
          delete from darkroom.claim c using run r where c.owner = r.workflow_id
        ), told as (
          insert into darkroom.asset_run as t (asset_id, run_id, workflow_id, started, ended, outcome, steps)
          select w.id, r.run_id, r.workflow_id, r.started, r.ended, r.outcome, r.steps from run r cross join wanted w
          on conflict (asset_id, run_id) do update
          set started = excluded.started, ended = excluded.ended, outcome = excluded.outcome, steps = excluded.steps
          where (t.started, t.ended, t.outcome, t.steps)
            is distinct from (excluded.started, excluded.ended, excluded.outcome, excluded.steps)
        ), failed as (
          insert into darkroom.failure as t (asset_id, step, code, reason, tries, recipe_hash, at)
          select w.id, f.step, f.code, f.reason, f.tries, r.recipe, r.ended
          from run r cross join wanted w
            cross join jsonb_to_record(r.failure) as f(step text, code text, reason text, tries jsonb)
          where r.outcome = 'parked'
          on conflict (asset_id) do update
          set step = excluded.step, code = excluded.code, reason = excluded.reason, tries = excluded.tries,
            recipe_hash = excluded.recipe_hash, at = excluded.at
          where (t.step, t.code, t.reason, t.tries, t.recipe_hash, t.at) is distinct from
            (excluded.step, excluded.code, excluded.reason, excluded.tries, excluded.recipe_hash, excluded.at)
        ), mended as (
          delete from darkroom.failure f using wanted w where f.asset_id = w.id and w.state <> 'parked'
        )
        select id as description_id from described`,
    );
  const [ended] = await write();
  // Somebody saved the same answer after this statement's view was taken: the second look sees it.
  if (end.outcome === 'done' && ended?.descriptionId === null) await write();
}

function runRecord({ asset, workflowId, runId, startedAt, endedAt, story, end }: FinishInput): JsonObject {
  const steps = trimStory(story).map(({ step, at, note }) => ({ step, at, note }));
  const parked = end.outcome === 'parked' ? end : undefined;
  const { stat, failure } = parked ?? {};
  return {
    asset_id: isId(asset.assetId) ? asset.assetId : undefined,
    path: asset.path,
    workflow_id: workflowId,
    run_id: runId,
    started: new Date(startedAt).toISOString(),
    ended: new Date(endedAt).toISOString(),
    outcome: end.outcome,
    steps,
    recipe: end.outcome === 'done' || end.outcome === 'parked' ? end.key?.recipeHash : undefined,
    reason: end.outcome === 'skipped' ? end.why : undefined,
    size: stat?.size,
    mtime_ms: stat?.mtimeMs,
    ctime_ms: stat?.ctimeMs,
    inode: stat?.inode,
    failure:
      failure === undefined
        ? undefined
        : {
            step: failure.step,
            code: failure.code,
            reason: failure.reason,
            tries: failure.tries.map(({ host, code }) => ({ host, code })),
          },
  };
}
