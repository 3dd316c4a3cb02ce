import { z } from 'zod';
import { errorCode } from '../../domain/errors.ts';
import { type DatabaseAddress, openPool, type Sql } from './connection.ts';
import { databaseUnavailable, toDomainError } from './faults.ts';
import { checkServerVersion, loadMigrations, type MigrationFile, pendingMigrations } from './migration-files.ts';

/** Any number will do, as long as nobody else who locks in this database has the same: "darkroom" in ASCII. */
const lockKey = '7233188282340700013';
const uniqueViolation = '23505';

const versionRow = z.object({ version: z.coerce.number() });
const ledgerRow = z.object({ number: z.number(), name: z.string(), checksum: z.string() });
const presentRow = z.object({ present: z.boolean() });

export interface MigrateOptions {
  /** Waiting for another process that migrates counts too. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Brings the schema up to date with the numbered files of `folder`; returns the names applied now. Safe to call from several
 * processes at once, and to kill: a file and its row in the ledger are one batch in the simple protocol, which the server
 * runs as one transaction. Throws ConfigError BadConfig where database and program do not belong together, TransientError
 * DatabaseUnavailable.
 */
export async function migrate(
  address: DatabaseAddress,
  folder: string,
  { limitMs = 300_000, signal }: MigrateOptions = {},
): Promise<readonly string[]> {
  signal?.throwIfAborted();
  const files = await loadMigrations(folder);
  const sql = openPool(address, { max: 1, limitMs: undefined });
  const limit = AbortSignal.timeout(limitMs);
  const stop = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  // Ending the pool is what ends a statement that waits for the lock: its promise rejects.
  const end = () => void sql.end({ timeout: 0 });
  stop.addEventListener('abort', end, { once: true });
  try {
    return await applyAll(sql, files);
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) {
      throw databaseUnavailable(`migrations did not end within ${limitMs / 1000} s; does another process hold a lock?`);
    }
    throw toDomainError(error);
  } finally {
    stop.removeEventListener('abort', end);
    await sql.end({ timeout: 0 });
  }
}

async function applyAll(sql: Sql, files: readonly MigrationFile[]): Promise<readonly string[]> {
  const [server] = z
    .tuple([versionRow])
    .parse([...(await sql`select current_setting('server_version_num')::int as version`)]);
  checkServerVersion(server.version);
  await ensureLedger(sql);
  const done: string[] = [];
  for (;;) {
    const applied = z
      .array(ledgerRow)
      .parse([...(await sql`select number, name, checksum from darkroom.migration order by number`)]);
    const [next] = pendingMigrations(files, applied);
    if (next === undefined) return done;
    if (await apply(sql, next)) done.push(next.name);
  }
}

/** Asks before it creates: `create schema if not exists` wants a right that an owner may have used once and taken back. */
async function ensureLedger(sql: Sql): Promise<void> {
  const [ledger] = z
    .tuple([presentRow])
    .parse([...(await sql`select to_regclass('darkroom.migration') is not null as present`)]);
  if (ledger.present) return;
  await sql.unsafe(`
    select pg_advisory_xact_lock(${lockKey});
    do $$ begin
      if to_regnamespace('darkroom') is null then create schema darkroom; end if;
    end $$;
    create table if not exists darkroom.migration (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied timestamptz not null default now()
    );`);
}

/** False where another process was faster. Its row is visible once we have the lock, so that ours is a duplicate. */
async function apply(sql: Sql, { number, name, checksum, sql: text }: MigrationFile): Promise<boolean> {
  try {
    // Name and checksum hold letters, digits, `_` and `.` only: the simple protocol takes no parameters.
    await sql.unsafe(`
      select pg_advisory_xact_lock(${lockKey});
      insert into darkroom.migration (number, name, checksum) values (${number}, '${name}', '${checksum}');
      ${text}`);
    return true;
  } catch (error) {
    if (errorCode(error) === uniqueViolation && isLedgerConflict(error)) return false;
    throw error;
  }
}

const isLedgerConflict = (error: unknown): boolean =>
  error instanceof Error && 'table_name' in error && error.table_name === 'migration';
