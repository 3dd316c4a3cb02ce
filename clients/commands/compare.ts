import type { Output } from '../output.ts';
import { ask, loaded } from '../try-out/ask.ts';
import { type Answer, compareAll } from '../try-out/compare-run.ts';
import type { ModelHost } from '../try-out/find-host.ts';
import type { TryOut } from '../try-out/open.ts';
import type { ChosenPhoto } from '../try-out/read-photo.ts';
import { UsageError } from '../usage-error.ts';
import { photoLines, totalLines, totalsOf } from './compare-view.ts';

const fewestModels = 2;
const mostModels = 6;

export interface CompareOptions {
  readonly photos: readonly string[];
  readonly models: readonly string[];
  /** How many photos of folders and libraries. */
  readonly limit: number;
  readonly json: boolean;
  /** Standard output is a terminal, or somebody said how wide it is. */
  readonly wide: boolean;
  /** Says on the error stream how far it is; replaces what it said before. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The same photos with each model. Returns the exit code: 1 where an answer failed or is missing. */
export async function compare(tryOut: TryOut, out: Output, options: CompareOptions): Promise<number> {
  const { signal, json } = options;
  const wanted = [...new Set(options.models)];
  if (wanted.length < fewestModels || wanted.length > mostModels) {
    throw new UsageError(`Give ${fewestModels} to ${mostModels} different models: --model a --model b`);
  }
  const photos = await tryOut.photos({ names: options.photos, limit: options.limit, signal });
  const models = await tryOut.find(wanted, signal);
  const rows = photos.map((): (Answer | undefined)[] => models.map(() => undefined));
  const page = createPage({ out, options, photos, models, rows });
  await compareAll({
    photos,
    models,
    load: (on) => loaded(tryOut, on, signal),
    // Read anew for each model: 30 ms beside the seconds of an answer, and no picture is held for longer than its call.
    ask: async (photo, on) => ask(tryOut, { photo, read: await tryOut.read(photo, signal), on, signal }),
    onAnswer(photo, model, answer) {
      const row = rows[photo];
      if (row !== undefined) row[model] = answer;
      page.showFinished();
    },
    signal,
  });
  const totals = totalsOf(models, rows);
  if (json) out.json({ prompt: tryOut.recipe.prompt, photos: answersAsJson(photos, models, rows), totals });
  else page.showRest();
  return rows.flat().every((answer) => answer?.state === 'answered') ? 0 : 1;
}

interface Shown {
  readonly out: Output;
  readonly options: CompareOptions;
  readonly photos: readonly ChosenPhoto[];
  readonly models: readonly ModelHost[];
  readonly rows: readonly (readonly (Answer | undefined)[])[];
}

/** Photos are printed in their order, each when all its models have answered. */
function createPage({ out, options, photos, models, rows }: Shown) {
  const { json, wide, progress, signal } = options;
  let shown = 0;
  const show = (row: Shown['rows'][number]) => {
    const { shown: name } = photos[shown] ?? { shown: '' };
    shown += 1;
    progress('');
    for (const line of photoLines(name, models, row, { columns: out.columns, wide })) out.line(line);
  };
  return {
    showFinished() {
      if (json) return;
      for (let row = rows[shown]; row?.every((answer) => answer !== undefined); row = rows[shown]) show(row);
      const answered = rows.flat().filter((answer) => answer !== undefined).length;
      progress(`${answered} of ${rows.length * models.length} answers`);
    },
    /** What was broken off in the middle, and the totals. */
    showRest() {
      progress('');
      for (let row = rows[shown]; row !== undefined; row = rows[shown]) {
        if (row.some((answer) => answer !== undefined)) show(row);
        else shown += 1;
      }
      for (const line of totalLines(totalsOf(models, rows), rows.length)) out.line(line);
      if (signal.aborted) out.line('\nInterrupted: the rest was not asked.');
    },
  };
}

const answersAsJson = (photos: Shown['photos'], models: Shown['models'], rows: Shown['rows']) =>
  photos.map(({ shown }, photo) => ({
    photo: shown,
    answers: models.map(({ model, host }, at) => {
      const answer = rows[photo]?.[at];
      if (answer?.state === 'answered') return { ...answer.description, model, host };
      return { model, host, error: answer?.reason ?? 'interrupted' };
    }),
  }));
