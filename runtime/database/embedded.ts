import { realpath, rmdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from '../../domain/errors.ts';
import { type Child, adoptProcess, isAlive } from '../child.ts';
import { diskFull, folderFault, saysDiskFull } from '../data-folder.ts';
import { findBinaries } from './binaries.ts';
import { clusterDirOf, ensureCluster } from './cluster.ts';
import { adoptable } from './left-over.ts';
import { clearDead, findRunning, stopServer } from './postmaster.ts';
import { awaitDatabase } from './readiness.ts';
import { type OnLog, createServerLog } from './server-log.ts';
import { serverArgs } from './settings.ts';
import { ensureSocketFolder, makeSocketFolder } from './socket-folder.ts';
import { startServerProgram } from './server-program.ts';
import { type DatabaseTarget, embeddedDatabase, embeddedRole } from './target.ts';
import { checkReachable, serverAccount } from './unprivileged-user.ts';

export interface EmbeddedOptions {
  /** Exists already; see runtime/data-folder.ts. */
  readonly dataDir: string;
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
 * Postgres 18 from npm, in the data folder, on a Unix socket only. Makes the cluster where there is none (0.5 s), but does not
 * start it. Call it under the data folder's lock. Throws ConfigError and TransientError with what to do.
 */
export async function createEmbeddedPostgres({ dataDir, onLog }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { binaries, account, clusterDir, isNew, left, socketDir } = await prepare(dataDir, onLog).catch(
    (error: unknown) => {
      throw folderFault(dataDir, error);
    },
  );
  let server: Child | undefined;
  let mustMake = isNew;
  let log = createServerLog(onLog);

  const assertAlive = async () => {
    if (server !== undefined && isAlive(server.identity)) return;
    await sleep(50); // its last lines may come after its end
    const said = log.said();
    if (saysDiskFull(said)) throw diskFull(dataDir, said);
    throw new TransientError('DatabaseUnavailable', `Postgres ended before it was ready: ${said || 'it said nothing'}`);
  };
  return {
    version: binaries.version,
    connection: { kind: 'socket', socketDir, user: embeddedRole, database: embeddedDatabase },
    adopted: left !== undefined,
    async start() {
      const running = await findRunning(clusterDir);
      if (running?.socketDir === socketDir) return (server = adoptProcess(running.identity));
      await ensureSocketFolder(socketDir, account);
      await clearDead(clusterDir, socketDir);
      log = createServerLog(onLog);
      const args = ['-D', clusterDir, ...serverArgs(socketDir)];
      return (server = await startServerProgram(binaries.postgres, args, account, log.line));
    },
    async ready(signal) {
      await awaitDatabase({ socketDir, mustMake, assertAlive, signal });
      mustMake = false;
    },
    async stop() {
      const identity = server?.identity ?? left?.identity;
      if (identity !== undefined) await stopServer(identity);
      // Not while somebody else's file is in it.
      await rmdir(socketDir).catch(() => {});
    },
  };
}

async function prepare(asked: string, onLog: OnLog) {
  const dataDir = await realpath(asked);
  const account = await serverAccount(clusterDirOf(dataDir));
  if (account !== undefined) await checkReachable(dataDir, account);
  const binaries = await findBinaries({ dataDir, account });
  const { clusterDir, created } = await ensureCluster({ dataDir, binaries, account, onLog });
  const left = created ? undefined : await adoptable(clusterDir);
  const socketDir = left?.socketDir ?? (await makeSocketFolder(dataDir, account));
  return { binaries, account, clusterDir, isNew: created, left, socketDir };
}
