import { readFile } from 'node:fs/promises';
import postgres from 'postgres';
import { postgresOptions } from '../../runtime/database/target.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';

export type TableLayout = '3.2' | '3.1';

const files: Readonly<Record<TableLayout, readonly string[]>> = {
  '3.2': ['schema.sql', 'albums.sql'],
  '3.1': ['schema.sql', 'albums.sql', 'people-v3.1.sql', 'albums-v3.1.sql'],
};

export interface ImmichTables {
  readonly layout: TableLayout;
  readonly database: TestDatabase;
  /** As Immich's own server is connected: the owner of all tables. */
  readonly sql: postgres.Sql;
  /** IMMICH_DB_URL for a role; by default the owner's. */
  urlFor(role?: string): string;
  /** Statements as the server's administrator, who may make roles. */
  asAdministrator(statements: string): Promise<void>;
  close(): Promise<void>;
}

/** A database with Immich's tables, empty. */
export async function immichTables(layout: TableLayout): Promise<ImmichTables> {
  const database = await testDatabase();
  const { target } = database;
  const { url: _none, options } = postgresOptions(target, { max: 4 });
  const sql = postgres({ ...options, transform: {} });
  for (const file of files[layout]) {
    await sql.unsafe(await readFile(new URL(`fixtures/immich/${file}`, import.meta.url), 'utf8')).simple();
  }
  return {
    layout,
    database,
    sql,
    urlFor: (role = target.user) =>
      `postgres://${role}@localhost/${target.database}?host=${encodeURIComponent(target.socketDir)}`,
    async asAdministrator(statements) {
      const admin = postgres({ ...options, transform: {}, user: 'postgres', max: 1 });
      await admin.unsafe(statements).simple();
      await admin.end();
    },
    close: () => sql.end({ timeout: 2 }),
  };
}
