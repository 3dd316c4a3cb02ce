import type { Command } from 'commander';
import { type Opened, openRunning } from '../open.ts';
import { createOutput, type Output } from '../output.ts';
import { UsageError } from '../usage-error.ts';

/** Options that every command has. */
export interface Common {
  readonly json?: boolean;
  readonly dataDir?: string;
}

/** What commands share: where they write, what ends them, and the running Darkroom. */
export interface Shell {
  readonly out: Output;
  /** What whoever reads a pipe said of its width; a pipe itself has none. */
  readonly saidColumns: number | undefined;
  /** Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly command: (name: string, description: string) => Command;
  /** Work on a running `darkroom up`, which is let go of afterwards. */
  readonly running: (options: Common, work: (opened: Opened) => Promise<void>) => Promise<void>;
  readonly note: (text: string) => void;
}

export function createShell(program: Command): Shell {
  const saidColumns = Number(process.env['COLUMNS']) || undefined;
  const stop = new AbortController();
  process.on('SIGINT', () => stop.abort(new UsageError('Interrupted. The work goes on without this command.')));
  // A reader such as `head` that has enough is no error.
  process.stdout.on('error', () => process.exit(0));
  return {
    out: createOutput(process.stdout, saidColumns),
    saidColumns,
    interrupted: stop.signal,
    command: (name, description) =>
      program
        .command(name)
        .description(description)
        .option('--json', 'for programs')
        .option('--data-dir <folder>', 'the data folder of the running "darkroom up" (DARKROOM_DATA_DIR)'),
    async running(options, work) {
      const opened = await openRunning(process.env, options.dataDir);
      try {
        await work(opened);
      } finally {
        await opened.close();
      }
    },
    note: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** For an option that may be given several times. */
export const eachOf = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
