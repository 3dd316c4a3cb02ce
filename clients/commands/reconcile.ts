import { type ReconcileReport, reportInWords } from '../../domain/reconcile.ts';
import { followRun } from '../follow-run.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';

export interface ReconcileOptions {
  readonly json: boolean;
  /** One line that is written over; an empty one takes it away. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  readonly lookEveryMs?: number;
}

/**
 * Looks for what is missing now, and waits for the end. Returns the exit code: 1 where something could not be looked at or started, and
 * after Ctrl-C, which leaves it to itself.
 */
export async function reconcile(
  { reconciles, pageOf }: Pick<Opened, 'reconciles' | 'pageOf'>,
  out: Output,
  { json, progress, signal, lookEveryMs }: ReconcileOptions,
): Promise<number> {
  const run = await reconciles.begin();
  const page = pageOf(run.workflowId);
  const report = await followRun(run, out, { progress, inWords: lookedAt, page, signal, lookEveryMs });
  if (report === undefined) return 1;
  tell(out, report, json);
  return report.problems.length === 0 ? 0 : 1;
}

const lookedAt = ({ looked, started }: ReconcileReport): string => `${looked} looked at, ${started} started`;

function tell(out: Output, report: ReconcileReport, json: boolean): void {
  if (json) return out.json(report);
  const { looked, problems } = report;
  const words = reportInWords(report);
  const first = `${words.charAt(0).toUpperCase()}${words.slice(1)} (${looked} ${looked === 1 ? 'row' : 'rows'} looked at).`;
  for (const text of [first, ...problems]) for (const line of wrapped(text, out.columns)) out.line(line);
}
