import { Argument } from 'commander';
import type { Common, Shell } from './shell.ts';

const examples = `
Examples:
  darkroom immich first-look              what it described, with links; nothing is written yet
  darkroom backfill immich --go           goes on with all of it`;

/** `darkroom immich`: what there is for libraries of an Immich only. */
export function addImmich({ command, running, out }: Shell): void {
  command('immich', 'libraries of an Immich: prints again what the first look showed')
    .addArgument(new Argument('<what>', 'what to do').choices(['first-look']))
    .argument('[library]', 'its name; the only one unless told')
    .addHelpText('after', examples)
    .action(async (_what: 'first-look', name: string | undefined, options: Common) => {
      const { showFirstLook } = await import('../commands/first-look.ts');
      await running(options, (opened) => showFirstLook(opened, out, { name, json: options.json ?? false }));
    });
}
