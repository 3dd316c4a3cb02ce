import { type BackfillProgress, nothingYet, tally } from '../domain/backfill.ts';
import type { Activities, StartPageInput, StartPageResult } from '../domain/contract.ts';
import type { Runs } from '../domain/ports.ts';
import { priorities } from '../domain/queues.ts';
import { type BrakeDeps, createBrake } from './brake.ts';
import { heartbeating } from './heartbeat.ts';
import { type Candidate, pageSource, type PageSource, type PageSourceDeps } from './page-source.ts';

export interface StartPageDeps extends PageSourceDeps, BrakeDeps {
  readonly assets: PageSourceDeps['assets'] & BrakeDeps['assets'];
  readonly runs: Pick<Runs, 'start' | 'countOpen'>;
}

/**
 * Files that need nothing are passed over without coming back to the workflow: 6 events and 10 ms of the server for every
 * 5,000 of them and not for every 100.
 */
const mostSeen = 5_000;
const keptProblems = 5;

export function createStartPageActivities(deps: StartPageDeps): Pick<Activities, 'startPage'> {
  return { startPage: (input) => heartbeating((signal) => startPage(deps, input, signal)) };
}

/**
 * Goes on until a page's worth of runs was started. Told to end, it says how far it came; the page that was cut short is
 * looked through again by the next one, and only its new runs count here.
 */
async function startPage(deps: StartPageDeps, input: StartPageInput, signal: AbortSignal): Promise<StartPageResult> {
  const source = await pageSource(deps, input, signal);
  const start = starter(deps, input, source, signal);
  let sum = nothingYet;
  let cursor = input.cursor;
  do {
    const page = await source.page(cursor);
    const { started, underWay, end } = await start(page.candidates);
    if (end === 'cut') return { ...resultOf(tally(sum, { ...nothingYet, started }), cursor), cut: true };
    sum = tally(sum, { ...page, started, underWay });
    cursor = end === 'limit' ? undefined : page.next;
  } while (cursor !== undefined && sum.started < input.pageSize && sum.seen < mostSeen);
  return resultOf(sum, cursor);
}

interface Started {
  readonly started: number;
  readonly underWay: number;
  /** `limit`: as many as were wanted are taken. `cut`: told to end. */
  readonly end: 'all' | 'limit' | 'cut';
}

function starter(deps: StartPageDeps, input: StartPageInput, source: PageSource, signal: AbortSignal) {
  const { library, window, priority = priorities.backfill } = input;
  const brake = createBrake(deps, { library, window, priority, signal });
  return async (candidates: readonly Candidate[]): Promise<Started> => {
    let started = 0;
    let underWay = 0;
    for (let at = 0; at < candidates.length;) {
      const room = await brake.room(candidates.length - at);
      if (room === 0) return { started, underWay, end: 'cut' };
      const batch = candidates.slice(at, at + room);
      const taken = await source.take(batch);
      const isNew = await Promise.all(taken.start.map((one) => deps.runs.start({ ...one, priority })));
      const fresh = isNew.filter(Boolean).length;
      brake.started(fresh);
      started += fresh;
      underWay += isNew.length - fresh;
      if (taken.isLast) return { started, underWay, end: 'limit' };
      at += batch.length;
    }
    return { started, underWay, end: 'all' };
  };
}

function resultOf(sum: BackfillProgress, next: string | undefined): StartPageResult {
  const { seen, started, skipped, unsupported, underWay, parked } = sum;
  const problems = sum.problems.slice(0, keptProblems);
  return { seen, started, skipped, unsupported, underWay, parked, problems, ...(next !== undefined && { next }) };
}
