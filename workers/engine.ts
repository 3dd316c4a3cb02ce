import { createFirstLookQueries } from '../adapters/postgres/first-look.ts';
import { createPhotoSearch } from '../adapters/postgres/search.ts';
import { createStatusQueries } from '../adapters/postgres/status-queries.ts';
import { createPhotos } from '../clients/photos.ts';
import { isDomainError } from '../domain/errors.ts';
import { loadSettings } from '../runtime/config.ts';
import { hostCount } from '../runtime/host-changes.ts';
import { createLog } from '../runtime/log.ts';
import { sha256 } from '../runtime/sha256.ts';
import { whenAborted } from '../runtime/when-aborted.ts';
import { watchBackfills } from './engine-backfills.ts';
import { startEngineHttp } from './engine-http.ts';
import { openImmichLibraries } from './engine-immich.ts';
import { createTakeNew } from './engine-immich-take.ts';
import { openLibraries } from './engine-libraries.ts';
import { type FromEngine, type StartEngine, toEngineSchema } from './engine-messages.ts';
import { progressParts } from './engine-parts.ts';
import { reportProgress } from './engine-progress.ts';
import { fillSearch } from './engine-search.ts';
import { createHostsReload } from './hosts-reload.ts';
import { hostsWhenRight } from './hosts-when-right.ts';
import { createRuns } from './runs.ts';
import { startWorkers } from './start-workers.ts';
import { installTemporalRuntime } from './temporal-log.ts';

/**
 * The engine of `darkroom up`: workers, watcher and progress in one process, told by its supervisor what to do. It is
 * crash-only: the Postgres driver may throw from a timer when its server dies, then this process ends and is started again.
 */
const settings = loadSettings(process.env);
const log = createLog({ level: settings.DARKROOM_LOG_LEVEL, pretty: false, name: 'engine' });
const stopping = new AbortController();

const tell = (message: FromEngine): void => void (process.connected && process.send?.(message, () => undefined));

/** Set once there are hosts that can be changed; a wish for it that comes earlier is kept. */
let reload: (() => Promise<void>) | undefined;
let reloadIsWanted = false;

// What a terminal or a person sends is for the supervisor, which then tells us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => stopping.abort());
process.on('uncaughtException', (error) => die(error));
process.on('unhandledRejection', (error) => die(error));
process.on('message', (raw) => {
  const message = toEngineSchema.parse(raw);
  if (message.kind === 'stop') stopping.abort();
  else if (message.kind === 'reload') void (reload?.() ?? (reloadIsWanted = true));
  else void run(message).then(() => process.exit(0), die);
});

function die(error: unknown): void {
  // Told to stop while it still waited for something.
  if (stopping.signal.aborted) process.exit(0);
  if (isDomainError(error) && error.code === 'BadConfig') tell({ kind: 'refused', message: error.message });
  else log.fatal({ err: error }, 'The engine ends and is started again');
  // Time for the lines to reach the supervisor.
  setTimeout(() => process.exit(1), 100);
}

async function run(start: StartEngine): Promise<void> {
  installTemporalRuntime(log);
  const { signal } = stopping;
  const { database, temporal, dataDir } = start;
  const { env } = process;
  const say = (text: string) => tell({ kind: 'notice', text });
  const http = await startEngineHttp({ settings, env, dataDir, say, log });
  const hosts = await hostsWhenRight({ settings, env, log, signal });
  const workers = await startWorkers({ settings, hosts, env, database, temporal, dataDir, log, signal });
  const { client, composed, pauses } = workers;
  const readHosts = createHostsReload({ settings, env, hosts, update: (next) => composed.updateHosts(next), log });
  reload = async () => tell({ kind: 'hosts', ...(await readHosts()) });
  if (reloadIsWanted) await reload();
  const photos = createPhotos({ client, sha256 });
  const { assets, pool, wanted, database: rows } = composed;
  const queries = createStatusQueries({ database: rows });
  const parts = progressParts({ database: rows, client, pool, settings, dataDir, tell, log, signal });
  const libraries = await openLibraries(
    { assets, photos, queries, recipeHash: wanted.usual.hash, settings, dataDir, log, signal },
    start.folders,
  );
  const roots = libraries.records.map(({ root }) => root);
  tell({ kind: 'ready', libraries: roots, hosts: `${hostCount(hosts.length)}, read at the start`, http: http.at });
  const runs = createRuns(client);
  const keepOutdated = settings.DARKROOM_OUTDATED === 'keep';
  const { holdsBack } = composed;
  const immich = openImmichLibraries({
    immichs: composed.immichs,
    store: composed.immichStore,
    queries: createFirstLookQueries({ database: rows }),
    kept: composed.pauses.kept,
    photos,
    takeNew: createTakeNew({
      wanted,
      judging: { ...composed.immichSteps, keepOutdated },
      recent: composed.immichSteps.recent,
      photos,
      assets,
      runs,
      holdsBack,
    }),
    settings,
    say,
    log,
    signal,
  });
  http.attach({
    client,
    database: rows,
    hint: (library, immichId) => immich.hint(library, immichId),
    faces: composed.faces,
  });
  const backfills = watchBackfills(client, signal);
  const report = reportProgress({
    ...parts,
    queries,
    photos,
    runs,
    pool,
    faces: composed.faces.services?.pool,
    pauses: { ...pauses, inWords: (now) => [...pauses.inWords(now), ...backfills.inWords(now)] },
    holdsBack,
    libraries: () => [...libraries.records, ...immich.records()],
    isOpening: () => immich.isOpening(),
    wanted,
    keepOutdated,
    ignore: settings.DARKROOM_IGNORE,
    tell,
    signal,
  });
  const filled = fillSearch({ search: createPhotoSearch({ database: rows }), log, signal });
  await Promise.race([workers.running, whenAborted(signal)]);
  await http.close();
  await Promise.all([libraries.close(), backfills.ended, immich.ended, filled]);
  await Promise.all([workers.stop(), report]);
}
