import { homedir } from 'node:os';
import { openFolder } from '../adapters/folder/open-folder.ts';
import { isDomainError } from '../domain/errors.ts';
import { SettingsError } from '../runtime/config.ts';
import { defaultDataFolder, ensureDataFolder } from '../runtime/data-folder.ts';
import { withPromptFile } from '../runtime/prompt-file.ts';
import { acquireRunLock } from '../runtime/run-lock.ts';
import { version } from '../runtime/version.ts';
import { loadVisionHosts } from '../runtime/vision-hosts.ts';
import { createHangup } from './hangup.ts';
import { openUpLog } from './up-log.ts';
import { createScreen } from './up-screen.ts';
import { type Interrupted, supervise } from './up-supervise.ts';
import { parseUp, type UpArguments, usage, UsageError } from './up-usage.ts';

/** `darkroom up`: reads what is asked, takes the data folder's lock, and hands over to the supervisor. */
async function up({ folders, settings, env }: UpArguments): Promise<void> {
  const hosts = await loadVisionHosts(settings, env);
  const screen = createScreen({ out: process.stdout, now: Date.now });
  const dataDir = await ensureDataFolder(
    settings.DARKROOM_DATA_DIR ??
      defaultDataFolder({ platform: process.platform, home: homedir(), uid: process.getuid?.(), env: process.env }),
  );
  for (const folder of folders) {
    const { notices } = await openFolder(folder, { dataDir, globs: settings.DARKROOM_IGNORE });
    for (const notice of notices) screen.say(notice);
  }
  const lock = await acquireRunLock(dataDir);
  // Before the first line is said: whoever reads it may press Ctrl-C at once.
  const interrupted = interruptions();
  try {
    screen.say(`Darkroom ${version}  (data in ${dataDir})`);
    const log = openUpLog(dataDir, settings.DARKROOM_LOG_LEVEL, (text) => screen.say(text));
    await supervise({ folders, settings, hosts, env, dataDir, screen, log, interrupted });
  } finally {
    screen.end();
    await lock.release();
  }
}

/** The first Ctrl-C asks for a clean stop, as the end of the terminal does; the second one for a quick one. */
function interruptions(): Interrupted {
  const stop = new AbortController();
  const hurry = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => (stop.signal.aborted ? hurry.abort() : stop.abort()));
  }
  let reload = (): void => undefined;
  process.on('SIGHUP', createHangup({ onReload: () => reload(), onGone: () => stop.abort() }));
  return { stop: stop.signal, hurry: hurry.signal, onReload: (callback) => void (reload = callback) };
}

/** 0 done, 1 failed, 2 used wrongly, 3 something outside is not reachable. */
function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof SettingsError) return 2;
  if (!isDomainError(error)) return 1;
  return error.name === 'ConfigError' ? 2 : 3;
}

// A reader that goes away (`| head`, a closed terminal) must not end the work, nor leave servers behind: the log has it all.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const asked = parseUp(
    process.argv.slice(2).filter((arg, at) => at > 0 || arg !== 'up'),
    await withPromptFile(process.env),
  );
  if (asked === 'help') process.stdout.write(`${usage}\n`);
  else await up(asked);
  process.exit(0);
} catch (error) {
  const known = isDomainError(error) || error instanceof UsageError || error instanceof SettingsError;
  process.stderr.write(
    `${known || !(error instanceof Error) ? String(known ? error.message : error) : (error.stack ?? error.message)}\n`,
  );
  process.exit(exitCodeOf(error));
}
