import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError, errorCode } from '../../domain/errors.ts';
import type { Binaries } from './binaries.ts';
import { initCluster } from './initdb.ts';
import type { OnLog } from './server-log.ts';
import type { Account } from './unprivileged-user.ts';

export const clusterDirOf = (dataDir: string): string => join(dataDir, 'postgres', '18');

interface ClusterInput {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly onLog: OnLog;
}

/**
 * The folder of a complete cluster of Postgres 18; made where there is none. `created` says that it was just made.
 * It is made under another name and renamed when complete: one killed half-way never has the real name.
 * Throws ConfigError where the folder cannot be used (other version, damaged, not reachable), TransientError DiskFull.
 */
export async function ensureCluster(input: ClusterInput): Promise<{ clusterDir: string; created: boolean }> {
  const clusterDir = clusterDirOf(input.dataDir);
  const parent = dirname(clusterDir);
  await mkdir(parent, { recursive: true, mode: 0o711 });
  if (input.account !== undefined) await chmod(parent, 0o711);
  await removeUnfinished(clusterDir);
  if (await isComplete(clusterDir, input)) {
    await checkOwner(clusterDir, input.account);
    return { clusterDir, created: false };
  }
  const unfinished = `${clusterDir}.new-${randomBytes(4).toString('hex')}`;
  await initCluster({ ...input, folder: unfinished, initdb: input.binaries.initdb });
  await rename(unfinished, clusterDir);
  await syncFolder(parent);
  return { clusterDir, created: true };
}

/**
 * What an initdb that was killed left behind: nobody ever wrote to it. It may outlive us and still be at work: it loses its folder
 * and fails, and what it manages to leave there goes next time.
 */
async function removeUnfinished(clusterDir: string): Promise<void> {
  const parent = dirname(clusterDir);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(clusterDir)}.new-`)) continue;
    await rm(join(parent, name), { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOTEMPTY') throw error;
    });
  }
}

/** False where there is nothing yet. A folder with data in it is never taken for nothing. */
async function isComplete(clusterDir: string, { binaries, onLog }: ClusterInput): Promise<boolean> {
  const names = await readdir(clusterDir).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (names === undefined) return false;
  const version = (await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  const major = binaries.version.split('.')[0];
  if (version !== '' && version !== major) {
    throw new ConfigError(
      'BadConfig',
      `${clusterDir} was made by Postgres ${version}, and this is Postgres ${binaries.version}: ` +
        `move the rows over with pg_dump of Postgres ${version}, or set DARKROOM_DATA_DIR to another folder`,
    );
  }
  const control = await stat(join(clusterDir, 'global', 'pg_control')).catch(() => undefined);
  if (version !== '' && control !== undefined && control.size > 0) return true;
  if (await holdsTables(clusterDir)) {
    throw new ConfigError(
      'BadConfig',
      `${clusterDir} is damaged (PG_VERSION or global/pg_control is missing) but holds tables: ` +
        'restore it from a backup, or move it away to begin with an empty database',
    );
  }
  const aside = `${clusterDir}.torn-${Date.now()}`;
  await rename(clusterDir, aside);
  onLog({ level: 'warn', source: 'postgres', msg: `an unfinished database was set aside: ${aside}` });
  return false;
}

/** The first tables of our own get numbers from 16384 on; initdb makes databases 1, 4 and 5 only. */
async function holdsTables(clusterDir: string): Promise<boolean> {
  const databases = await readdir(join(clusterDir, 'base')).catch(() => []);
  return databases.some((name) => Number(name) >= 16384);
}

async function checkOwner(clusterDir: string, account: Account | undefined): Promise<void> {
  const { uid } = await stat(clusterDir);
  const expected = account?.uid ?? process.getuid?.();
  if (expected === undefined || uid === expected) return;
  throw new ConfigError(
    'BadConfig',
    `${clusterDir} belongs to user ${uid}, and Postgres would run as user ${expected}: ` +
      'run Darkroom as the user who made it, give the folder to the other (chown -R), or set another DARKROOM_DATA_DIR',
  );
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
