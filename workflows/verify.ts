import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../domain/contract.ts';
import { queues } from '../domain/queues.ts';
import {
  addVerified,
  againAtOnce,
  nothingLookedAt,
  type VerifyKind,
  verifiedInWords,
  type VerifyPlace,
  type VerifyReport,
  verifyKindAfter,
} from '../domain/verify.ts';
import { verifyQuery, type VerifyInput } from './messages.ts';

const step = (summary: string) =>
  proxyActivities<Pick<Activities, 'verifyPage' | 'keepVerified'>>({
    taskQueue: queues.control,
    // 500 texts, of which each may be written once more by a server that is slow.
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    summary,
  });

const summaries = {
  fresh: 'texts that were written since the last round',
  again: 'texts that were seen long ago',
} as const satisfies Record<VerifyKind, string>;

/** Looks again at what was written into libraries' own fields, and puts back once what the library lost. */
export async function verifyPublications({ resume }: VerifyInput = {}): Promise<VerifyReport> {
  let report: VerifyReport = resume?.report ?? {
    ...nothingLookedAt,
    startedAt: workflowInfo().startTime.getTime(),
  };
  let place: VerifyPlace = resume?.place ?? { kind: 'fresh' };
  let again = resume?.again ?? 0;
  setHandler(verifyQuery, () => report, { description: 'What was looked at so far, and what came of it' });

  for (;;) {
    const { startedAt, away: without } = report;
    const page = await step(summaries[place.kind]).verifyPage({ ...place, startedAt, without });
    report = addVerified(report, page);
    if (place.kind === 'again') again += page.looked;
    setCurrentDetails([verifiedInWords(report), ...report.problems].join('\n- '));
    const isOver = page.next === undefined || again >= againAtOnce;
    const kind = isOver ? verifyKindAfter(place.kind) : place.kind;
    if (kind === undefined) break;
    place = isOver || page.next === undefined ? { kind } : { kind, after: page.next };
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof verifyPublications>({ resume: { report, place, again } });
  }
  report = { ...report, endedAt: Date.now() };
  await step('keep the report').keepVerified(report);
  setCurrentDetails([verifiedInWords(report), ...report.problems].join('\n- '));
  return report;
}
