import { Command, CommanderError } from 'commander';
import { isDomainError } from '../domain/errors.ts';
import { SettingsError } from '../runtime/config.ts';
import { version } from '../runtime/version.ts';
import { addBackfills } from './cli/backfill.ts';
import { addControl } from './cli/control.ts';
import { addFailures } from './cli/failures.ts';
import { addHosts } from './cli/hosts.ts';
import { addImmich } from './cli/immich.ts';
import { addLooking } from './cli/look.ts';
import { addPeople } from './cli/people.ts';
import { addPriority } from './cli/priority.ts';
import { addReconcile } from './cli/reconcile.ts';
import { addSearch } from './cli/search.ts';
import { createShell } from './cli/shell.ts';
import { addPutBack, addUndo } from './cli/undo.ts';
import { addDescribing } from './cli/try-prompts.ts';
import { addWindows } from './cli/window.ts';
import { UsageError } from './usage-error.ts';

/** Every command but `up`, `worker` and `demo`, which darkroom.mjs starts by themselves. Commands are loaded when they are called. */
const program = new Command('darkroom')
  .description('Describes every photo of a library on your own machines, and never loses or repeats work.')
  .version(version)
  .exitOverride()
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    `
Commands that bring things up (each has --help):
  up [folder…]            everything, until Ctrl-C
  worker                  only a worker, on a database and a Temporal server of your own
  demo                    the whole thing with simulated vision hosts, no GPU needed

Examples:
  darkroom up ~/Pictures
  darkroom trace IMG_2031.jpg
  darkroom search red boat --from 2023
  darkroom describe IMG_2031.jpg --model gemma3:4b --prompt "What is written here?"
  darkroom pause describe --for 2h --reason "I need the GPU"
  darkroom window add night --what describe --from 22:00 --to 06:00
  darkroom prioritize ~/Pictures/2024/Norway now
  darkroom compare ~/Pictures --model qwen3-vl:4b-instruct --model gemma3:4b
  darkroom export --format csv > descriptions.csv`,
  );

const shell = createShell(program);
addLooking(shell);
addSearch(shell);
addDescribing(shell);
addHosts(shell);
addFailures(shell);
addPeople(shell);
addPriority(shell);
addBackfills(shell);
addImmich(shell);
addReconcile(shell);
addUndo(shell);
addPutBack(shell);
addControl(shell);
addWindows(shell);

/** 0 done, 1 failed, 2 used wrongly, 3 something outside is not reachable. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError || error instanceof SettingsError) return 2;
  if (isDomainError(error)) return error.name === 'ConfigError' ? 2 : 3;
  // Temporal's client is not loaded here for its class alone: most commands do without it.
  if (error instanceof Error && error.name === 'ServiceError') return 3;
  return 1;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  process.exitCode = exitCodeOf(error);
}
