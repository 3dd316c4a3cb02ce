import { Option } from 'commander';
import type { UndoFlags } from '../commands/undo.ts';
import { wholeNumber } from '../try-out/wishes.ts';
import type { Common, Shell } from './shell.ts';
import { progress } from './terminal.ts';

type Options = Common & UndoFlags & { dryRun?: boolean; limit?: number };

/** `darkroom undo`: what was written into Immich is taken back. */
export function addUndo({ command, running, out, interrupted: signal }: Shell): void {
  command('undo', 'takes back what was written into Immich: what stood there before stands there again')
    .option('--run <id>', 'what a backfill wrote (the end of its id), or one run of one photo')
    .option('--photo <photo>', 'what was written to one photo')
    .option('--library <name>', 'what was written to a library, with --since')
    .option('--since <time>', 'for example 2h, 2026-11-20 or 2026-11-20T18:00')
    .option('--dry-run', 'only says what it would do')
    .addOption(new Option('--limit <number>', 'so many texts at most').argParser(wholeNumber))
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const { undo } = await import('../commands/undo.ts');
      const { json = false, dryRun = false, limit, run, photo, library, since } = options;
      const flags = {
        ...(run !== undefined && { run }),
        ...(photo !== undefined && { photo }),
        ...(library !== undefined && { library }),
        ...(since !== undefined && { since }),
      };
      await running(options, async (opened) => {
        process.exitCode = await undo(opened, out, { flags, dryRun, limit, json, progress, signal });
      });
    });
}

/** `darkroom put-back`: what Immich lost is written once more. */
export function addPutBack({ command, running, out }: Shell): void {
  command('put-back', 'writes once more what Immich did not keep, when its folder is writable again')
    .argument('[library]', 'its name; the only one of an Immich unless told')
    .addHelpText(
      'after',
      `
Where somebody wrote meanwhile, nothing is written. "darkroom status" tells how many texts are lost.

Example:
  darkroom put-back immich`,
    )
    .action(async (name: string | undefined, options: Common) => {
      const { putBack } = await import('../commands/put-back.ts');
      await running(options, (opened) => putBack(opened, out, { name, json: options.json ?? false }));
    });
}

const help = `
A field that somebody changed since is left as it is, and listed. What was taken back is not written again by itself, until
the prompt or the model changes or you ask for it. It goes on when this command or Darkroom ends in the middle.

Exit codes: 0 done, 1 interrupted or failed, 2 used wrongly, 3 Darkroom or Temporal is not reachable.

Examples:
  darkroom undo --run 3f9a1c2e --dry-run
  darkroom undo --run 3f9a1c2e               what that backfill wrote ("darkroom backfills" lists them)
  darkroom undo --photo IMG_2031.jpg
  darkroom undo --library immich --since 2h --limit 20`;
