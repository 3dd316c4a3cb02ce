import { Argument } from 'commander';
import type { WindowFlags } from '../commands/window.ts';
import { UsageError } from '../usage-error.ts';
import { me } from './control.ts';
import type { Common, Shell } from './shell.ts';

type What = 'list' | 'add' | 'remove';

const examples = `
Examples:
  darkroom window add night --what describe --from 22:00 --to 06:00
  darkroom window add weekend --what describe --from 00:00 --to 24:00 --days sat,sun
  darkroom window list
  darkroom window remove night

Of several windows for the same work any one that is open will do.`;

/** `darkroom window`: times in which work may be done, again and again. */
export function addWindows({ command, running, out }: Shell): void {
  command('window', 'works only at certain times of the day: lists these windows, adds or removes one')
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'add', 'remove']).default('list'))
    .argument('[name]', 'of the window')
    .option(
      '--what <what>',
      'add: describe (model calls), faces, publish (writing to Immich) or all (these, and reading photos; the default)',
    )
    .option('--from <time>', 'add: when it opens, such as 22:00')
    .option('--to <time>', 'add: when it closes, such as 06:00; on the next day where that is not later')
    .option('--zone <zone>', 'add: whose clock, such as Europe/Berlin; that of this machine unless told')
    .option('--days <days>', 'add: on which it opens, such as mon-fri or sat,sun; every day unless told')
    .addHelpText('after', examples)
    .action(async (action: What, name: string | undefined, options: Common & WindowFlags) => {
      const { addWindow, listWindows, removeWindow, windowOf } = await import('../commands/window.ts');
      const { json = false } = options;
      if (action === 'list') {
        if (name !== undefined) throw new UsageError('"darkroom window list" takes no name.');
        return await running(options, (opened) => listWindows(opened, out, { json }));
      }
      if (name === undefined) throw new UsageError(`Which window? darkroom window ${action} <name>`);
      if (action === 'remove') {
        return await running(options, (opened) => removeWindow(opened, out, { window: name, json }));
      }
      const window = windowOf(name, options, { by: me(), now: Date.now() });
      await running(options, (opened) => addWindow(opened, out, { window, json }));
    });
}
