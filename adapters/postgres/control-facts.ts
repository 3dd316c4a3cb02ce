import { z } from 'zod';
import type { Database } from './connection.ts';
import type { Json } from './json.ts';

const factRow = z.object({ value: z.unknown(), updated: z.date() });

/** Small facts that processes tell each other by way of the database, by key. */
export interface ControlFacts {
  put(key: string, value: Json): Promise<void>;
  /** `updated` in milliseconds since 1970. Parsed by the one who knows the key. */
  get(key: string): Promise<{ value: unknown; updated: number } | undefined>;
}

export function createControlFacts({ database }: { database: Database }): ControlFacts {
  return {
    async put(key, value) {
      await database.run(
        (sql, json) => sql`
          insert into darkroom.control (key, value) values (${key}, ${json(value)})
          on conflict (key) do update set value = excluded.value, updated = now()`,
      );
    },
    async get(key) {
      const [row] = await database.rows(
        factRow,
        (sql) => sql`select value, updated from darkroom.control where key = ${key}`,
      );
      return row === undefined ? undefined : { value: row.value, updated: row.updated.getTime() };
    },
  };
}
