import { setTimeout as sleep } from 'node:timers/promises';
import { type ReconcileReport, reportInWords } from '../../domain/reconcile.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import type { RunningReconcile } from '../reconciles.ts';

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
  { json, progress, signal, lookEveryMs = 1_000 }: ReconcileOptions,
): Promise<number> {
  const run = await reconciles.begin();
  const over = new AbortController();
  const watching = watch(run, { progress, lookEveryMs, signal: AbortSignal.any([signal, over.signal]) });
  try {
    const report = await run.result(signal);
    over.abort();
    await watching;
    tell(out, report, json);
    return report.problems.length === 0 ? 0 : 1;
  } catch (error) {
    over.abort();
    await watching;
    if (!signal.aborted) throw error;
    const page = pageOf(run.workflowId) ?? `workflow ${run.workflowId}`;
    for (const line of wrapped(`Interrupted: it goes on without this command (${page}).`, out.columns)) out.line(line);
    return 1;
  }
}

interface Watching {
  readonly progress: (text: string) => void;
  readonly lookEveryMs: number;
  readonly signal: AbortSignal;
}

async function watch(run: RunningReconcile, { progress, lookEveryMs, signal }: Watching): Promise<void> {
  while (!signal.aborted) {
    const report = await run.report();
    if (signal.aborted) break;
    progress(report === undefined ? 'waiting for a worker' : `${report.looked} looked at, ${report.started} started`);
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
  progress('');
}

function tell(out: Output, report: ReconcileReport, json: boolean): void {
  if (json) return out.json(report);
  const { looked, problems } = report;
  const words = reportInWords(report);
  const first = `${words.charAt(0).toUpperCase()}${words.slice(1)} (${looked} ${looked === 1 ? 'row' : 'rows'} looked at).`;
  for (const text of [first, ...problems]) for (const line of wrapped(text, out.columns)) out.line(line);
}
