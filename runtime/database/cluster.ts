import { chmod, chown, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, TransientError, errorCode } from '../../domain/errors.ts';
import { type Child, startChild, stopProcess } from '../child.ts';
import type { Binaries } from './binaries.ts';
import { type Account, firstBarrier } from './unprivileged-user.ts';
import type { OnLog } from './server-log.ts';

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
  await checkReachable(input);
  await removeUnfinished(clusterDir);
  if (await isComplete(clusterDir, input)) {
    await checkOwner(clusterDir, input.account);
    return { clusterDir, created: false };
  }
  const unfinished = `${clusterDir}.new-${process.pid}`;
  await initdb(unfinished, input);
  await rename(unfinished, clusterDir);
  await syncFolder(parent);
  return { clusterDir, created: true };
}

async function checkReachable({ dataDir, account }: ClusterInput): Promise<void> {
  const barrier = account && (await firstBarrier(join(dataDir, 'postgres'), account, 'traverse'));
  if (account === undefined || barrier === undefined) return;
  throw new ConfigError(
    'BadConfig',
    `Postgres does not run as root but as ${account.name}, who may not pass ${barrier}: ` +
      'set DARKROOM_DATA_DIR to a folder that every user may pass, such as /var/lib/darkroom',
  );
}

/** What an initdb that was killed left behind: nobody ever wrote to it. */
async function removeUnfinished(clusterDir: string): Promise<void> {
  const parent = dirname(clusterDir);
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${basename(clusterDir)}.new-`)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** False where there is nothing yet. A folder with data in it is never taken for nothing. */
async function isComplete(clusterDir: string, { binaries, onLog }: ClusterInput): Promise<boolean> {
  const names = await readdir(clusterDir).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new ConfigError('BadConfig', `${clusterDir} cannot be read: ${reasonOf(error)}. ${otherFolder}`, {
      cause: error,
    });
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

const otherFolder = 'Run Darkroom as the user who made it, or set another DARKROOM_DATA_DIR';
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Settings that are burnt in. The built-in C.UTF-8 knows upper and lower case of every script and needs no system locale. */
const initArgs = [
  '--username=postgres',
  '--auth-local=trust',
  '--auth-host=reject',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
];

async function initdb(folder: string, { binaries, account, dataDir }: ClusterInput): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  const lines: string[] = [];
  const child = await startServerProgram(binaries.initdb, ['-D', folder, ...initArgs], account, (line) =>
    lines.push(line),
  );
  const end = await within(child, 120_000);
  if (end === 'exit code 0') return;
  await sleep(50); // the last lines may come after the end
  await rm(folder, { recursive: true, force: true });
  const said = lines.slice(-4).join(' ');
  if (/No space left on device|Disk quota exceeded/.test(said)) throw diskFull(dataDir, said);
  throw new TransientError('DatabaseUnavailable', `The database could not be created in ${dataDir} (${end}): ${said}`);
}

export const diskFull = (dataDir: string, said: string): TransientError =>
  new TransientError(
    'DiskFull',
    `The disk of ${dataDir} is full: free some space there, or set DARKROOM_DATA_DIR (${said})`,
  );

async function within(child: Child, limitMs: number): Promise<string> {
  const limit = new AbortController();
  const late = sleep(limitMs, 'late' as const, { signal: limit.signal }).catch(() => 'late' as const);
  const end = await Promise.race([child.exited, late]);
  limit.abort();
  if (end === 'late') await stopProcess(child.identity, { graceMs: 1000 });
  return end === 'late' ? `still not done after ${limitMs / 1000} s` : end;
}

/** initdb or postgres, with nothing of our own environment: PGDATA, LC_* or a TZ would change what they do. */
export async function startServerProgram(
  command: string,
  args: readonly string[],
  account: Account | undefined,
  onLine: (line: string) => void,
): Promise<Child> {
  const owner = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  try {
    return await startChild({ command, args, env, cwd: '/', onLine, ...owner });
  } catch (error) {
    const hint = {
      ENOENT: 'it is built for glibc, which this system (Alpine?) does not have',
      EACCES: 'it may not be run from there (a file system mounted noexec?)',
      EPERM: `this process may not switch to ${account?.name ?? 'another user'} (CAP_SETUID dropped?)`,
    }[errorCode(error) ?? ''];
    throw new ConfigError(
      'BadConfig',
      `${command} could not be started: ${hint ?? reasonOf(error)}. Set DATABASE_URL to a Postgres of your own`,
      { cause: error },
    );
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
