import { z } from 'zod';
import { pausable } from '../../domain/pause.ts';
import type { PlannedPause, PlannedPauseStore } from '../../domain/planned-pause.ts';
import type { Database } from './connection.ts';
import type { JsonObject } from './json.ts';

const planSchema = z.object({
  id: z.string(),
  by: z.string(),
  why: z.string().exactOptional(),
  since: z.number(),
  until: z.number().exactOptional(),
  force: z.boolean(),
});
const row = z.object({ key: z.string(), value: z.unknown() });
type Row = z.infer<typeof row>;

const prefix = 'planned/';
const keyOf = (queue: string): string => `${prefix}${queue}`;

/** Rows of `darkroom.control`, one for each queue. What cannot be read, because a newer version wrote it, is left out. */
export function createPlannedPauseStore({ database }: { database: Database }): PlannedPauseStore {
  return {
    async look() {
      const rows = await database.rows(
        row,
        (sql) => sql`select key, value from darkroom.control where starts_with(key, ${prefix})`,
      );
      return plansIn(rows);
    },
    async put(plans) {
      const values: JsonObject = Object.fromEntries(plans.map(({ queue, ...plan }) => [keyOf(queue), { ...plan }]));
      // The last part sees the rows as they were before.
      const before = await database.rows(
        row,
        (sql, json) => sql`
          with wanted as (select key, value from jsonb_each(${json(values)})),
          put as (
            insert into darkroom.control (key, value) select key, value from wanted
            on conflict (key) do update set value = excluded.value, updated = now()
          )
          select key, value from darkroom.control where key in (select key from wanted)`,
      );
      return plansIn(before);
    },
    done: ({ queue, id }) =>
      database.run((sql) => sql`delete from darkroom.control where key = ${keyOf(queue)} and value ->> 'id' = ${id}`),
    async drop(queues) {
      const dropped = await database.rows(
        row,
        (sql, json) => sql`
          delete from darkroom.control where key in (select jsonb_array_elements_text(${json(queues.map(keyOf))}))
          returning key, value`,
      );
      return plansIn(dropped);
    },
  };
}

/** In the order of the queues: the model calls, which cost, come first. */
const plansIn = (rows: readonly Row[]): PlannedPause[] =>
  pausable.all.flatMap((queue) => {
    const { data } = planSchema.safeParse(rows.find(({ key }) => key === keyOf(queue))?.value);
    return data === undefined ? [] : [{ queue, ...data }];
  });
