import { Argument, Option } from 'commander';
import { spanMs } from '../../domain/pause.ts';
import { type Level, levels } from '../../domain/prioritize.ts';
import { sha256 } from '../../runtime/sha256.ts';
import type { ChoiceFlags } from '../choice.ts';
import type { Steer } from '../commands/steer-backfill.ts';
import { wholeNumber } from '../try-out/wishes.ts';
import { UsageError } from '../usage-error.ts';
import type { MemberFlags } from '../immich/members.ts';
import { type Common, eachOf, type Shell } from './shell.ts';
import { progress } from './terminal.ts';

/** `darkroom backfill` starts one, `darkroom backfills` lists and steers them. */
export function addBackfills(shell: Shell): void {
  addStart(shell);
  addSteering(shell);
}

type Start = Common &
  ChoiceFlags &
  MemberFlags & { limit?: number; sample?: number; level?: Level; dryRun?: boolean; go?: boolean };

function addStart({ command, running, out, interrupted: signal }: Shell): void {
  const go = async (name: string | undefined, options: Start) => {
    const { json = false, dataDir: _, go: __, ...others } = options;
    if (Object.keys(others).length > 0) throw new UsageError('--go stands alone: it lets all of the library go on.');
    const { endFirstLook } = await import('../commands/first-look.ts');
    await running(options, (opened) => endFirstLook(opened, out, { name, json }));
  };
  command('backfill', 'works through a library, or through the photos of it that you choose')
    .argument('[name]', 'a library by its name, or a folder of one by its path; the only library unless told')
    .option('--glob <glob>', 'only files of this name, such as "*.heic" or "2024/**/IMG_*"')
    .option('--from <time>', 'only photos taken from this year, month or day on: 2024, 2024-05, 2024-05-31')
    .option('--before <time>', 'only photos taken before it')
    .option('--camera <name>', 'only photos of this camera: a part of its name')
    .option('--album <name>', 'only photos in this album of an Immich; several: in one of them', eachOf)
    .option(
      '--person <name>',
      'only photos with this person, in an Immich by its people; several: with one of them',
      eachOf,
    )
    .option(
      '--only <which>',
      'undescribed: none of another recipe either; faceless: not looked at for faces; parked, or parked=<code>',
    )
    .option(
      '--redo <what>',
      'once more what model=<name>, recipe=<hash> or backfill=<id> wrote; people: before they were named',
    )
    .addOption(new Option('--limit <number>', 'so many photos at most').argParser(wholeNumber))
    .addOption(
      new Option('--sample <number>', 'so many photos, chosen by chance').argParser(wholeNumber).conflicts('limit'),
    )
    .addOption(new Option('--level <level>', 'its place in the line').choices(Object.keys(levels)))
    .option('--dry-run', 'only says what it would do, how long that takes, and how many tokens')
    .option('--go', 'ends the first look at an Immich library: its texts are written, and all of it follows')
    .addHelpText('after', startExamples)
    .action(async (name: string | undefined, options: Start) => {
      if (options.go === true) return await go(name, options);
      const { startBackfill } = await import('../commands/backfill.ts');
      const { limit, sample, level, dryRun = false, json = false, ...flags } = options;
      await running(options, async (opened) => {
        await startBackfill(opened, out, { name, flags, limit, sample, level, dryRun, json, sha256, progress, signal });
      });
    });
}

const startExamples = `
Examples:
  darkroom backfill pictures --from 2024 --before 2025 --level now
  darkroom backfill --only parked=Refused --limit 50
  darkroom backfill --only faceless                         photos from before FACE_API_URL was set
  darkroom backfill immich --album "Summer 2024" --level now
  darkroom backfill immich --go                             after its first look ("darkroom immich first-look")
  darkroom backfill --redo people                           whose people were named after they were described
  darkroom backfill pictures --redo people --person Anna    only those of one
  darkroom backfill --redo model=gemma3:4b --dry-run
  darkroom backfill --redo model=gemma3:4b --sample 20      20 first; "darkroom backfills show" has the texts side by side`;

const whats = ['list', 'show', 'pause', 'resume', 'cancel', 'window', 'prioritize', 'rollback'] as const;
type What = (typeof whats)[number];
type Steering = Common & { reason?: string; for?: string; limit?: number };

const usualLimit = 20;

function addSteering({ command, running, out, interrupted: signal }: Shell): void {
  command('backfills', 'lists the backfills, shows one, or steers it while it runs')
    .addArgument(new Argument('[what]', 'what to do').choices(whats).default('list'))
    .argument('[id]', 'the end of its id, or the library that it passes through')
    .argument('[value]', 'window: a number of photos; prioritize: now, new, normal or last')
    .option('--reason <text>', 'pause, cancel: shown wherever it is')
    .option('--for <span>', 'pause: for example 90m, 2h, 1h30m')
    .addOption(new Option('--limit <number>', `list, show: so many at most (${usualLimit})`).argParser(wholeNumber))
    .addHelpText('after', steerExamples)
    .action(async (what: What, id: string | undefined, value: string | undefined, options: Steering) => {
      const { listBackfills, showBackfill } = await import('../commands/backfills.ts');
      const { steerBackfill } = await import('../commands/steer-backfill.ts');
      const { json = false, limit = usualLimit } = options;
      if (what === 'list') return await running(options, (opened) => listBackfills(opened, out, { limit, json }));
      if (id === undefined)
        throw new UsageError(`Which one? darkroom backfills ${what} <id>; "darkroom backfills" lists them.`);
      if (what === 'show')
        return await running(options, (opened) => showBackfill(opened, out, { name: id, limit, json }));
      const steer = steerOf(what, value, options);
      return await running(options, (opened) =>
        steerBackfill({ ...opened, sha256, signal }, out, { name: id, steer, json }),
      );
    });
}

const steerExamples = `
Examples:
  darkroom backfills                                 what runs, and what ended
  darkroom backfills show 3f9a1c2e                   the texts of its photos, before and now
  darkroom backfills pause pictures --for 2h
  darkroom backfills window pictures 200
  darkroom backfills rollback 3f9a1c2e               its photos get back the text they had`;

function steerOf(what: Exclude<What, 'list' | 'show'>, value: string | undefined, options: Steering): Steer {
  const { reason = 'asked for by a person', for: span } = options;
  if (what === 'window') return { kind: what, window: wholeNumber(value ?? '') };
  if (what === 'prioritize') return { kind: what, level: levelOf(value) };
  if (value !== undefined) throw new UsageError(`"darkroom backfills ${what}" takes no ${value}.`);
  if (span !== undefined && spanMs(span) === undefined)
    throw new UsageError(`--for is a span such as 90m or 2h, not "${span}".`);
  if (what === 'pause') return { kind: what, reason, ...(span !== undefined && { for: span }) };
  return what === 'cancel' ? { kind: what, reason } : { kind: what };
}

function levelOf(value: string | undefined): Level {
  const isLevel = (text: string | undefined): text is Level => text !== undefined && Object.keys(levels).includes(text);
  if (isLevel(value)) return value;
  throw new UsageError(`A level is one of ${Object.keys(levels).join(', ')}: darkroom backfills prioritize <id> now`);
}
