import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { createFolders } from '../../activities/index.ts';
import { createStartPageActivities } from '../../activities/start-page.ts';
import type { Activities } from '../../domain/contract.ts';
import type { AssetStore, Folder, LibraryRecord } from '../../domain/ports.ts';
import { createEmbeddedPostgres } from '../../runtime/database/embedded.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { startTemporal } from '../../runtime/temporal/embedded.ts';
import { ensureNamespace } from '../../runtime/temporal/namespace.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { createRuns } from '../../workers/runs.ts';
import { createWorkers } from '../../workers/workers.ts';
import { recipeHash } from './synthetic-library.ts';

export interface Services {
  readonly client: Client;
  readonly database: Database;
  readonly assets: AssetStore;
  readonly library: LibraryRecord;
  /** Folder of Temporal's files. */
  readonly temporalDir: string;
  /** The real workers, over the real `startPage` and the steps that are given. */
  readonly work: (folder: Folder, steps: Omit<Activities, 'startPage'>) => Promise<() => Promise<void>>;
  /** How often a page was asked for. */
  readonly pagesAsked: () => number;
  /** Events of each run of a chain; the server lists what is closed too. */
  readonly chainOf: (workflowId: string) => Promise<readonly number[]>;
  stop(): Promise<void>;
}

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Embedded Postgres and Temporal in a folder of their own, as `up` starts them, with the workers in this process. */
export async function startServices(): Promise<Services> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
  });
  const home = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-backfill-'));
  await chmod(home, 0o711);
  const dataDir = path.join(home, 'data');
  await mkdir(dataDir, { mode: 0o711 });
  const postgres = await createEmbeddedPostgres({ dataDir, onLog: () => undefined });
  await postgres.start();
  await postgres.ready(AbortSignal.timeout(60_000));
  const address = postgresOptions(postgres.connection, { max: 8 });
  await migrate(address, migrations);
  const database = connect(address, { max: 8, limitMs: 600_000 });
  const env = { ...process.env, TEMPORAL_ADDRESS: '' };
  const temporal = await startTemporal({ dataDir, env, port: 0, uiPort: 0, onLog: () => undefined });
  const connection = await NativeConnection.connect({ address: temporal.address });
  await ensureNamespace(connection, { namespace: temporal.namespace, embedded: true });
  const { namespace } = temporal;
  const client = new Client({ connection, namespace });
  const assets = createAssetStore({ database });
  const library = await assets.ensureLibrary({ name: 'synthetic', root: '/synthetic' });
  const bundlePath = await workflowBundle(path.join(home, 'bundle'));
  let asked = 0;
  return {
    client,
    database,
    assets,
    library,
    temporalDir: path.join(dataDir, 'temporal'),
    async work(folder, steps) {
      const backfills = createBackfillStore({ database });
      const folders = createFolders(assets, () => folder);
      const wanted = { of: async () => ({ hash: recipeHash }) };
      const pages = createStartPageActivities({ folders, assets, backfills, runs: createRuns(client), wanted });
      const startPage: Activities['startPage'] = (input) => {
        asked += 1;
        return pages.startPage(input);
      };
      const workers = await createWorkers({
        connection,
        namespace,
        bundlePath,
        activities: { ...steps, startPage },
        visionSlots: { supplier: { type: 'fixed-size', numSlots: 8 }, count: 8 },
      });
      const running = Promise.all(workers.map((worker) => worker.run()));
      return async () => {
        for (const worker of workers) worker.shutdown();
        await running;
      };
    },
    pagesAsked: () => asked,
    async chainOf(id) {
      const events: number[] = [];
      for await (const { historyLength } of client.workflow.list({ query: `WorkflowId = '${id}'` }))
        events.push(historyLength);
      return events;
    },
    async stop() {
      await database.close();
      await connection.close();
      await temporal.stop();
      await postgres.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
