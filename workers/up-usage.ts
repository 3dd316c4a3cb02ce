import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadSettings, type Settings } from '../runtime/config.ts';

export const usage = `Usage: darkroom up [folder…] [--mode combined|batch|monitor] [--data-dir <folder>]

Brings everything up and works through the photos in the folders: database, Temporal with its Web UI, workers, watcher.
Folders are remembered: the next time \`darkroom up\` alone goes on with them.

  --mode combined   what is there and what comes (default)
  --mode batch      what is there, then end
  --mode monitor    only what comes
  --data-dir        where database, state and caches live (DARKROOM_DATA_DIR)

Examples:
  darkroom up ~/Pictures
  VISION_HOSTS=http://gpu-box:11434,http://laptop:11434 darkroom up ~/Pictures /mnt/nas/photos
  VISION_HOSTS_FILE=hosts.json darkroom up ~/Pictures
  darkroom up --mode batch ./holiday`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface UpArguments {
  /** Absolute. */
  readonly folders: readonly string[];
  readonly settings: Settings;
  /** The environment that the engine gets: the person's, with the options written into it. */
  readonly env: NodeJS.ProcessEnv;
}

/** Options win over variables. Throws UsageError and SettingsError. */
export function parseUp(args: readonly string[], env: NodeJS.ProcessEnv): UpArguments | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help === true) return 'help';
  const merged = {
    ...env,
    ...(values.mode !== undefined && { DARKROOM_MODE: values.mode }),
    ...(values['data-dir'] !== undefined && { DARKROOM_DATA_DIR: values['data-dir'] }),
  };
  const settings = loadSettings(merged);
  const folders = [...new Set([...positionals, ...settings.LIBRARY_FOLDERS].map((folder) => path.resolve(folder)))];
  return { folders, settings, env: merged };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        mode: { type: 'string' },
        'data-dir': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, { cause: error });
  }
}
