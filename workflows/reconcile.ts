import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../domain/contract.ts';
import { queues } from '../domain/queues.ts';
import {
  addMissing,
  kindAfter,
  type MissingKind,
  nothingMissing,
  type ReconcilePlace,
  type ReconcileReport,
  reportInWords,
} from '../domain/reconcile.ts';
import { type ReconcileInput, reconcileQuery } from './messages.ts';

const step = (summary: string) =>
  proxyActivities<Pick<Activities, 'startMissing' | 'passLibraries' | 'keepReconciled'>>({
    taskQueue: queues.control,
    // It gives up by itself after two minutes without room, and starts about 100 runs by the handful at most.
    startToCloseTimeout: '2 hours',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    summary,
  });

const summaries = {
  begun: 'rows that say a run is open',
  new: 'new rows that no pass will meet',
} as const satisfies Record<MissingKind, string>;

/** Rows are looked at that nothing has touched for so long: a run that has just begun may not be seen everywhere yet. */
const usualQuietMs = 180_000;

/**
 * Compares libraries, database and runs, and starts what is missing: rows that say a run is open where there is none, files
 * that went before their run, and a pass through each library for what nobody told of.
 */
export async function reconcile(input: ReconcileInput = {}): Promise<ReconcileReport> {
  const { quietMs = usualQuietMs, resume } = input;
  let report = resume?.report ?? nothingMissing(workflowInfo().startTime.getTime());
  let place: ReconcilePlace = resume?.place ?? { kind: 'begun' };
  setHandler(reconcileQuery, () => report, { description: 'What was looked at and started so far' });

  for (;;) {
    const page = await step(summaries[place.kind]).startMissing({ ...place, quietMs });
    report = addMissing(report, page);
    setCurrentDetails([reportInWords(report), ...report.problems].join('\n- '));
    const kind = page.next === undefined ? kindAfter(place.kind) : place.kind;
    if (kind === undefined) break;
    place = page.next === undefined ? { kind } : { kind, after: page.next };
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof reconcile>({ ...input, resume: { report, place } });
    }
  }
  report = { ...report, ...(await step('a pass through each library').passLibraries()) };
  report = { ...report, endedAt: Date.now() };
  await step('keep the report').keepReconciled(report);
  setCurrentDetails([reportInWords(report), ...report.problems].join('\n- '));
  return report;
}
