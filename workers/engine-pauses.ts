import { holdingAt, type KeptPause, type KeptPauses, keptInWords } from '../domain/kept-pause.ts';
import { overAt, type PausedQueue, pausesInWords } from '../domain/pause.ts';
import type { Logger } from '../runtime/log.ts';
import type { QueuePauses } from '../runtime/temporal/queue-pauses.ts';
import { pause as wait } from '../runtime/when-aborted.ts';

export interface PauseWatch {
  /** One line for each pause of a queue, a library or a host, as they were a moment ago. */
  readonly inWords: (now: number) => string[];
  /** Does a pause keep everybody waiting, and not only one library or host? */
  readonly isForAll: () => boolean;
  /** After the signal. */
  readonly ended: Promise<void>;
}

export interface PauseWatchDeps {
  readonly pauses: Pick<QueuePauses, 'look' | 'liftOver'>;
  readonly kept: Pick<KeptPauses, 'look'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const everyMs = 2_000;

/**
 * Looks at the pauses every two seconds until the signal, and lifts those that are over. Nothing has to be remembered: a
 * pause that ended while this process was away is lifted by its next start, and without it nothing would run anyway.
 */
export function watchPauses({ pauses, kept, log, signal }: PauseWatchDeps): PauseWatch {
  let now: readonly PausedQueue[] = [];
  let held: readonly KeptPause[] = [];
  const look = async (): Promise<void> => {
    now = await pauses.look();
    if (overAt(now, Date.now()).length === 0) return;
    const lifted = await pauses.liftOver(Date.now());
    for (const line of pausesInWords(lifted, Date.now())) log.info(`A pause is over: ${line}`);
    now = await pauses.look();
  };
  // Temporal or the database is away: that is told elsewhere, and pauses are lifted when both are back.
  const tell = (error: unknown) => log.debug({ err: error }, 'Pauses could not be looked at');
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await look().catch(tell);
      await kept.look().then(({ pauses }) => (held = pauses), tell);
      await wait(everyMs, signal);
    }
  };
  return {
    isForAll: () => now.length > 0,
    inWords: (at) => [...pausesInWords(now, at), ...holdingAt(held, at).map((one) => keptInWords(one, at))],
    ended: watch(),
  };
}
