import { type Command, Option } from 'commander';
import { UsageError } from '../usage-error.ts';

/** What is tried instead of what the settings say. */
export interface Wishes {
  readonly prompt?: string | undefined;
  readonly promptFile?: string | undefined;
  readonly output?: 'text' | 'json' | undefined;
  /** Address of the only host that may be asked. */
  readonly host?: string | undefined;
}

export const withWishes = (command: Command): Command =>
  command
    .option('--prompt <text>', 'tries this prompt (VISION_PROMPT), with placeholders such as {{date}}')
    .option('--prompt-file <file>', 'tries the prompt in this file (VISION_PROMPT_FILE)')
    .addOption(new Option('--output <kind>', 'tries this kind of answer (VISION_OUTPUT)').choices(['text', 'json']))
    .option('--host <url>', 'asks this host only, set up or not');

/** Any of them turns `describe` from a photo of the library into a try. */
export const isTrying = ({ prompt, promptFile, output, host, model }: Wishes & { model?: string }): boolean =>
  [prompt, promptFile, output, host, model].some((wish) => wish !== undefined);

export const limitOption = (): Option =>
  new Option('--limit <number>', 'photos of folders, or of the libraries where none are named')
    .default(5)
    .argParser(wholeNumber);

/** For options that count something. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--limit ${text} is not a whole number from 1 on.`);
  return Number(text);
}
