import { z } from 'zod';
import type { KeptPause, KeptPauses, PauseTarget } from '../../domain/kept-pause.ts';
import type { Pause } from '../../domain/pause.ts';
import type { Database } from './connection.ts';
import type { Json } from './json.ts';

const pauseSchema = z.object({
  id: z.string(),
  by: z.string(),
  why: z.string().exactOptional(),
  since: z.number(),
  until: z.number().exactOptional(),
});
/** A pause; or, after it, the last resume. */
const valueSchema = z.object({ pause: pauseSchema.optional(), resumed: z.string().optional() });
const row = z.object({ key: z.string(), value: z.unknown() });

const prefix = 'pause/';
const keyOf = ({ kind, name }: PauseTarget): string => `${prefix}${kind}/${name}`;

/** Rows of `darkroom.control`, one for each library or host that was ever paused. */
export function createKeptPauses({ database }: { database: Database }): KeptPauses {
  const replace = async (target: PauseTarget, value: Json): Promise<KeptPause | undefined> => {
    const key = keyOf(target);
    const [before] = await database.rows(
      row,
      (sql, json) => sql`
        with put as (
          insert into darkroom.control (key, value) values (${key}, ${json(value)})
          on conflict (key) do update set value = excluded.value, updated = now()
        )
        select key, value from darkroom.control where key = ${key}`,
    );
    const pause = valueSchema.safeParse(before?.value).data?.pause;
    return pause === undefined ? undefined : { ...pause, target };
  };
  return {
    async look() {
      const rows = await database.rows(
        row,
        (sql) => sql`select key, value from darkroom.control where starts_with(key, ${prefix}) order by key desc`,
      );
      const read = rows.flatMap(({ key, value }) => {
        const target = targetOf(key);
        return target === undefined ? [] : [{ target, ...valueSchema.safeParse(value).data }];
      });
      return {
        pauses: read.flatMap(({ target, pause }) => (pause === undefined ? [] : [{ ...pause, target }])),
        resumed: new Map(
          read.flatMap(({ target, resumed }) =>
            target.kind === 'host' && resumed !== undefined ? [[target.name, resumed]] : [],
          ),
        ),
      };
    },
    pause: (target, { id, by, why, since, until }: Pause) => replace(target, { pause: { id, by, why, since, until } }),
    resume: (target, id) => replace(target, { resumed: id }),
  };
}

function targetOf(key: string): PauseTarget | undefined {
  const [, kind, ...name] = key.split('/');
  return kind === 'library' || kind === 'host' ? { kind, name: name.join('/') } : undefined;
}
