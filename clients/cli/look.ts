import { Option } from 'commander';
import { sha256 } from '../../runtime/sha256.ts';
import { placeOf } from '../open.ts';
import type { Common, Shell } from './shell.ts';

/** Commands that tell how things are. */
export function addLooking(shell: Shell): void {
  addStatus(shell);
  addTrace(shell);
  addExport(shell);
  addDoctor(shell);
}

function addStatus({ command, running, out, interrupted }: Shell): void {
  command('status', 'how far every library is, how the hosts are, what waits and why')
    .option('--watch', 'again every two seconds, until Ctrl-C')
    .action(async (options: Common & { watch?: boolean }) => {
      const { status } = await import('../commands/status.ts');
      await running(options, async (opened) => {
        do {
          if (options.watch === true && process.stdout.isTTY) process.stdout.write('\u001B[2J\u001B[H');
          await status(opened, out, { json: options.json ?? false });
        } while (options.watch === true && (await again(interrupted)));
      });
    });
}

function addTrace({ command, running, out }: Shell): void {
  command('trace <photo>', 'the story of one photo, step by step, and its page in the Web UI').action(
    async (photo: string, options: Common) => {
      const { trace } = await import('../commands/trace.ts');
      await running(options, (opened) => trace(opened, out, { photo, json: options.json ?? false, sha256 }));
    },
  );
}

function addExport({ command, running, interrupted }: Shell): void {
  command('export', 'every description, to standard output')
    .addOption(new Option('--format <format>', 'jsonl or csv').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--library <name>', 'of one library only')
    .action(async (options: Common & { format: 'jsonl' | 'csv'; library?: string }) => {
      const { exportDescriptions } = await import('../commands/export.ts');
      const { format, library } = options;
      await running(options, (opened) =>
        exportDescriptions(opened, process.stdout, { format, library, signal: interrupted }),
      );
    });
}

function addDoctor({ command, out, interrupted }: Shell): void {
  command('doctor', 'checks every connection, permission, model and path, and says what to do').action(
    async (options: Common) => {
      const { doctor } = await import('../commands/doctor.ts');
      const { checksFor } = await import('../doctor/checks.ts');
      const place = placeOf(process.env, options.dataDir);
      const checks = await checksFor({ ...place, env: process.env, signal: interrupted });
      process.exitCode = await doctor(checks, out, { json: options.json ?? false });
    },
  );
}

const again = (interrupted: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), 2_000);
    interrupted.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
