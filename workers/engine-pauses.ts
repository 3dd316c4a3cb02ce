import { holdingAt, type KeptPause, type KeptPauses, keptInWords } from '../domain/kept-pause.ts';
import { overAt, type PausedQueue, pausesInWords } from '../domain/pause.ts';
import { dueAt, pauseOn, type PlannedPause, plansInWords, verdictOn } from '../domain/planned-pause.ts';
import type { Logger } from '../runtime/log.ts';
import type { CarriedOut, PlannedPauses } from '../runtime/temporal/planned-pauses.ts';
import type { QueuePauses } from '../runtime/temporal/queue-pauses.ts';
import { pause as wait } from '../runtime/when-aborted.ts';

export interface PauseWatch {
  /** One line for each pause of a queue, a library or a host, and for each that is planned, as they were a moment ago. */
  readonly inWords: (now: number) => string[];
  /** Does a pause keep everybody waiting, and not only one library or host? */
  readonly isForAll: () => boolean;
  /** After the signal. */
  readonly ended: Promise<void>;
}

export interface PauseWatchDeps {
  readonly pauses: Pick<QueuePauses, 'look' | 'liftOver'>;
  readonly kept: Pick<KeptPauses, 'look'>;
  readonly planned: Pick<PlannedPauses, 'look' | 'carryOut'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const everyMs = 2_000;

/**
 * Looks at the pauses every two seconds until the signal, begins those that are planned for now, and lifts those that are
 * over. Nothing has to be remembered: what was due while this process was away is done by its next start, and without it
 * nothing would run anyway.
 */
export function watchPauses({ pauses, kept, planned, log, signal }: PauseWatchDeps): PauseWatch {
  let now: readonly PausedQueue[] = [];
  let held: readonly KeptPause[] = [];
  let plans: readonly PlannedPause[] = [];
  const begin = async (): Promise<void> => {
    const at = Date.now();
    // One that has to wait for somebody's own pause is not asked about again while that is seen.
    if (dueAt(plans, at).every((plan) => verdictOn(plan, pauseOn(plan.queue, now), at) === 'waits')) return;
    tellBegun(await planned.carryOut(at), log);
    [now, plans] = [await pauses.look(), await planned.look()];
  };
  const look = async (): Promise<void> => {
    now = await pauses.look();
    // First, so that a pause which follows another one at once leaves no gap between the two.
    await begin();
    if (overAt(now, Date.now()).length === 0) return;
    const lifted = await pauses.liftOver(Date.now());
    for (const line of pausesInWords(lifted, Date.now())) log.info(`A pause is over: ${line}`);
    now = await pauses.look();
  };
  // Temporal or the database is away: that is told elsewhere, and pauses are lifted when both are back.
  const tell = (error: unknown) => log.debug({ err: error }, 'Pauses could not be looked at');
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await planned.look().then((found) => (plans = found), tell);
      await look().catch(tell);
      await kept.look().then(({ pauses }) => (held = pauses), tell);
      await wait(everyMs, signal);
    }
  };
  return {
    isForAll: () => now.length > 0,
    inWords: (at) => [
      ...pausesInWords(now, at),
      ...plansInWords(plans, at, now),
      ...holdingAt(held, at).map((one) => keptInWords(one, at)),
    ],
    ended: watch(),
  };
}

const verdicts = {
  pause: 'A planned pause has begun',
  over: 'A planned pause is forgotten, it would be over by now',
  held: 'A planned pause is forgotten, a newer or longer one holds',
} as const;

function tellBegun(done: readonly CarriedOut[], log: Logger): void {
  for (const { plan, verdict } of done) {
    if (verdict === 'waits') continue;
    const { queue, by, why } = plan;
    log.info({ queue, by, why }, verdicts[verdict]);
  }
}
