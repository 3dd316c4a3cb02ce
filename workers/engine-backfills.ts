import type { Client } from '@temporalio/client';
import { createBackfills } from '../clients/backfills.ts';
import { backfillsNow, heldInWords, type Known } from '../clients/known-backfills.ts';
import { pause } from '../runtime/when-aborted.ts';

export interface BackfillWatch {
  /** One line for each backfill that starts nothing more now, as it was a moment ago. */
  readonly inWords: (now: number) => string[];
  /** After the signal. */
  readonly ended: Promise<void>;
}

/** A question to a workflow that is no longer in memory goes through its history: not as often as to the database. */
const everyMs = 10_000;

/** Asks the backfills that run whether somebody holds them, until the signal. */
export function watchBackfills(client: Client, signal: AbortSignal): BackfillWatch {
  const backfills = createBackfills({ client });
  let open: readonly Known[] = [];
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      // The workers that would answer end at the signal too.
      const found = await client.withAbortSignal(signal, () => backfillsNow({ backfills }));
      open = found.open ?? open;
      await pause(everyMs, signal);
    }
  };
  return { inWords: (now) => open.flatMap((one) => heldInWords(one, now) ?? []), ended: watch() };
}
