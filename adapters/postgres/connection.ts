import postgres from 'postgres';
import { z } from 'zod';
import { databaseUnavailable, isConnectionFault, toDomainError, isDeadlock } from './faults.ts';
import { createGate } from './gate.ts';
import { type Json, storableJson } from './json.ts';

/** `postgres(url, options)`: a URL, or the socket path, user and database of the embedded server. */
export interface DatabaseAddress {
  readonly url?: string | undefined;
  readonly options?: Readonly<postgres.Options<Record<string, never>>>;
}

export interface PoolSettings {
  /** Connections at most, and statements on their way at once: never two on one connection. */
  readonly max: number;
  /** After this long a call is given up; half a second earlier the server ends the statement by itself. */
  readonly limitMs?: number;
}

export type Sql = postgres.Sql;
/** Builds one statement; `json` makes a jsonb parameter out of a plain value. */
export type Statement = (sql: Sql, json: (value: Json) => postgres.Parameter) => PromiseLike<Iterable<unknown>>;

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface Database {
  /** Runs one statement and parses each row. Throws TransientError DatabaseUnavailable, DiskFull; ConfigError BadConfig. */
  rows<S extends z.ZodType>(row: S, statement: Statement, options?: CallOptions): Promise<z.output<S>[]>;
  /** Runs one statement whose rows do not matter. Throws the same. */
  run(statement: Statement, options?: CallOptions): Promise<void>;
  /** Lets statements on their way end, for two seconds at most; later calls are refused. */
  close(): Promise<void>;
}

interface Pool {
  readonly sql: Sql;
  busy: number;
  retired: boolean;
}

/** A local activity has 5 s in all (architecture 3). */
const defaultLimitMs = 4_000;

/**
 * Opens nothing yet: the first call connects. Every call is one statement, and ends within `limitMs` whatever the
 * server does. When a connection breaks or hangs the whole pool behind this is replaced, because the driver (3.4.9) does
 * not get over it: what it had written to a broken socket keeps a flag set that stops that connection from ever writing again.
 */
export function connect(address: DatabaseAddress, { max, limitMs = defaultLimitMs }: PoolSettings): Database {
  const gate = createGate(max);
  const open = (): Pool => ({ sql: openPool(address, { max, limitMs }), busy: 0, retired: false });
  let current = open();
  let closed = false;

  const retire = (pool: Pool): void => {
    if (pool !== current || closed) return;
    pool.retired = true;
    current = open();
  };
  const leavePool = (pool: Pool): void => {
    pool.busy -= 1;
    if (pool.retired && pool.busy === 0) void pool.sql.end({ timeout: 0 });
  };

  /** Sends one statement, and watches it: its place is free again when it ends, or when the server should long have ended it. */
  const send = (statement: Statement, leaveGate: () => void): Promise<Iterable<unknown>> => {
    const pool = current;
    pool.busy += 1;
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (settle: () => void) => {
        if (over) return;
        over = true;
        clearTimeout(watch);
        leaveGate();
        leavePool(pool);
        settle();
      };
      const watch = setTimeout(() => {
        retire(pool);
        end(() => reject(databaseUnavailable(`no answer for ${limitMs} ms`)));
      }, limitMs);
      const fail = (error: unknown) => {
        if (isConnectionFault(error)) retire(pool);
        end(() => reject(toDomainError(error)));
      };
      try {
        statement(pool.sql, (value) => pool.sql.json(storableJson(value))).then(
          (rows) => end(() => resolve(rows)),
          fail,
        );
      } catch (error) {
        fail(error);
      }
    });
  };

  const call = async (statement: Statement, signal: AbortSignal | undefined): Promise<Iterable<unknown>> => {
    if (closed) throw databaseUnavailable('this process is closing its connections');
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(databaseUnavailable(`no answer for ${limitMs} ms`)), limitMs);
    const either = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
    const once = async () => orAborted(send(statement, await gate.enter(either)), either);
    try {
      // Nothing of it was done, and whoever it stood in the way of is through.
      return await once().catch((error: unknown) => (isDeadlock(error) ? once() : Promise.reject(error)));
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    async rows(row, statement, options) {
      return z.array(row).parse([...(await call(statement, options?.signal))]);
    },
    async run(statement, options) {
      await call(statement, options?.signal);
    },
    async close() {
      closed = true;
      await current.sql.end({ timeout: 2 });
    },
  };
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The driver, with what makes it safe here. Also for migrations, which need no limit per statement. */
export function openPool(
  address: DatabaseAddress,
  { max, limitMs }: { max: number; limitMs: number | undefined },
): Sql {
  const options: postgres.Options<Record<string, never>> = {
    ...address.options,
    max,
    connect_timeout: 3,
    // Its own waits between connects grow to 20 s, longer than anybody here waits; ours is the caller's retry.
    backoff: () => 0.05,
    // Asking for array types leaves a rejection that nobody handles when the connection breaks meanwhile. Lists go as JSON instead.
    fetch_types: false,
    idle_timeout: 60,
    max_lifetime: 0,
    onnotice: () => {},
    connection: {
      application_name: 'darkroom',
      ...(limitMs === undefined ? {} : { statement_timeout: Math.round(Math.max(limitMs / 2, limitMs - 500)) }),
    },
    // Columns only: the driver's `camel` also renames the keys inside JSON values.
    transform: { column: { from: postgres.toCamel } },
  };
  return address.url === undefined ? postgres(options) : postgres(address.url, options);
}
