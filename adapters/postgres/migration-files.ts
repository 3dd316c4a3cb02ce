import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../domain/errors.ts';

export interface MigrationFile {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** One row of `darkroom.migration`. */
export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

const oldestServer = 140_000;

/** Reads `NNNN_name.sql` in order. A file that is not named so, or a number used twice, is a mistake of ours and throws. */
export async function loadMigrations(folder: string): Promise<readonly MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(
    names.map(async (name) => parseMigration(name, await readFile(join(folder, name), 'utf8'))),
  );
  for (const [index, { number, name }] of files.entries()) {
    if (files[index - 1]?.number === number) throw new Error(`${folder}: ${name} has a number that is already used.`);
  }
  if (files.length === 0) throw new Error(`${folder} holds no migrations.`);
  return files;
}

/** Line endings and a byte order mark do not count: a checkout on another system must have the same checksums. */
export function parseMigration(name: string, text: string): MigrationFile {
  const [, digits] = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name) ?? [];
  if (digits === undefined) throw new Error(`${name} is not named like 0001_what_it_does.sql.`);
  const sql = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  // A file is applied as one implicit transaction together with its row in the ledger; these would cut it in two.
  if (/^\s*(begin|commit|rollback|start\s+transaction)\b[^;]*;|\bconcurrently\b/im.test(withoutComments(sql))) {
    throw new Error(`${name} must not control transactions or build an index concurrently.`);
  }
  return { number: Number(digits), name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}

/** Bodies of functions hold `begin` too; they stand between dollar quotes. */
const withoutComments = (sql: string): string => sql.replace(/--.*$/gm, '').replace(/\$(\w*)\$.*?\$\1\$/gs, "''");

/**
 * Which files are still to be applied. Throws ConfigError BadConfig where the ledger does not belong to this program: a number
 * that it does not know, a file that was changed after it was applied, or one that came late with a lower number.
 */
export function pendingMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const known = new Map(files.map((file) => [file.number, file]));
  const unknown = applied.find(({ number }) => !known.has(number));
  if (unknown !== undefined) {
    throw new ConfigError(
      'BadConfig',
      `The database was made by a newer Darkroom: it has migration ${unknown.name}, which this one does not know. ` +
        'Update Darkroom, or point DATABASE_URL at another database.',
    );
  }
  for (const { number, name, checksum } of applied) {
    if (known.get(number)?.checksum === checksum) continue;
    throw new ConfigError(
      'BadConfig',
      `Migration ${name} was changed after it was applied to this database. ` +
        'Put the file back as it was released; changes belong in a new migration.',
    );
  }
  const newest = Math.max(0, ...applied.map(({ number }) => number));
  const pending = files.filter(({ number }) => !applied.some((row) => row.number === number));
  const late = pending.find(({ number }) => number < newest);
  if (late !== undefined) {
    throw new ConfigError(
      'BadConfig',
      `Migration ${late.name} is missing in this database, but later ones are in it. Use the release that made it.`,
    );
  }
  return pending;
}

/** `versionNumber` is the server's `server_version_num`: 140005 is 14.5. Throws ConfigError BadConfig. */
export function checkServerVersion(versionNumber: number): void {
  if (versionNumber >= oldestServer) return;
  const version = `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}`;
  throw new ConfigError(
    'BadConfig',
    `The database is Postgres ${version}; Darkroom needs 14 or newer. Upgrade the server, or point DATABASE_URL at another ` +
      'one; without DATABASE_URL the embedded one is used.',
  );
}
