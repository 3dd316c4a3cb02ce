import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ports } from './ports.ts';

/** File names inside the state folder; the server runs in that folder, so odd characters in its path need no escaping. */
export const MAIN_DB = 'temporal.db';
const VISIBILITY_DB = 'visibility.db';

export interface ConfigFiles {
  readonly serverConfig: string;
  /** The UI reads `<uiConfigDir>/development.yaml`. */
  readonly uiConfigDir: string;
}

/** Writes the files that server and UI read. JSON is valid YAML, so nothing has to be quoted by hand. */
export async function writeConfigFiles(input: { dir: string; ports: Ports; namespace: string }): Promise<ConfigFiles> {
  const { dir, ports, namespace } = input;
  const uiConfigDir = join(dir, 'ui');
  const dynamicConfig = join(dir, 'dynamic.yaml');
  const serverConfig = join(dir, 'server.yaml');
  await mkdir(uiConfigDir, { recursive: true, mode: 0o700 });
  const write = (file: string, content: object) => writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
  await write(dynamicConfig, dynamicValues());
  await write(serverConfig, serverValues(ports, dynamicConfig));
  await write(join(uiConfigDir, 'development.yaml'), uiValues(ports, namespace));
  return { serverConfig, uiConfigDir };
}

function serverValues(ports: Ports, dynamicConfig: string): object {
  const { frontend, history, matching, worker, http, membershipOffset } = ports;
  const rpc = (grpcPort: number) => ({ grpcPort, membershipPort: grpcPort + membershipOffset, bindOnLocalHost: true });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'main',
      visibilityStore: 'visibility',
      numHistoryShards: 1,
      datastores: { main: { sql: sqlite(MAIN_DB) }, visibility: { sql: sqlite(VISIBILITY_DB) } },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: { rpc: { ...rpc(frontend), httpPort: http } },
      history: { rpc: rpc(history) },
      matching: { rpc: rpc(matching) },
      worker: { rpc: rpc(worker) },
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${frontend}`,
          httpAddress: `127.0.0.1:${http}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicConfig, pollInterval: '10s' },
  };
}

/**
 * One connection per file: at 8 the server was slower (3.8 against 6.4 workflows/s) and reported locked databases.
 * Visibility has a file of its own for the same reason, worth 10 to 20 %. `synchronous` 1 may lose the last
 * transactions at a power cut but not the file; Postgres knows what is done.
 */
const sqlite = (databaseName: string) => ({
  pluginName: 'sqlite',
  databaseName,
  connectAddr: 'localhost',
  connectProtocol: 'tcp',
  connectAttributes: { cache: 'private', setup: 'true', journal_mode: 'wal', synchronous: '1' },
  maxConns: 1,
  maxIdleConns: 1,
  maxConnLifetime: '1h',
});

/**
 * One partition makes the order by priority strict; fairness shares a level between libraries. A run whose workflow task
 * failed twice in a row is marked with `TemporalReportedProblems`: at the server's own 5 that took more than 20 s of growing
 * pauses, at 2 it was found after 12 s. It costs one write of visibility for such a run, and nothing for others.
 * The cache keeps the state of each run for an hour after it ended, 128,000 of them: with 8,000 ended the server had 573 MB and
 * grew, with 1,000 kept it stays at 333 MB and takes no more CPU a photo.
 */
export const dynamicSettings = {
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'matching.enableFairness': true,
  'history.hostLevelCacheMaxSize': 1_000,
  'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute': 2,
} as const;

const dynamicValues = (): object =>
  Object.fromEntries(Object.entries(dynamicSettings).map(([name, value]) => [name, [{ value, constraints: {} }]]));

const uiValues = (ports: Ports, namespace: string): object => ({
  temporalGrpcAddress: `127.0.0.1:${ports.frontend}`,
  host: '127.0.0.1',
  port: ports.ui,
  enableUi: true,
  defaultNamespace: namespace,
  disableNewsFetch: true,
  notifyOnNewVersion: false,
  cors: { allowOrigins: [`http://127.0.0.1:${ports.ui}`, `http://localhost:${ports.ui}`] },
});
