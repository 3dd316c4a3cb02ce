import { hostname, userInfo } from 'node:os';
import { Option } from 'commander';
import type { Common, Shell } from './shell.ts';

const whats = 'describe: model calls; all: reading photos too';

/** Commands that hold the work and let it go on. */
export function addControl(shell: Shell): void {
  addPause(shell);
  addResume(shell);
}

interface PauseFlags {
  readonly for?: string;
  readonly until?: string;
  readonly reason?: string;
}

function addPause({ command, running, out }: Shell): void {
  command('pause', 'begins nothing new, also after a restart, until "resume" or for a while; what is under way ends')
    .argument('[what]', whats, 'all')
    .addOption(new Option('--for <span>', 'for example 90m, 2h, 1h30m, 2d').conflicts('until'))
    .option('--until <time>', 'for example 06:00, "2026-11-24 06:00": on the clock of this machine')
    .option('--reason <text>', 'shown wherever the pause is')
    .action(async (asked: string, options: Common & PauseFlags) => {
      const { endOf, pause, pausableOf } = await import('../commands/pause.ts');
      const { reason, json = false } = options;
      const what = pausableOf(asked);
      const until = endOf(options, Date.now());
      await running(options, (opened) => pause(opened, out, { what, by: me(), until, reason, json }));
    });
}

function addResume({ command, running, out }: Shell): void {
  command('resume', 'goes on with what was paused')
    .argument('[what]', whats, 'all')
    .option('--force', "lifts also what somebody paused with Temporal's own tools")
    .action(async (asked: string, options: Common & { force?: boolean }) => {
      const { resume, pausableOf } = await import('../commands/pause.ts');
      const { force = false, json = false } = options;
      const what = pausableOf(asked);
      await running(options, async (opened) => {
        process.exitCode = await resume(opened, out, { what, force, json });
      });
    });
}

/** user@machine; in a container the user may have a number only. */
function me(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `user ${process.getuid?.() ?? '?'}@${hostname()}`;
  }
}
