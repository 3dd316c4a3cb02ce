import { z } from 'zod';
import { nothingYet } from '../../domain/backfill.ts';
import type { BegunBackfill } from '../../domain/backfill-store.ts';
import type { BackfillEnd, ChosenPhotos } from '../../domain/contract.ts';
import type { ImmichNamed } from '../../domain/immich.ts';
import type { Database } from './connection.ts';
import { type JsonObject, storable } from './json.ts';

const whichKept = z.union([
  z.object({ kind: z.literal('wanted') }),
  z.object({ kind: z.literal('undescribed') }),
  z.object({ kind: z.literal('parked'), code: z.string().exactOptional() }),
  z.object({ kind: z.literal('faceless'), faceModel: z.string() }),
  z.object({ kind: z.literal('written'), recipe: z.string() }),
  z.object({ kind: z.literal('written'), model: z.string() }),
  z.object({ kind: z.literal('written'), backfill: z.string() }),
  z.object({ kind: z.literal('written'), people: z.literal('changed') }),
]);
const named = z.array(z.object({ id: z.string(), name: z.string() }));
const chosen = z.object({
  backfill: z.string(),
  selection: z.object({
    which: whichKept,
    folder: z.string().exactOptional(),
    glob: z.string().exactOptional(),
    takenFrom: z.string().exactOptional(),
    takenBefore: z.string().exactOptional(),
    camera: z.string().exactOptional(),
    albums: named.exactOptional(),
    people: named.exactOptional(),
  }),
  limit: z.number().exactOptional(),
  sample: z.boolean().exactOptional(),
});
const progress = z.object({
  passes: z.number(),
  seen: z.number(),
  started: z.number(),
  skipped: z.number(),
  unsupported: z.number(),
  underWay: z.number().exactOptional(),
  parked: z.number().exactOptional(),
  problems: z.array(z.string()),
});
const endRow = z.object({
  id: z.string(),
  workflowId: z.string(),
  library: z.string(),
  chosen: chosen.nullable(),
  started: z.date(),
  ended: z.date(),
  outcome: z.enum(['finished', 'cancelled']),
  reason: z.string().nullable(),
  progress,
});

export async function keepBackfill(database: Database, end: BackfillEnd): Promise<void> {
  const { backfill, workflowId, library, startedAt, endedAt, outcome, reason } = end;
  const row = {
    id: backfill,
    workflow_id: workflowId,
    library,
    chosen: end.chosen === undefined ? null : jsonOf(end.chosen),
    started: new Date(startedAt).toISOString(),
    ended: new Date(endedAt).toISOString(),
    outcome,
    reason: reason ?? null,
    progress: { ...end.progress, problems: [...end.progress.problems] },
  };
  await database.run(
    (sql, json) => sql`
      insert into darkroom.backfill as b (id, workflow_id, library, chosen, started, ended, outcome, reason, progress)
      select r.* from jsonb_to_record(${json(row)}) as r(
        id text, workflow_id text, library text, chosen jsonb, started timestamptz, ended timestamptz, outcome text, reason text,
        progress jsonb)
      on conflict (id) do update
      set started = excluded.started, ended = excluded.ended, outcome = excluded.outcome, reason = excluded.reason,
        progress = excluded.progress
      where b.outcome = 'running' or b.ended < excluded.ended`,
  );
}

function jsonOf({
  backfill,
  selection: { which, albums, people, ...selection },
  limit,
  sample,
}: ChosenPhotos): JsonObject {
  // Of the type that is read: a kind of choice that could be written and not read would hide all backfills from then on.
  const kept: z.output<typeof whichKept> = which;
  return {
    backfill,
    selection: { ...selection, which: { ...kept }, albums: plain(albums), people: plain(people) },
    limit,
    sample,
  };
}

const plain = (named: readonly ImmichNamed[] | undefined) => named?.map(({ id, name }) => ({ id, name }));

/** The latest first. */
export async function backfillEnds(database: Database, limit: number): Promise<readonly BackfillEnd[]> {
  const rows = await database.rows(
    endRow,
    (sql) => sql`
      select id, workflow_id, library, chosen, started, ended, outcome, reason, progress
      from darkroom.backfill where outcome <> 'running' order by ended desc, id limit ${limit}`,
  );
  return rows.map(({ id: backfill, started, ended, chosen: photos, reason, ...row }) => ({
    ...row,
    backfill,
    startedAt: started.getTime(),
    endedAt: ended.getTime(),
    ...(photos !== null && { chosen: photos }),
    ...(reason !== null && { reason }),
  }));
}

export async function beginBackfill(database: Database, begun: BegunBackfill): Promise<void> {
  const { workflowId, library, chosen: photos, priority } = begun;
  await database.run(
    (sql, json) => sql`
      insert into darkroom.backfill (id, workflow_id, library, chosen, priority, started, outcome)
      select ${photos.backfill}, ${storable(workflowId)}, ${storable(library)}, ${json(jsonOf(photos))}, ${priority}, now(),
        'running'
      where not exists (select from darkroom.backfill where id = ${photos.backfill})
      on conflict (id) do nothing`,
  );
}

const begunRow = z.object({ workflowId: z.string(), library: z.string(), chosen, priority: z.number() });

export const begunBackfills = (database: Database): Promise<readonly BegunBackfill[]> =>
  database.rows(
    begunRow,
    (sql) => sql`
      select workflow_id, library, chosen, priority from darkroom.backfill
      where outcome = 'running' and chosen is not null and priority is not null order by started, id limit 1000`,
  );

export async function endOutside(database: Database, backfill: string, reason: string): Promise<void> {
  await database.run(
    (sql, json) => sql`
      update darkroom.backfill
      set outcome = 'cancelled', ended = now(), reason = ${storable(reason)}, progress = ${json({ ...nothingYet, problems: [] })}
      where id = ${backfill} and outcome = 'running'`,
  );
}
