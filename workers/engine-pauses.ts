import type { QueuePauses } from '../clients/queue-pauses.ts';
import { overAt, type PausedQueue, pausesInWords } from '../domain/pause.ts';
import type { Logger } from '../runtime/log.ts';
import { pause as wait } from '../runtime/when-aborted.ts';

export interface PauseWatch {
  /** As they were a moment ago. */
  now(): readonly PausedQueue[];
  /** After the signal. */
  readonly ended: Promise<void>;
}

export interface PauseWatchDeps {
  readonly pauses: Pick<QueuePauses, 'look' | 'liftOver'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const everyMs = 2_000;

/**
 * Looks at the pauses every two seconds until the signal, and lifts those that are over. Nothing has to be remembered: a
 * pause that ended while this process was away is lifted by its next start, and without it nothing would run anyway.
 */
export function watchPauses({ pauses, log, signal }: PauseWatchDeps): PauseWatch {
  let now: readonly PausedQueue[] = [];
  const look = async (): Promise<void> => {
    now = await pauses.look();
    if (overAt(now, Date.now()).length === 0) return;
    const lifted = await pauses.liftOver(Date.now());
    for (const line of pausesInWords(lifted, Date.now())) log.info(`A pause is over: ${line}`);
    now = await pauses.look();
  };
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      // Temporal or the database is away: that is told elsewhere, and pauses are lifted when both are back.
      await look().catch((error: unknown) => log.debug({ err: error }, 'Pauses could not be looked at'));
      await wait(everyMs, signal);
    }
  };
  return { now: () => now, ended: watch() };
}
