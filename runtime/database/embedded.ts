import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError, errorCode } from '../../domain/errors.ts';
import { type Child, type ProcessIdentity, adoptProcess, isAlive, stopProcess } from '../child.ts';
import { ServerError, askServer } from './ask-server.ts';
import { findBinaries } from './binaries.ts';
import { clusterDirOf, diskFull, ensureCluster, startServerProgram } from './cluster.ts';
import { type Running, clearDead, findRunning, kill } from './postmaster.ts';
import { type OnLog, createServerLog } from './server-log.ts';
import { chooseSocketFolder, ensureSocketFolder } from './socket-folder.ts';
import { type DatabaseTarget, embeddedDatabase, embeddedRole } from './target.ts';
import { serverAccount } from './unprivileged-user.ts';

export interface EmbeddedOptions {
  /** Exists already; see runtime/data-folder.ts. */
  readonly dataDir: string;
  /** XDG_RUNTIME_DIR, where it is set. */
  readonly runtimeDir?: string | undefined;
  readonly onLog: OnLog;
}

export interface EmbeddedPostgres {
  /** `18.4` */
  readonly version: string;
  readonly connection: DatabaseTarget & { readonly kind: 'socket' };
  /** A server of an earlier run was found alive; `start` takes it over. Its log lines are lost. */
  readonly adopted: boolean;
  /** Starts the server, or takes over the one that runs. May be called again after it died. */
  start(): Promise<Child>;
  /**
   * Resolves when the database answers, made first where it is missing. Rejects with TransientError when the server ended
   * instead (DiskFull where that was why), or with the signal's reason.
   */
  ready(signal: AbortSignal): Promise<void>;
  /** Disconnects everybody and stops: asked politely for 5 s, then without tidying up (the next start recovers). */
  stop(): Promise<void>;
}

/**
 * Postgres 18 from npm, in the data folder, on a Unix socket only. Makes the cluster where there is none (0.7 s), but does not
 * start it. Call it under the data folder's lock. Throws ConfigError and TransientError with what to do.
 */
export async function createEmbeddedPostgres({
  dataDir: asked,
  runtimeDir,
  onLog,
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = await realpath(asked);
  const account = await serverAccount(clusterDirOf(dataDir));
  const binaries = await findBinaries({ dataDir, account });
  const { clusterDir, created } = await ensureCluster({ dataDir, binaries, account, onLog });
  const left = await adoptable(clusterDir);
  const socketDir = left?.socketDir ?? (await chooseSocketFolder({ dataDir, runtimeDir, account }));
  const log = createServerLog(onLog);
  let child: Child | undefined;
  let isMade = !created;

  const start = async () => {
    const running = await findRunning(clusterDir);
    if (running !== undefined && running.socketDir === socketDir) return (child = adoptProcess(running.identity));
    await ensureSocketFolder(socketDir, account);
    await clearDead(clusterDir, socketDir);
    return (child = await startServerProgram(
      binaries.postgres,
      ['-D', clusterDir, ...settings(socketDir)],
      account,
      log.line,
    ));
  };
  const gone = () => {
    const said = log.said();
    if (/No space left on device|Disk quota exceeded/.test(said)) return diskFull(dataDir, said);
    return new TransientError(
      'DatabaseUnavailable',
      `Postgres ended before it was ready: ${said || 'it said nothing'}`,
    );
  };
  const ready = async (signal: AbortSignal) => {
    while (true) {
      signal.throwIfAborted();
      if (child === undefined || !isAlive(child.identity)) throw gone();
      try {
        if (!isMade) await makeDatabase(socketDir, signal);
        isMade = true;
        return await askServer({ socketDir, user: embeddedRole, database: embeddedDatabase }, 'select 1', signal);
      } catch (error) {
        signal.throwIfAborted();
        const code = errorCode(error) ?? '';
        if (code === '3D000' || code === '28000') isMade = false;
        else if (code === '53300')
          return; // every connection is in use: it works
        else if (error instanceof ServerError && !passing.has(code)) throw unusable(error);
        await sleep(20, undefined, { signal });
      }
    }
  };
  const stop = async () => {
    const identity = child?.identity ?? (await findRunning(clusterDir))?.identity;
    if (identity !== undefined) await stopServer(identity);
    await child?.exited;
  };
  const connection = { kind: 'socket', socketDir, user: embeddedRole, database: embeddedDatabase } as const;
  return { version: binaries.version, connection, adopted: left !== undefined, start, ready, stop };
}

/** A server that lives but does not answer within 5 s (its socket was tidied away, it hangs) is stopped. */
async function adoptable(clusterDir: string): Promise<Running | undefined> {
  const running = await findRunning(clusterDir);
  if (running === undefined) return undefined;
  const { identity, socketDir } = running;
  const limit = AbortSignal.timeout(5000);
  while (isAlive(identity) && !limit.aborted) {
    try {
      await askServer({ socketDir, user: 'postgres', database: 'postgres' }, 'select 1', limit);
      return running;
    } catch (error) {
      if (error instanceof ServerError && error.code === '53300') return running;
      if (errorCode(error) === 'ENOENT') break;
      await sleep(50);
    }
  }
  await stopServer(identity);
  return undefined;
}

const passing = new Set(['57P01', '57P02', '57P03']);

const unusable = (error: ServerError) =>
  new TransientError('DatabaseUnavailable', `The embedded database refuses: ${error.message} (${error.code})`, {
    cause: error,
  });

/** Safe to repeat, and safe to be killed in between. */
async function makeDatabase(socketDir: string, signal: AbortSignal): Promise<void> {
  const steps = [
    [`create role ${embeddedRole} login`, '42710'],
    [`create database ${embeddedDatabase} owner ${embeddedRole}`, '42P04'],
  ] as const;
  for (const [statement, existsAlready] of steps) {
    await askServer({ socketDir, user: 'postgres', database: 'postgres' }, statement, signal).catch(
      (error: unknown) => {
        if (errorCode(error) !== existsAlready) throw error;
      },
    );
  }
}

/** Fast shutdown, 5 s; then an immediate one, 2 s; then SIGKILL. */
async function stopServer(identity: ProcessIdentity): Promise<void> {
  if (!isAlive(identity)) return;
  kill(identity.pid, 'SIGINT');
  for (let waited = 0; waited < 5000 && isAlive(identity); waited += 20) await sleep(20);
  await stopProcess(identity, { signal: 'SIGQUIT', graceMs: 2000 });
}

/** On the command line, so that a newer Darkroom brings its own to an old cluster. */
const settings = (socketDir: string): string[] =>
  Object.entries({
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '40',
    shared_buffers: '64MB',
    fsync: 'on',
    // Three I/O processes less; everything hot fits in memory.
    io_method: 'sync',
    // One server, nobody follows it: less to write ahead.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_wal_size: '256MB',
    // Our queries are short; compiling or spreading them costs more than it saves.
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    // Shared memory as files of the cluster: /dev/shm has 64 MB in containers, and systemd empties it at logout.
    dynamic_shared_memory_type: 'mmap',
    // A query of an engine that was killed ends, and its locks go.
    client_connection_check_interval: '10s',
    idle_in_transaction_session_timeout: '5min',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%e ',
    log_checkpoints: 'off',
    // Statements hold what people wrote.
    log_min_error_statement: 'panic',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
