import { Argument, Option } from 'commander';
import { recipeChoices } from '../../domain/failures.ts';
import { sha256 } from '../../runtime/sha256.ts';
import type { Wanted } from '../commands/failures.ts';
import { wholeNumber } from '../try-out/wishes.ts';
import { UsageError } from '../usage-error.ts';
import type { Common, Shell } from './shell.ts';
import { asker, progress } from './terminal.ts';

type What = 'list' | 'show' | 'retry';
type Options = Common & Wanted & { limit?: number; yes?: boolean };

/** Codes, or photos of one code, where no limit is given. */
const usualLimit = 20;
const steps = ['settle', 'fingerprint', 'faces', 'describe', 'persist'];

/** `darkroom failures`: photos that need a person. */
export function addFailures(shell: Shell): void {
  shell
    .command('failures', 'photos that need you: lists them by reason, shows one, or tries them again')
    .addArgument(new Argument('[what]', 'what to do').choices(['list', 'show', 'retry']).default('list'))
    .argument('[photo]', 'for show: its path, or its file name')
    .option('--code <code>', 'only those parked with this code, such as EmptyAnswer; list shows each photo then')
    .addOption(new Option('--step <step>', 'only those parked at this step').choices(steps))
    .option('--library <name>', 'only those of one library')
    .addOption(
      new Option('--recipe <which>', 'parked under the prompt and model wanted now, or others').choices(recipeChoices),
    )
    .addOption(new Option('--limit <number>', 'list: 20 unless told; retry: all unless told').argParser(wholeNumber))
    .option('--yes', 'retry: more than 20 photos without a question')
    .addHelpText('after', examples)
    .action(async (what: What, photo: string | undefined, options: Options) => {
      if (photo !== undefined && what !== 'show') {
        throw new UsageError('Only "darkroom failures show" takes a photo.');
      }
      if (what === 'show') await show(shell, photo, options);
      else if (what === 'list') await list(shell, options);
      else await retry(shell, options);
    });
}

const examples = `
Examples:
  darkroom failures                         by reason, with an example of each
  darkroom failures --code Undecodable      the photos of one reason
  darkroom failures show IMG_2031.jpg       all that is known of one
  darkroom failures retry --code Refused    once more, now that the cause is gone`;

async function show({ running, out }: Shell, photo: string | undefined, options: Options): Promise<void> {
  if (photo === undefined) throw new UsageError('Which photo? darkroom failures show <photo>');
  const { showFailure } = await import('../commands/failures.ts');
  await running(options, (opened) => showFailure(opened, out, { photo, json: options.json ?? false, sha256 }));
}

async function list({ running, out }: Shell, options: Options): Promise<void> {
  const { listFailures } = await import('../commands/failures.ts');
  const { json = false, limit = usualLimit } = options;
  await running(options, (opened) => listFailures(opened, out, { wanted: wantedOf(options), limit, json }));
}

async function retry({ running, out, interrupted: signal }: Shell, options: Options): Promise<void> {
  const { retryFailures } = await import('../commands/retry.ts');
  const { json = false, limit, yes = false } = options;
  const asked = { wanted: wantedOf(options), limit, yes, json, ask: asker(signal), progress, signal };
  await running(options, async (opened) => {
    process.exitCode = await retryFailures(opened, out, asked);
  });
}

const wantedOf = ({ code, step, library, recipe }: Options): Wanted => ({ code, step, library, recipe });
