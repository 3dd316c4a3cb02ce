import { type Level, levels } from '../../domain/prioritize.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { type MemberFlags, namesMembers } from '../immich/members.ts';
import { UsageError } from '../usage-error.ts';
import { type Common, eachOf, type Shell } from './shell.ts';
import { progress } from './terminal.ts';

/** `darkroom prioritize`: what comes first. */
export function addPriority({ command, running, out, interrupted: signal }: Shell): void {
  command('prioritize', 'one photo, a folder, an album or a person, before the others or behind them')
    .argument('[name]', 'a photo or a folder of any library: its path, or its path below the library')
    .argument('[level]', `its place in the line: ${Object.keys(levels).join(', ')}`)
    .option('--album <name>', 'in place of a name: the photos in this album of an Immich', eachOf)
    .option('--person <name>', 'in place of a name: the photos with this person, in an Immich by its people', eachOf)
    .option('--dry-run', 'only says what would be done')
    .addHelpText('after', help)
    .action(async (first: string | undefined, second: string | undefined, options: Options) => {
      const { prioritize } = await import('../commands/prioritize.ts');
      const { json = false, dryRun = false, album, person } = options;
      const what = whatOf(
        [first, second].filter((word) => word !== undefined),
        { album, person },
      );
      await running(options, async (opened) => {
        process.exitCode = await prioritize(opened, out, { ...what, dryRun, json, sha256, progress, signal });
      });
    });
}

type Options = Common & MemberFlags & { dryRun?: boolean };

/** With albums or people the library may be named, and need not. */
function whatOf(words: readonly string[], members: MemberFlags) {
  const byMembers = namesMembers(members);
  const [name, level] = byMembers && words.length < 2 ? [undefined, words[0]] : words;
  if (level === undefined) {
    const how = byMembers ? '--album <name> <level>' : '<photo or folder> <level>';
    throw new UsageError(`darkroom prioritize ${how}: a level is one of ${Object.keys(levels).join(', ')}.`);
  }
  if (!isLevel(level)) throw new UsageError(`A level is one of ${Object.keys(levels).join(', ')}, not "${level}".`);
  return { name, level, ...(byMembers && { members }) };
}

const isLevel = (text: string): text is Level => Object.keys(levels).includes(text);

const help = `
Levels:
  now      before everything else
  new      beside photos that have just come
  normal   after these, before the backlog
  last     behind everything else; moves only what is under way

Examples:
  darkroom prioritize ~/Pictures/2024/Norway now
  darkroom prioritize 2024/Norway now --dry-run
  darkroom prioritize --album "Summer 2024" now
  darkroom prioritize immich-anna --person Ben new          of one of several users of an Immich`;
