import { hostname, userInfo } from 'node:os';
import { Option } from 'commander';
import type { PauseTarget } from '../../domain/kept-pause.ts';
import type { Opened } from '../open.ts';
import { UsageError } from '../usage-error.ts';
import type { Common, Shell } from './shell.ts';

const whats =
  'describe: model calls; faces: looking for faces; publish: writing to Immich; all: these, and reading photos';

/** Commands that hold the work and let it go on. */
export function addControl(shell: Shell): void {
  addPause(shell);
  addResume(shell);
}

interface Target {
  readonly library?: string;
  readonly host?: string;
}

interface PauseFlags extends Target {
  readonly in?: string;
  readonly at?: string;
  readonly for?: string;
  readonly until?: string;
  readonly reason?: string;
  readonly force?: boolean;
}

const examples = `
Examples:
  darkroom pause describe --for 2h --reason "I need the GPU"
  darkroom pause --until 06:00
  darkroom pause --in 2h --until 06:00       goes on for two hours, and is paused then
  darkroom pause --library holidays
  darkroom pause --host gpu-box:11434 --for 90m`;

function addPause({ command, running, out }: Shell): void {
  command('pause', 'begins nothing new, also after a restart, until "resume" or for a while; what is under way ends')
    .argument('[what]', `${whats} (default: "all")`)
    .addOption(new Option('--library <name>', 'only the photos of one library').conflicts('host'))
    .option('--host <address>', 'only one vision host; a part of its address will do')
    .addOption(new Option('--in <span>', 'begins later: for example 2h from now').conflicts('at'))
    .option('--at <time>', 'begins later: for example at 22:00')
    .addOption(new Option('--for <span>', 'for example 90m, 2h, 1h30m, 2d, from its beginning').conflicts('until'))
    .option('--until <time>', 'for example 06:00, "2026-11-24 06:00": on the clock of this machine')
    .option('--reason <text>', 'shown wherever the pause is')
    .option('--force', "also over what somebody paused with Temporal's own tools")
    .addHelpText('after', examples)
    .action(async (asked: string | undefined, options: Common & PauseFlags) => {
      const { beginOf, endOf, pause, pausableOf } = await import('../commands/pause.ts');
      const { pauseLater } = await import('../commands/pause-later.ts');
      const { pauseKept } = await import('../commands/pause-kept.ts');
      const { reason, json = false, force = false } = options;
      const now = Date.now();
      const begin = beginOf(options, now);
      const until = endOf(options, now, begin);
      const about = { by: me(), until, reason, json };
      if (isTargeted(asked, options)) {
        if (begin !== undefined) throw new UsageError(onlyNow);
        await running(options, async (opened) => {
          await pauseKept(opened, out, { ...about, target: await targetOf(opened, options) });
        });
        return;
      }
      const what = pausableOf(asked ?? 'all');
      await running(options, async (opened) => {
        if (begin !== undefined) return await pauseLater(opened, out, { ...about, what, force, begin });
        process.exitCode = await pause(opened, out, { ...about, what, force });
      });
    });
}

const onlyNow =
  'A pause of one library or host begins now: --in and --at are for "describe", "faces", "publish" and "all". Leave them away, or leave --library or --host away.';

function addResume({ command, running, out }: Shell): void {
  command('resume', 'goes on with what was paused, and drops what is planned')
    .argument('[what]', `${whats} (default: "all")`)
    .addOption(new Option('--library <name>', 'only the photos of one library').conflicts('host'))
    .option('--host <address>', 'only one vision host; also one that asked to be left alone is asked again')
    .option('--force', "lifts also what somebody paused with Temporal's own tools")
    .action(async (asked: string | undefined, options: Common & Target & { force?: boolean }) => {
      const { resume, pausableOf } = await import('../commands/pause.ts');
      const { resumeKept } = await import('../commands/pause-kept.ts');
      const { force = false, json = false } = options;
      if (isTargeted(asked, options)) {
        await running(options, async (opened) => {
          await resumeKept(opened, out, { target: await targetOf(opened, options), json });
        });
        return;
      }
      const what = pausableOf(asked ?? 'all');
      await running(options, async (opened) => {
        process.exitCode = await resume(opened, out, { what, force, json });
      });
    });
}

function isTargeted(what: string | undefined, { library, host }: Target): boolean {
  const isOne = library !== undefined || host !== undefined;
  if (isOne && what !== undefined) {
    throw new UsageError(`Say either "${what}", or --library or --host: of one of these, everything is meant.`);
  }
  return isOne;
}

async function targetOf(opened: Opened, { library, host = '' }: Target): Promise<PauseTarget> {
  const { hostTarget, libraryTarget } = await import('../commands/pause-kept.ts');
  return library === undefined ? await hostTarget(opened, host) : await libraryTarget(opened, library);
}

/** user@machine; in a container the user may have a number only. */
export function me(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `user ${process.getuid?.() ?? '?'}@${hostname()}`;
  }
}
