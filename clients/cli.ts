import { Argument, Command, CommanderError, Option } from 'commander';
import { isDomainError } from '../domain/errors.ts';
import { SettingsError } from '../runtime/config.ts';
import { sha256 } from '../runtime/sha256.ts';
import { version } from '../runtime/version.ts';
import { type Opened, openRunning, placeOf } from './open.ts';
import { createOutput } from './output.ts';
import type { TryOut } from './try-out/open.ts';
import { isTrying, limitOption, type Wishes, withWishes } from './try-out/wishes.ts';
import { UsageError } from './usage-error.ts';

/** Every command but `up`, `worker` and `demo`, which darkroom.mjs starts by themselves. Commands are loaded when they are called. */
// A pipe has no width, but whoever reads it may have said theirs.
const saidColumns = Number(process.env['COLUMNS']) || undefined;
const out = createOutput(process.stdout, saidColumns);
const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort(new UsageError('Interrupted. The work goes on without this command.')));
// A reader such as `head` that has enough is no error.
process.stdout.on('error', () => process.exit(0));

interface Common {
  readonly json?: boolean;
  readonly dataDir?: string;
}

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
  darkroom describe IMG_2031.jpg --model gemma3:4b --prompt "What is written here?"
  darkroom compare ~/Pictures --model qwen3-vl:4b-instruct --model gemma3:4b
  darkroom export --format csv > descriptions.csv`,
  );

const command = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option('--json', 'for programs')
    .option('--data-dir <folder>', 'the data folder of the running "darkroom up" (DARKROOM_DATA_DIR)');

command('status', 'how far every library is, how the hosts are, what waits and why')
  .option('--watch', 'again every two seconds, until Ctrl-C')
  .action(async (options: Common & { watch?: boolean }) => {
    const { status } = await import('./commands/status.ts');
    await running(options, async (opened) => {
      do {
        if (options.watch === true && process.stdout.isTTY) process.stdout.write('\u001B[2J\u001B[H');
        await status(opened, out, { json: options.json ?? false });
      } while (options.watch === true && (await again()));
    });
  });

command('trace <photo>', 'the story of one photo, step by step, and its page in the Web UI').action(
  async (photo: string, options: Common) => {
    const { trace } = await import('./commands/trace.ts');
    await running(options, (opened) => trace(opened, out, { photo, json: options.json ?? false, sha256 }));
  },
);

withWishes(command('describe <photo>', 'one photo, now, before everything else, printed'))
  .option('--model <tag>', 'tries this model: the answer is printed and kept nowhere')
  .action(async (photo: string, options: Common & Wishes & { model?: string }) => {
    const json = options.json ?? false;
    if (isTrying(options)) {
      const { tryPhoto } = await import('./commands/try.ts');
      const write = (text: string) => void process.stdout.write(text);
      const stream = process.stdout.isTTY && !json ? write : undefined;
      const { model } = options;
      return await trying(options, (tryOut, signal) =>
        tryPhoto(tryOut, out, { photo, model, json, stream, note, signal }),
      );
    }
    const { describe } = await import('./commands/describe.ts');
    await running(options, (opened) =>
      describe(opened, out, { photo, json, sha256, note, signal: interrupted.signal }),
    );
  });

withWishes(command('compare [photo...]', 'the same photos with several models, side by side; nothing is kept'))
  .option('--model <tag>', 'give it two to six times', (tag: string, tags: readonly string[]) => [...tags, tag], [])
  .addOption(limitOption())
  .action(async (photos: string[], options: Common & Wishes & { model: readonly string[]; limit: number }) => {
    const { compare } = await import('./commands/compare.ts');
    const { model: models, limit, json = false } = options;
    // A pipe gets columns only where whoever reads it said how wide it is.
    const wide = process.stdout.isTTY || saidColumns !== undefined;
    await trying(options, async (tryOut, signal) => {
      process.exitCode = await compare(tryOut, out, { photos, models, limit, json, wide, progress, signal });
    });
  });

command('export', 'every description, to standard output')
  .addOption(new Option('--format <format>', 'jsonl or csv').choices(['jsonl', 'csv']).default('jsonl'))
  .option('--library <name>', 'of one library only')
  .action(async (options: Common & { format: 'jsonl' | 'csv'; library?: string }) => {
    const { exportDescriptions } = await import('./commands/export.ts');
    const { format, library } = options;
    await running(options, (opened) =>
      exportDescriptions(opened, process.stdout, { format, library, signal: interrupted.signal }),
    );
  });

command('hosts', 'the vision hosts as they are now; or checks them, or has a changed hosts file read again')
  .addArgument(new Argument('[what]', 'what to do').choices(['list', 'check', 'reload']).default('list'))
  .argument('[file]', 'for check: a hosts file that is not in use yet')
  .action(async (what: 'list' | 'check' | 'reload', file: string | undefined, options: Common) => {
    const common = {
      dataDir: options.dataDir,
      env: process.env,
      json: options.json ?? false,
      signal: interrupted.signal,
    };
    if (file !== undefined && what !== 'check') throw new UsageError('Only "darkroom hosts check" takes a file.');
    if (what === 'check') {
      const { checkHosts } = await import('./hosts/check.ts');
      process.exitCode = await checkHosts(out, { ...common, file });
    } else if (what === 'reload') {
      const { reloadHosts } = await import('./hosts/reload.ts');
      await reloadHosts(out, common);
    } else {
      const { hosts } = await import('./commands/hosts.ts');
      await running(options, (opened) => hosts(opened, out, common));
    }
  });

command('doctor', 'checks every connection, permission, model and path, and says what to do').action(
  async (options: Common) => {
    const { doctor } = await import('./commands/doctor.ts');
    const { checksFor } = await import('./doctor/checks.ts');
    const place = placeOf(process.env, options.dataDir);
    const checks = await checksFor({ ...place, env: process.env, signal: interrupted.signal });
    process.exitCode = await doctor(checks, out, { json: options.json ?? false });
  },
);

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One line that is written over; only where somebody watches. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

async function trying(options: Common & Wishes, work: (tryOut: TryOut, signal: AbortSignal) => Promise<void>) {
  const { trying } = await import('./try-out/trying.ts');
  await trying({ env: process.env, wishes: options, dataDir: options.dataDir, note, stop: interrupted.signal }, work);
}

async function running(options: Common, work: (opened: Opened) => Promise<void>): Promise<void> {
  const opened = await openRunning(process.env, options.dataDir);
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}

const again = (): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), 2_000);
    interrupted.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });

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
