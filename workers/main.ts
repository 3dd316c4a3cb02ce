import { homedir } from 'node:os';
import { ConfigError, isDomainError } from '../domain/errors.ts';
import { loadSettings, SettingsError } from '../runtime/config.ts';
import { defaultDataFolder, ensureDataFolder } from '../runtime/data-folder.ts';
import { createLog } from '../runtime/log.ts';
import { withPromptFile } from '../runtime/prompt-file.ts';
import { loadVisionHosts } from '../runtime/vision-hosts.ts';
import { whenAborted } from '../runtime/when-aborted.ts';
import { createHangup } from './hangup.ts';
import { createHostsReload } from './hosts-reload.ts';
import { startWorkers } from './start-workers.ts';
import { installTemporalRuntime } from './temporal-log.ts';

const usage = `Usage: DATABASE_URL=… TEMPORAL_ADDRESS=… darkroom worker

Only the workers, on a Postgres and a Temporal server of your own: run it where the photos are. Several may run beside each
other and share vision hosts: together they ask a host for no more than its slots. Everything else is as for "darkroom up":
see .env.example.`;

/** `darkroom worker`: workers on real services, until a signal. */
async function main(): Promise<void> {
  const env = await withPromptFile(process.env);
  const settings = loadSettings(env);
  const url = settings.DATABASE_URL?.reveal();
  if (url === undefined || settings.TEMPORAL_ADDRESS === undefined) {
    throw new ConfigError('BadConfig', `A worker alone needs DATABASE_URL and TEMPORAL_ADDRESS.\n\n${usage}`);
  }
  const hosts = await loadVisionHosts(settings, env);
  const log = createLog({ level: settings.DARKROOM_LOG_LEVEL, pretty: process.stdout.isTTY, name: 'worker' });
  installTemporalRuntime(log);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  let reloadIsWanted = false;
  let reload = async (): Promise<unknown> => (reloadIsWanted = true);
  process.on('SIGHUP', createHangup({ onReload: () => void reload(), onGone: () => stop.abort() }));
  const usual = () =>
    defaultDataFolder({ platform: process.platform, home: homedir(), uid: process.getuid?.(), env: process.env });
  const dataDir = await ensureDataFolder(settings.DARKROOM_DATA_DIR ?? usual());
  const { signal } = stop;
  const database = { kind: 'url', url } as const;
  const workers = await startWorkers({ settings, hosts, env, database, temporal: undefined, dataDir, log, signal });
  reload = createHostsReload({ settings, env, hosts, update: (next) => workers.composed.updateHosts(next), log });
  if (reloadIsWanted) await reload();
  log.info('The worker takes work');
  await Promise.race([workers.running, whenAborted(signal)]);
  log.info('Stopping: calls in flight get 8 s');
  await workers.stop();
}

try {
  if (process.argv.slice(2).some((arg) => arg === '--help' || arg === '-h')) process.stdout.write(`${usage}\n`);
  else await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof SettingsError || (isDomainError(error) && error.name === 'ConfigError') ? 2 : 1);
}
