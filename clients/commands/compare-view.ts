import { answerTexts, seconds, tokenWords } from '../answer-words.ts';
import { aligned } from '../output.ts';
import { besideEachOther, cellLines, printable } from '../text-columns.ts';
import type { Answer } from '../try-out/compare-run.ts';
import type { ModelHost } from '../try-out/find-host.ts';

/** Answers of one photo, one place per model; undefined where there is none yet. */
export type Row = readonly (Answer | undefined)[];

/** A column narrower than this has a few words to the line. */
const narrowest = 30;
const gap = 2;

export interface Page {
  readonly columns: number;
  /** A terminal; a pipe gets the answers one below the other. */
  readonly wide: boolean;
}

/** One photo with the answers of all models, as lines. */
export function photoLines(photo: string, models: readonly ModelHost[], row: Row, { columns, wide }: Page): string[] {
  const width = Math.floor((columns - gap * (models.length - 1)) / models.length);
  const cells = models.map(({ model }, at) => ({ model, texts: cellTexts(row[at]) }));
  const title = printable(photo);
  if (wide && width >= narrowest) {
    const lines = cells.map(({ model, texts }) =>
      [model, '─'.repeat(Math.min(width, model.length)), ...texts].flatMap((text) => cellLines(text, width)),
    );
    return [title, '', ...besideEachOther(lines, width), ''];
  }
  const below = cells.flatMap(({ model, texts }) => [
    `  ${model}`,
    ...texts.flatMap((text) => cellLines(text, columns - 4)).map((line) => `    ${line}`.trimEnd()),
    '',
  ]);
  return [title, '', ...below];
}

function cellTexts(answer: Answer | undefined): string[] {
  if (answer === undefined) return ['(no answer)'];
  if (answer.state === 'failed') return [`FAILED: ${answer.reason}`];
  const { description } = answer;
  const cost = [seconds(description.totalMs), tokenWords(description)].filter((word) => word !== '').join(', ');
  return [...answerTexts(description), `— ${cost}${description.simulated ? ', SIMULATED' : ''}`];
}

export interface ModelTotal extends Pick<ModelHost, 'model' | 'host' | 'tag'> {
  readonly answers: number;
  readonly failed: number;
  /** Wall clock of the answers together. */
  readonly totalMs: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Tokens of the answers by the time that hosts took to write them; absent where no host says. */
  readonly tokensPerSecond?: number;
}

/** What each model did, over all photos. */
export const totalsOf = (models: readonly ModelHost[], rows: readonly Row[]): ModelTotal[] =>
  models.map(({ model, host, tag }, at) => {
    const answers = rows.flatMap((row) => row[at] ?? []);
    const done = answers.flatMap((answer) => (answer.state === 'answered' ? [answer.description] : []));
    const sum = (of: (one: (typeof done)[number]) => number | undefined) =>
      done.reduce((all, one) => all + (of(one) ?? 0), 0);
    const [answerTokens, evalMs] = [sum((one) => one.answerTokens), sum((one) => one.evalMs)];
    return {
      model,
      host,
      tag,
      answers: done.length,
      failed: answers.length - done.length,
      totalMs: sum((one) => one.totalMs),
      promptTokens: sum((one) => one.promptTokens),
      answerTokens,
      ...(evalMs > 0 && { tokensPerSecond: Math.round((answerTokens / evalMs) * 10_000) / 10 }),
    };
  });

export function totalLines(totals: readonly ModelTotal[], photos: number): string[] {
  const head = ['model', 'host', 'answers', 'seconds', 'per photo', 'tokens', 'tokens/s'];
  const rows = totals.map(({ model, host, answers, failed, totalMs, promptTokens, answerTokens, tokensPerSecond }) => [
    model,
    host,
    `${answers} of ${photos}${failed === 0 ? '' : `, ${failed} failed`}`,
    seconds(totalMs),
    answers === 0 ? '' : seconds(totalMs / answers),
    `${promptTokens} + ${answerTokens}`,
    tokensPerSecond === undefined ? '' : String(tokensPerSecond),
  ]);
  return aligned([head, ...rows]);
}
