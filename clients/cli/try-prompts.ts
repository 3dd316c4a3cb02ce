import { sha256 } from '../../runtime/sha256.ts';
import type { TryOut } from '../try-out/open.ts';
import { isTrying, limitOption, type Wishes, withWishes } from '../try-out/wishes.ts';
import type { Common, Shell } from './shell.ts';

/** `describe`, and trying prompts and models on photos without keeping anything. */
export function addDescribing(shell: Shell): void {
  addDescribe(shell);
  addCompare(shell);
}

function addDescribe(shell: Shell): void {
  const { command, running, out, note, interrupted } = shell;
  withWishes(command('describe <photo>', 'one photo, now, before everything else, printed'))
    .option('--model <tag>', 'tries this model: the answer is printed and kept nowhere')
    .action(async (photo: string, options: Common & Wishes & { model?: string }) => {
      const json = options.json ?? false;
      if (isTrying(options)) {
        const { tryPhoto } = await import('../commands/try.ts');
        const write = (text: string) => void process.stdout.write(text);
        const stream = process.stdout.isTTY && !json ? write : undefined;
        const { model } = options;
        return await trying(shell, options, (tryOut, signal) =>
          tryPhoto(tryOut, out, { photo, model, json, stream, note, signal }),
        );
      }
      const { describe } = await import('../commands/describe.ts');
      await running(options, (opened) => describe(opened, out, { photo, json, sha256, note, signal: interrupted }));
    });
}

function addCompare(shell: Shell): void {
  const { command, out, saidColumns } = shell;
  withWishes(command('compare [photo...]', 'the same photos with several models, side by side; nothing is kept'))
    .option('--model <tag>', 'give it two to six times', (tag: string, tags: readonly string[]) => [...tags, tag], [])
    .addOption(limitOption())
    .action(async (photos: string[], options: Common & Wishes & { model: readonly string[]; limit: number }) => {
      const { compare } = await import('../commands/compare.ts');
      const { model: models, limit, json = false } = options;
      // A pipe gets columns only where whoever reads it said how wide it is.
      const wide = process.stdout.isTTY || saidColumns !== undefined;
      await trying(shell, options, async (tryOut, signal) => {
        process.exitCode = await compare(tryOut, out, { photos, models, limit, json, wide, progress, signal });
      });
    });
}

/** One line that is written over; only where somebody watches. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

async function trying(
  { note, interrupted }: Shell,
  options: Common & Wishes,
  work: (tryOut: TryOut, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { trying } = await import('../try-out/trying.ts');
  await trying({ env: process.env, wishes: options, dataDir: options.dataDir, note, stop: interrupted }, work);
}
