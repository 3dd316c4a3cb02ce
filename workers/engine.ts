import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createControlFacts } from '../adapters/postgres/control-facts.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { createStatusQueries } from '../adapters/postgres/status-queries.ts';
import { createPhotos } from '../clients/photos.ts';
import { isDomainError, TransientError } from '../domain/errors.ts';
import { loadSettings } from '../runtime/config.ts';
import { describeTarget, postgresOptions } from '../runtime/database/target.ts';
import { createLog, type Logger } from '../runtime/log.ts';
import { sha256 } from '../runtime/sha256.ts';
import { pause, whenAborted } from '../runtime/when-aborted.ts';
import { workflowBundle } from './bundle.ts';
import { compose } from './compose.ts';
import { connectTemporal } from './connect-temporal.ts';
import { openLibraries } from './engine-libraries.ts';
import { type FromEngine, type StartEngine, toEngineSchema } from './engine-messages.ts';
import { reportProgress } from './engine-progress.ts';
import { createRuns } from './runs.ts';
import { installTemporalRuntime } from './temporal-log.ts';
import { createVisionSlots } from './vision-slots.ts';
import { createWorkers } from './workers.ts';

/**
 * The engine of `darkroom up`: workers, watcher and progress in one process, told by its supervisor what to do. It is
 * crash-only: the Postgres driver may throw from a timer when its server dies, then this process ends and is started again.
 */
const settings = loadSettings(process.env);
const log = createLog({ level: settings.DARKROOM_LOG_LEVEL, pretty: false, name: 'engine' });
const stopping = new AbortController();

const tell = (message: FromEngine): void => void (process.connected && process.send?.(message, () => undefined));

// Ctrl-C at the terminal is for the supervisor, which then tells us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => stopping.abort());
process.on('uncaughtException', (error) => die(error));
process.on('unhandledRejection', (error) => die(error));
process.on('message', (raw) => {
  const message = toEngineSchema.parse(raw);
  if (message.kind === 'stop') stopping.abort();
  else void run(message).then(() => process.exit(0), die);
});

function die(error: unknown): void {
  if (isDomainError(error) && error.code === 'BadConfig') tell({ kind: 'refused', message: error.message });
  log.fatal({ err: error }, 'The engine ends and is started again');
  // Time for the lines to reach the supervisor.
  setTimeout(() => process.exit(1), 100);
}

async function run(start: StartEngine): Promise<void> {
  installTemporalRuntime(log);
  const { signal } = stopping;
  const [, bundlePath, temporal] = await Promise.all([
    migrated(start, log, signal),
    workflowBundle(path.join(start.dataDir, 'bundles')),
    connectTemporal({ env: process.env, embedded: start.temporal, log, signal }),
  ]);
  const { client, connection, namespace } = temporal;
  const composed = compose({ settings, dataDir: start.dataDir, target: start.database, client, log });
  const { pool, wanted, assets, activities } = composed;
  const workers = await createWorkers({
    connection,
    namespace,
    bundlePath,
    activities,
    visionSlots: createVisionSlots({ permits: pool.permits }),
    visionSlotCount: settings.VISION_HOSTS.length * settings.VISION_SLOTS,
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  const photos = createPhotos({ client, sha256 });
  const libraries = await openLibraries(
    { assets, photos, recipeHash: wanted.hash, settings, dataDir: start.dataDir, log },
    start.folders,
  );
  tell({ kind: 'ready' });

  const report = reportProgress({
    queries: createStatusQueries({ database: composed.database }),
    facts: createControlFacts({ database: composed.database }),
    photos,
    runs: createRuns(client),
    pool,
    libraries: libraries.records,
    tell,
    signal,
  });
  await Promise.race([running, whenAborted(signal)]);
  await libraries.close();
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  await Promise.all([running, report]);
  await composed.close();
  await connection.close();
}

/** Brings the database up to date; one that does not answer is waited for, and said once. */
async function migrated({ database }: StartEngine, log: Logger, signal: AbortSignal): Promise<void> {
  const folder = fileURLToPath(new URL('../migrations', import.meta.url));
  for (let said = false; ; said = true) {
    try {
      const applied = await migrate(postgresOptions(database, { max: 1 }), folder, { signal });
      if (applied.length > 0) log.info({ applied }, 'The database was brought up to date');
      return;
    } catch (error) {
      if (!(error instanceof TransientError) || signal.aborted) throw error;
      if (!said) log.warn({ error: error.message, database: describeTarget(database) }, 'Waiting for the database');
      await pause(1_000, signal);
    }
  }
}
