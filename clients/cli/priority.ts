import { Argument } from 'commander';
import { type Level, levels } from '../../domain/prioritize.ts';
import { sha256 } from '../../runtime/sha256.ts';
import type { Common, Shell } from './shell.ts';
import { progress } from './terminal.ts';

/** `darkroom prioritize`: what comes first. */
export function addPriority({ command, running, out, interrupted: signal }: Shell): void {
  command('prioritize', 'one photo, or all below a folder, before the others or behind them')
    .argument('<name>', 'a photo or a folder of any library: its path, or its path below the library')
    .addArgument(new Argument('<level>', 'its place in the line').choices(Object.keys(levels)))
    .option('--dry-run', 'only says what would be done')
    .addHelpText('after', help)
    .action(async (name: string, level: Level, options: Common & { dryRun?: boolean }) => {
      const { prioritize } = await import('../commands/prioritize.ts');
      const { json = false, dryRun = false } = options;
      await running(options, async (opened) => {
        process.exitCode = await prioritize(opened, out, { name, level, dryRun, json, sha256, progress, signal });
      });
    });
}

const help = `
Levels:
  now      before everything else
  new      beside photos that have just come
  normal   after these, before the backlog
  last     behind everything else; moves only what is under way

Examples:
  darkroom prioritize ~/Pictures/2024/Norway now
  darkroom prioritize 2024/Norway now --dry-run`;
