import { InvalidArgumentError } from 'commander';
import type { Common, Shell } from './shell.ts';

interface Flags extends Common {
  readonly person?: string;
  readonly from?: string;
  readonly to?: string;
  readonly library?: string;
  readonly limit: number;
}

const mostShown = 1_000;

/** `darkroom search`: photos by their descriptions and by who is on them. */
export function addSearch({ command, running, out }: Shell): void {
  command('search', 'photos by the words of their descriptions and by who is on them, the newest first')
    .argument('[words...]', 'all of them have to be there; "in quotes": one after the other; -word: not this one')
    .option('--person <name>', 'only photos with this person: a name or a part of it, or the id')
    .option('--from <date>', 'taken on this day or later: 2024-05-31, 2024-05 or 2024')
    .option('--to <date>', 'taken on this day or before')
    .option('--library <name>', 'of one library only')
    .option('--limit <count>', 'so many at most', limitOf, 20)
    .addHelpText('after', help)
    .action(async (words: readonly string[], { json = false, ...options }: Flags) => {
      const { search } = await import('../commands/search.ts');
      const { person, from, to, library, limit } = options;
      const asked = { words: words.map(asOne).join(' '), person, from, to, library, limit, json };
      await running(options, (opened) => search(opened, out, asked));
    });
}

/** Where the shell has taken the quotes away, words that were one argument belong together. */
const asOne = (word: string, _at: number, all: readonly string[]): string =>
  all.length > 1 && /\s/.test(word) && !word.includes('"') ? `"${word}"` : word;

function limitOf(text: string): number {
  const limit = Number(text);
  if (!/^\d{1,4}$/.test(text) || limit < 1 || limit > mostShown) {
    throw new InvalidArgumentError(`say a number from 1 to ${mostShown}.`);
  }
  return limit;
}

const help = `
Words are found in all their forms, in the language of the description. A word
that is the name of a person finds the photos that they are on, too.

Examples:
  darkroom search red boat
  darkroom search '"old harbour" -dog'
  darkroom search Anna beach --from 2023 --to 2024-08
  darkroom search --person "Anna Maria" --library pictures
  darkroom search boat --json | jq -r '.photos[].file'`;
