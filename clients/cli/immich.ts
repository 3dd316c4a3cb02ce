import { Argument } from 'commander';
import { UsageError } from '../usage-error.ts';
import { webhook } from './immich-webhook.ts';
import type { Common, Shell } from './shell.ts';

const help = `
first-look [library]                      prints again what the first look showed
webhook install|status|remove [library]   has Immich (3.0 or newer) tell of new photos at once, at IMMICH_WEBHOOK_URL

Examples:
  darkroom immich first-look              what it described, with links; nothing is written yet
  darkroom backfill immich --go           goes on with all of it
  darkroom immich webhook install         for all libraries; twice is the same as once
  darkroom immich webhook status`;

/** `darkroom immich`: what there is for libraries of an Immich only. */
export function addImmich(shell: Shell): void {
  const { command, running, out } = shell;
  command('immich', 'libraries of an Immich: what the first look showed, and the webhook of new photos')
    .addArgument(new Argument('<what>', 'what it is about').choices(['first-look', 'webhook']))
    .argument('[words...]', 'for webhook what to do; then the name of the library')
    .addHelpText('after', help)
    .action(async (what: 'first-look' | 'webhook', words: readonly string[], options: Common) => {
      const most = what === 'webhook' ? 2 : 1;
      if (words.length > most) throw new UsageError(`That is a word too many: ${words.slice(most).join(' ')}`);
      if (what === 'webhook') return await webhook(shell, words, options);
      const { showFirstLook } = await import('../commands/first-look.ts');
      const [name] = words;
      await running(options, (opened) => showFirstLook(opened, out, { name, json: options.json ?? false }));
    });
}
