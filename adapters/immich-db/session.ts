import { z } from 'zod';
import type postgres from 'postgres';
import { ConfigError } from '../../domain/errors.ts';
import type { Database, Sql, Statement } from '../postgres/connection.ts';
import type { Json } from '../postgres/json.ts';
import { isGoneMeanwhile, isOtherLayout, toImmichFault } from './faults.ts';
import { type Layout, layoutOf, layoutRow, layoutStatement } from './layout.ts';

/** What a statement is built from. `owner` is the user's id: every statement on assets asks for it. */
export interface Parts {
  readonly sql: Sql;
  readonly json: (value: Json) => postgres.Parameter;
  readonly layout: Layout;
  readonly owner: string;
}

export interface Session {
  /** Runs one statement and parses each row. Throws what the port promises (faults.ts). */
  rows<S extends z.ZodType>(
    row: S,
    statement: (parts: Parts) => PromiseLike<Iterable<unknown>>,
    signal: AbortSignal,
  ): Promise<z.output<S>[]>;
  /** What is known of the tables and the user; looked up again where it is older than five minutes or `anew` is asked for. */
  known(signal: AbortSignal, anew?: 'anew'): Promise<Known>;
  /** A statement that needs neither: the server may still be starting. */
  raw<S extends z.ZodType>(row: S, statement: Statement, signal: AbortSignal): Promise<z.output<S>[]>;
}

interface Known {
  readonly layout: Layout;
  readonly owner: string;
  readonly ownerName: string;
}

export interface SessionDeps {
  readonly database: Database;
  /** E-mail address or id. */
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Immich can be upgraded while we run: its server restarts, its database and our connections stay. */
const knownForMs = 5 * 60_000;

const userRow = z.object({ id: z.guid(), name: z.string() });

export function createSession({ database, user, now = Date.now }: SessionDeps): Session {
  let last: (Known & { readonly at: number }) | undefined;

  async function raw<S extends z.ZodType>(row: S, statement: Statement, signal: AbortSignal): Promise<z.output<S>[]> {
    try {
      return await database.rows(row, statement, { signal });
    } catch (error) {
      throw toImmichFault(error);
    }
  }

  async function known(signal: AbortSignal, anew?: 'anew'): Promise<Known> {
    if (last !== undefined && anew === undefined && now() - last.at < knownForMs) return last;
    const layout = layoutOf(await raw(layoutRow, layoutStatement, signal));
    const [found] = await raw(userRow, findUser(user), signal);
    if (found === undefined) throw noUser(user);
    last = { layout, owner: found.id, ownerName: found.name, at: now() };
    return last;
  }

  return {
    raw,
    known,
    async rows(row, statement, signal) {
      for (let isFirst = true; ; isFirst = false) {
        const parts = await known(signal);
        try {
          return await database.rows(row, (sql, json) => statement({ sql, json, ...parts }), { signal });
        } catch (error) {
          if (!isFirst || !(isOtherLayout(error) || isGoneMeanwhile(error))) throw toImmichFault(error);
          last = undefined;
        }
      }
    },
  };
}

const findUser =
  (user: string): Statement =>
  (sql) => sql`
    select id, name from "user"
    where "deletedAt" is null and (lower(email) = lower(${user}) or id::text = lower(${user}))`;

const noUser = (user: string) =>
  new ConfigError(
    'ImmichKeyRefused',
    `Immich has no user ${user}. Write the e-mail address in IMMICH_DB_USERS as Immich shows it.`,
  );
