import { spanMs } from './pause.ts';
import { levels } from './prioritize.ts';
import { priorities } from './queues.ts';

/** How a backfill is to go on. Changed by signals while it runs, and carried along when it continues as a new run. */
export interface Steering {
  /** Runs open at once that are able to go on. */
  readonly window: number;
  /** Of the runs it starts from now on: 1 to 5, 1 first. */
  readonly priority: number;
  readonly pause?: BackfillPause;
  /** Nothing more is started; what is open ends by itself. */
  readonly cancelled?: { readonly reason: string };
}

export interface BackfillPause {
  readonly reason: string;
  /** Milliseconds since 1970; absent: until somebody resumes. */
  readonly until?: number;
}

/** Wider buys latency and no throughput: 30 gave the same rate as 300 (64 is at least twice the sum of activity slots). */
export const defaultWindow = 64;
/** A window is a number of runs in Temporal's memory and of rows that wait; 2,000 is more than any set of hosts can use. */
const widestWindow = 2_000;

export const usualSteering: Steering = { window: defaultWindow, priority: priorities.backfill };

/** What a page, or a whole pass, did. Every file that was seen is in exactly one of the other numbers. */
export interface PageTally {
  readonly seen: number;
  readonly started: number;
  /** Needs nothing: described, or parked and not to be tried again. */
  readonly skipped: number;
  readonly unsupported: number;
  /** A run was open already; absent in pages of version 0.1.0, which counted these as started. */
  readonly underWay?: number | undefined;
  /** Of those skipped: the ones that are parked. */
  readonly parked?: number | undefined;
  /** What could not be looked at, in words. */
  readonly problems: readonly string[];
}

export interface BackfillProgress extends PageTally {
  readonly passes: number;
}

export const nothingYet: BackfillProgress = {
  passes: 0,
  seen: 0,
  started: 0,
  skipped: 0,
  unsupported: 0,
  underWay: 0,
  parked: 0,
  problems: [],
};

/** What people call a backfill: the end of its id, whose beginning is the time and the same for all of one minute. */
export const shortId = (backfill: string): string => backfill.slice(-8);

const keptProblems = 20;

export const tally = (sum: BackfillProgress, page: PageTally): BackfillProgress => ({
  passes: sum.passes,
  seen: sum.seen + page.seen,
  started: sum.started + page.started,
  skipped: sum.skipped + page.skipped,
  unsupported: sum.unsupported + page.unsupported,
  underWay: (sum.underWay ?? 0) + (page.underWay ?? 0),
  parked: (sum.parked ?? 0) + (page.parked ?? 0),
  problems: [...sum.problems, ...page.problems].slice(-keptProblems),
});

/** One line: what it did so far. */
export function progressInWords(progress: BackfillProgress): string {
  const { started, skipped, unsupported, underWay = 0, parked = 0 } = progress;
  // A page is counted as seen at its end.
  const seen = Math.max(progress.seen, started + underWay);
  const parts = [
    `${seen} seen`,
    `${started} started`,
    ...(underWay > 0 ? [`${underWay} under way already`] : []),
    `${skipped} need nothing${parked > 0 ? ` (${parked} parked)` : ''}`,
    ...(unsupported > 0 ? [`${unsupported} not supported`] : []),
  ];
  return parts.join(', ');
}

// What a signal or an update carries comes from a person, by our own commands or by Temporal's tools, and may be anything.

const fieldOf = (input: unknown, name: string): unknown =>
  typeof input === 'object' && input !== null ? Object.entries(input).find(([key]) => key === name)?.[1] : undefined;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : undefined;

/** `"why"`, `{ reason }`, or nothing at all. */
export const reasonFrom = (input: unknown): string =>
  textOf(input) ?? textOf(fieldOf(input, 'reason')) ?? 'no reason given';

/** `{ reason, for: "2h" }` or `{ reason, until: "2026-11-24T06:00:00Z" }`; a span or a moment that cannot be read makes no end. */
export function pauseFrom(input: unknown, now: number): BackfillPause {
  const span = textOf(fieldOf(input, 'for'));
  const moment = textOf(fieldOf(input, 'until'));
  const ms = span === undefined ? undefined : spanMs(span);
  const at = moment === undefined ? Number.NaN : Date.parse(moment);
  const until = ms === undefined ? at : now + ms;
  return { reason: reasonFrom(input), ...(Number.isFinite(until) && { until }) };
}

/** `2`, `"now"`, `{ priority: 2 }` or `{ level: "now" }`; undefined for what is neither 1 to 5 nor a level. */
export function priorityFrom(input: unknown): number | undefined {
  const given = fieldOf(input, 'priority') ?? fieldOf(input, 'level') ?? input;
  if (typeof given === 'string') return Object.entries(levels).find(([level]) => level === given)?.[1];
  return isWhole(given, 1, 5) ? given : undefined;
}

/** `100` or `{ window: 100 }`; undefined for what is no whole number from 1 to 2,000. */
export function windowFrom(input: unknown): number | undefined {
  const given = fieldOf(input, 'window') ?? input;
  return isWhole(given, 1, widestWindow) ? given : undefined;
}

const isWhole = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
