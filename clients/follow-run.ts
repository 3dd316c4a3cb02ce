import { setTimeout as sleep } from 'node:timers/promises';
import { type Output, wrapped } from './output.ts';

/** A long run of Temporal's, as a command follows it. */
export interface FollowedRun<R> {
  readonly workflowId: string;
  /** What it did so far. Undefined where no worker answers at this moment. */
  report(): Promise<R | undefined>;
  /** Its end, as long as it takes. */
  result(signal: AbortSignal): Promise<R>;
}

export interface FollowOptions<R> {
  /** One line that is written over; an empty one takes it away. */
  readonly progress: (text: string) => void;
  readonly inWords: (report: R) => string;
  /** The run's page in the Web UI. */
  readonly page: string | undefined;
  readonly signal: AbortSignal;
  readonly lookEveryMs?: number | undefined;
}

/** The report at the end, with progress until then. Undefined after Ctrl-C, which leaves the run to itself and says so. */
export async function followRun<R>(
  run: FollowedRun<R>,
  out: Output,
  options: FollowOptions<R>,
): Promise<R | undefined> {
  const { page = `workflow ${run.workflowId}`, signal } = options;
  const over = new AbortController();
  const watching = watch(run, { ...options, signal: AbortSignal.any([signal, over.signal]) });
  const stopWatching = async () => {
    over.abort();
    await watching;
  };
  try {
    const report = await run.result(signal);
    await stopWatching();
    return report;
  } catch (error) {
    await stopWatching();
    if (!signal.aborted) throw error;
    for (const line of wrapped(`Interrupted: it goes on without this command (${page}).`, out.columns)) out.line(line);
    return undefined;
  }
}

async function watch<R>(
  run: FollowedRun<R>,
  { progress, inWords, signal, lookEveryMs = 1_000 }: FollowOptions<R>,
): Promise<void> {
  while (!signal.aborted) {
    const report = await run.report();
    if (signal.aborted) break;
    progress(report === undefined ? 'waiting for a worker' : inWords(report));
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
  progress('');
}
