import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { TransientError } from '../../domain/errors.ts';
import type { Database } from './connection.ts';

/** Runs `work` while no other process on this database runs any under the same key. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>;

export interface ControlLockOptions {
  readonly database: Database;
  readonly key: string;
  /** `work` must have ended by then: after it another process may begin. The lock of a process that died ends so. */
  readonly ttlMs?: number;
  readonly lookEveryMs?: number;
}

/**
 * A lock for what is read here and then written elsewhere, where that place has no conditional write. The clock is the
 * database's. It throws TransientError where the database is away, or where somebody holds it for longer than its time.
 */
export function createControlLock(options: ControlLockOptions): Exclusively {
  const { database, key, ttlMs = 30_000, lookEveryMs = 100 } = options;
  return async (work) => {
    const holder = randomUUID();
    for (const until = Date.now() + ttlMs + 5_000; !(await take(database, { key, holder, ttlMs }));) {
      if (Date.now() > until) {
        throw new TransientError(
          'DatabaseUnavailable',
          'Another pause or resume is under way and does not end. Try again.',
        );
      }
      await sleep(lookEveryMs);
    }
    try {
      return await work();
    } finally {
      // What cannot be given back ends by itself.
      await giveBack(database, key, holder).catch(() => undefined);
    }
  };
}

async function take(database: Database, { key, holder, ttlMs }: { key: string; holder: string; ttlMs: number }) {
  const rows = await database.rows(
    z.object({ key: z.string() }),
    (sql, json) => sql`
      insert into darkroom.control as held (key, value) values (${key}, ${json({ holder })})
      on conflict (key) do update set value = excluded.value, updated = now()
        where held.updated < now() - ${ttlMs}::float8 * interval '1 millisecond'
      returning held.key`,
  );
  return rows.length > 0;
}

const giveBack = (database: Database, key: string, holder: string): Promise<void> =>
  database.run((sql) => sql`delete from darkroom.control where key = ${key} and value ->> 'holder' = ${holder}`);
