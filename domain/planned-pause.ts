import { clock, groupsOf, isOurs, type Pause, type PausedQueue, whatInWords } from './pause.ts';
import { isWindows } from './window.ts';

/** A pause of one queue that begins later: `since` says when. Its id is the one of the pause that it becomes. */
export interface PlannedPause extends Pause {
  readonly queue: string;
  /** Also over what somebody paused with Temporal's own tools. */
  readonly force: boolean;
}

/** One plan for each queue at most, in the database. Every method may be called again with the same effect. */
export interface PlannedPauseStore {
  /** Those that are due too. */
  look(): Promise<readonly PlannedPause[]>;
  /** Replaces the plans for these queues, and returns those that were there. */
  put(plans: readonly PlannedPause[]): Promise<readonly PlannedPause[]>;
  /** Forgets this plan, and not a newer one for its queue. */
  done(plan: PlannedPause): Promise<void>;
  /** Forgets what is planned for these queues, and returns it. */
  drop(queues: readonly string[]): Promise<readonly PlannedPause[]>;
}

/**
 * `pause`: it is to begin now. `over`: it would have ended by now. `held`: it has begun already, or a pause holds that is
 * newer, or ends no sooner. `waits`: somebody paused the queue with Temporal's own tools, which goes first while it lasts.
 */
export type PlanVerdict = 'pause' | 'over' | 'held' | 'waits';

export const dueAt = (plans: readonly PlannedPause[], now: number): PlannedPause[] =>
  plans.filter(({ since }) => since <= now);

/** What is to be done at `now` with a plan that is due, while `paused` holds its queue. */
export function verdictOn(plan: PlannedPause, paused: PausedQueue | undefined, now: number): PlanVerdict {
  if (plan.until !== undefined && plan.until <= now) return 'over';
  // A window that is closed when the pause ends takes its place again.
  if (paused === undefined || isWindows(paused)) return 'pause';
  if (!isOurs(paused)) return plan.force ? 'pause' : 'waits';
  const isNewer = (paused.since ?? 0) >= plan.since;
  const endsNoSooner = paused.until === undefined || (plan.until !== undefined && paused.until >= plan.until);
  return paused.id === plan.id || isNewer || endsNoSooner ? 'held' : 'pause';
}

/** One line for each plan, whatever number of queues it is for. `paused` is what holds now. */
export function plansInWords(
  plans: readonly PlannedPause[],
  now: number,
  paused: readonly PausedQueue[] = [],
): string[] {
  return groupsOf(plans).map((group) => {
    const [{ by, why, since, until }] = group;
    const reason = why === undefined ? '' : ` (${why})`;
    const end = until === undefined ? '"darkroom resume"' : clock(until, now);
    const waits = dueAt(group, now).some((plan) => verdictOn(plan, pauseOn(plan.queue, paused), now) === 'waits');
    const who = `by ${by}${reason}`;
    const begins = waits ? `${who} when Temporal's own tools let it go on` : `at ${clock(since, now)} ${who}`;
    return `${whatInWords(group)} will be paused ${begins}, until ${end}`;
  });
}

export const pauseOn = (queue: string, paused: readonly PausedQueue[]): PausedQueue | undefined =>
  paused.find((one) => one.queue === queue);
