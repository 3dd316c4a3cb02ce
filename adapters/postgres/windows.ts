import { z } from 'zod';
import { pausable } from '../../domain/pause.ts';
import { weekdays, type Window, type WindowStore } from '../../domain/window.ts';
import { zoneOf } from '../../domain/zone-clock.ts';
import type { Database } from './connection.ts';

const minutes = z.number().int().min(0).max(1_439);
const isPausable = (what: string): what is keyof typeof pausable => what in pausable;
const windowSchema = z.object({
  name: z.string(),
  what: z.string().refine(isPausable),
  from: minutes,
  to: minutes,
  zone: z.string().refine((zone) => zoneOf(zone) !== undefined),
  days: z.array(z.enum(weekdays)).min(1),
  by: z.string(),
  since: z.number(),
});
const overruleSchema = z.object({ until: z.number() });
const row = z.object({ key: z.string(), value: z.unknown() });

const windowPrefix = 'window/';
const overrulePrefix = 'overrule/';

/** Rows of `darkroom.control`. What cannot be read, because a newer version wrote it, is left out: it must not stop pauses from ending. */
export function createWindowStore({ database }: { database: Database }): WindowStore {
  return {
    async look() {
      const rows = await database.rows(
        row,
        (sql) => sql`
          select key, value from darkroom.control
          where starts_with(key, ${windowPrefix}) or starts_with(key, ${overrulePrefix}) order by key`,
      );
      const overrules = new Map<string, number>();
      const windows: Window[] = [];
      for (const { key, value } of rows) {
        if (key.startsWith(overrulePrefix)) {
          const { data } = overruleSchema.safeParse(value);
          if (data !== undefined) overrules.set(key.slice(overrulePrefix.length), data.until);
        } else {
          const { data } = windowSchema.safeParse(value);
          if (data !== undefined) windows.push(data);
        }
      }
      return { windows, overrules };
    },
    async put({ name, what, from, to, zone, days, by, since }) {
      const value = { name, what, from, to, zone, days, by, since };
      await database.run(
        (sql, json) => sql`
          with forgotten as (delete from darkroom.control where starts_with(key, ${overrulePrefix}))
          insert into darkroom.control (key, value) values (${windowPrefix + name}, ${json(value)})
          on conflict (key) do update set value = excluded.value, updated = now()`,
      );
    },
    async remove(name) {
      const rows = await database.rows(
        row,
        (sql) => sql`
          with forgotten as (delete from darkroom.control where starts_with(key, ${overrulePrefix}))
          delete from darkroom.control where key = ${windowPrefix + name} returning key, value`,
      );
      return rows.map(({ value }) => windowSchema.safeParse(value).data)[0];
    },
    async overrule(queue, until) {
      await database.run(
        (sql, json) => sql`
          insert into darkroom.control (key, value) values (${overrulePrefix + queue}, ${json({ until })})
          on conflict (key) do update set value = excluded.value, updated = now()`,
      );
    },
  };
}
