import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../domain/contract.ts';
import { queues } from '../domain/queues.ts';
import { addUndone, nothingUndone, undoneInWords, type UndoReport } from '../domain/undo.ts';
import { undoQuery, type UndoInput } from './messages.ts';

const step = (summary: string) =>
  proxyActivities<Pick<Activities, 'undoPage' | 'countUndoable'>>({
    taskQueue: queues.control,
    // 200 texts, each of which is read and written by a server that is slow.
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    summary,
  });

/** Puts back what stood in the library's field before, where it is still as we wrote it; or says what that would be. */
export async function undoPublications(input: UndoInput): Promise<UndoReport> {
  const { choice, dryRun = false, limit, resume } = input;
  let report: UndoReport = resume?.report ?? { ...nothingUndone, startedAt: workflowInfo().startTime.getTime() };
  let after = resume?.after;
  setHandler(undoQuery, () => report, { description: 'What was taken back so far, and what was left' });

  if (resume === undefined) {
    const { count } = await step('how many there are').countUndoable({ choice });
    if (count !== undefined) report = { ...report, total: limit === undefined ? count : Math.min(count, limit) };
  }
  for (;;) {
    const left = limit === undefined ? undefined : limit - report.undone;
    if (left !== undefined && left <= 0) break;
    const place = { ...(after !== undefined && { after }), ...(left !== undefined && { limit: left }) };
    const page = await step(dryRun ? 'only looks' : 'puts back').undoPage({ choice, dryRun, ...place });
    report = addUndone(report, page);
    setCurrentDetails(undoneInWords(report, dryRun));
    if (page.next === undefined) break;
    after = page.next;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof undoPublications>({ ...input, resume: { report, after } });
  }
  return { ...report, endedAt: Date.now() };
}
