import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { after } from 'node:test';
import type { Child } from '../../runtime/child.ts';
import { askServer } from '../../runtime/database/ask-server.ts';
import { type EmbeddedPostgres, createEmbeddedPostgres } from '../../runtime/database/embedded.ts';
import type { LogLine } from '../../runtime/database/server-log.ts';
import type { DatabaseTarget } from '../../runtime/database/target.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

interface Cluster {
  readonly server: EmbeddedPostgres;
  readonly folder: string;
  readonly log: readonly LogLine[];
  child: Child;
}

export interface TestDatabase {
  /** A database of its own, empty, on the test process's one server. */
  readonly target: DatabaseTarget & { readonly kind: 'socket' };
  /** What the server said so far. */
  readonly log: readonly LogLine[];
  /** Stops the server as a clean stop of Darkroom does; every database of this process goes away with it. */
  stop(): Promise<void>;
  /** Kills the server as a crash would, and resolves when it is gone. */
  kill9(): Promise<void>;
  /** Starts it again after `stop` or `kill9`, and resolves when it answers. */
  start(): Promise<void>;
}

let cluster: Promise<Cluster> | undefined;

after(async () => {
  if (cluster === undefined) return;
  const { server, folder } = await cluster;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A fresh database on the embedded server of this test process: the first call starts it (about 1 s), the last test stops it. */
export async function testDatabase(): Promise<TestDatabase> {
  cluster ??= startCluster();
  const running = await cluster;
  const { server, log } = running;
  const database = `test_${randomBytes(6).toString('hex')}`;
  const { socketDir, user } = server.connection;
  const admin = { socketDir, user: 'postgres', database: 'postgres' };
  await askServer(admin, `create database ${database} owner ${user}`, AbortSignal.timeout(10_000));
  return {
    target: { ...server.connection, database },
    log,
    stop: () => server.stop(),
    async kill9() {
      process.kill(running.child.identity.pid, 'SIGKILL');
      await running.child.exited;
    },
    async start() {
      running.child = await server.start();
      await server.ready(AbortSignal.timeout(30_000));
    },
  };
}

async function startCluster(): Promise<Cluster> {
  const folder = await makeTemporaryFolder();
  const log: LogLine[] = [];
  const server = await createEmbeddedPostgres({ dataDir: folder, onLog: (line) => log.push(line) });
  const child = await server.start();
  // A test process that is ended from outside (the runner's time limit) must not leave its server behind.
  process.once('SIGTERM', () => process.exit(143));
  process.once('exit', () => {
    try {
      process.kill(child.identity.pid, 'SIGQUIT');
    } catch {
      // It is gone already.
    }
  });
  await server.ready(AbortSignal.timeout(30_000));
  return { server, folder, log, child };
}
