import { Option } from 'commander';
import { readRunFile } from '../../runtime/run-file.ts';
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
  command('status', 'how far every library is, how long it takes, how the hosts are, what waits and why')
    .option('--watch', 'again every two seconds, until Ctrl-C; in a pipe a line for each change')
    .addHelpText(
      'after',
      `
Examples:
  darkroom status
  darkroom status --watch
  darkroom status --watch >> progress.log
  darkroom status --json | jq '.libraries[] | {name, eta}'`,
    )
    .action(async (options: Common & { watch?: boolean }) => {
      const json = options.json ?? false;
      if (options.watch !== true) {
        const { status } = await import('../commands/status.ts');
        await running(options, (opened) => status(opened, out, { json }));
        return;
      }
      const { watchStatus } = await import('../commands/status-watch.ts');
      const rows = process.stdout.isTTY ? () => process.stdout.rows : undefined;
      await running(options, (opened) => {
        const isRunning = async () => (await readRunFile(opened.dataDir)).state === 'running';
        return watchStatus(opened, out, { json, rows, signal: interrupted, isRunning });
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
