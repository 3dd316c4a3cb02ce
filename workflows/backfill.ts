import { continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { StartPageResult } from '../domain/contract.ts';
import { type BackfillInput, type BackfillProgress, progressQuery, rescanSignal } from './messages.ts';
import { startPageStep } from './steps.ts';

/** Wider buys latency and no throughput: 30 gave the same rate as 300 (64 is at least twice the sum of activity slots). */
const defaultWindow = 64;
const defaultPageSize = 100;
const keptProblems = 20;

const nothingYet: BackfillProgress = { passes: 0, seen: 0, started: 0, skipped: 0, unsupported: 0, problems: [] };

/** Looks through a whole library, page by page, and starts a run for every photo that needs one. */
export async function backfill(input: BackfillInput): Promise<BackfillProgress> {
  let progress = input.resume?.progress ?? nothingYet;
  let again = input.resume?.again ?? false;
  setHandler(progressQuery, () => progress, { description: 'What this backfill has seen and started' });
  setHandler(rescanSignal, () => void (again = true), { description: 'Look through the library once more' });
  // Here the handler has run for signals that came before this run's first step. One that came with the very start asks for
  // the pass that begins now; one that came while a run continued as a new one asks for another pass.
  if (input.resume === undefined) again = false;

  let cursor = input.resume?.cursor;
  for (;;) {
    const page = await nextPage(input, cursor);
    progress = tally(progress, page);
    cursor = page.next;
    if (cursor === undefined) {
      progress = { ...progress, passes: progress.passes + 1 };
      if (!again) return progress;
      again = false;
    }
    if (workflowInfo().continueAsNewSuggested) {
      return await continueAsNew<typeof backfill>({ ...input, resume: { cursor, progress, again } });
    }
  }
}

const nextPage = (input: BackfillInput, cursor: string | undefined): Promise<StartPageResult> =>
  startPageStep(`start the next photos of ${input.library}`)({
    library: input.library,
    pageSize: input.pageSize ?? defaultPageSize,
    window: input.window ?? defaultWindow,
    ...(cursor !== undefined && { cursor }),
  });

const tally = (sum: BackfillProgress, page: StartPageResult): BackfillProgress => ({
  passes: sum.passes,
  seen: sum.seen + page.seen,
  started: sum.started + page.started,
  skipped: sum.skipped + page.skipped,
  unsupported: sum.unsupported + page.unsupported,
  problems: [...sum.problems, ...page.problems].slice(-keptProblems),
});
