import type { Client } from '@temporalio/client';
import { createWindowSchedules, type WindowSchedules } from '../clients/window-schedules.ts';
import { ConfigError } from '../domain/errors.ts';
import type { KeptPauses } from '../domain/kept-pause.ts';
import type { WindowStore } from '../domain/window.ts';
import type { Logger } from '../runtime/log.ts';
import type { PlannedPauses } from '../runtime/temporal/planned-pauses.ts';
import type { QueuePauses } from '../runtime/temporal/queue-pauses.ts';
import { pause } from '../runtime/when-aborted.ts';
import { type PauseWatch, watchPauses } from './engine-pauses.ts';

export type KeptWatch = Pick<PauseWatch, 'inWords' | 'isForAll'> & { readonly ended: Promise<unknown> };

interface Pauses {
  readonly queues: QueuePauses;
  readonly kept: KeptPauses;
  readonly planned: PlannedPauses;
  readonly windows: WindowStore;
}

/** Pauses begin and end at their time, and windows open and close, whoever runs the workers. */
export function keepPauses(
  client: Client,
  { queues, kept, planned, windows }: Pauses,
  { log, signal }: Pick<WindowsDeps, 'log' | 'signal'>,
): KeptWatch {
  const { inWords, isForAll, ended } = watchPauses({ pauses: queues, kept, planned, log, signal });
  const schedules = createWindowSchedules(client);
  const ensured = ensureWindows({ store: windows, schedules, pauses: queues, log, signal });
  return { inWords, isForAll, ended: Promise.all([ended, ensured]) };
}

export interface WindowsDeps {
  readonly store: Pick<WindowStore, 'look'>;
  readonly schedules: WindowSchedules;
  readonly pauses: Pick<QueuePauses, 'keepWindows'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const retryMs = 15_000;

/**
 * At each start: queues are made what the windows say they should be now, whatever was missed, and Temporal is given their
 * schedules, which a server that started empty does not have.
 */
export async function ensureWindows({ store, schedules, pauses, log, signal }: WindowsDeps): Promise<void> {
  for (let said = false; !signal.aborted; said = true) {
    try {
      await pauses.keepWindows(Date.now());
      // In this order: a window is kept before its schedule is made, so a schedule without one is left over.
      const scheduled = await schedules.names();
      const { windows } = await store.look();
      for (const window of windows) await schedules.put(window).catch((error: unknown) => tellIfWrong(error, log));
      for (const name of scheduled) if (!windows.some((window) => window.name === name)) await schedules.remove(name);
      return;
    } catch (error) {
      if (!said && !signal.aborted) {
        log.warn({ err: error }, 'The schedules of time windows could not be set; it is tried again');
      }
      await pause(retryMs, signal);
    }
  }
}

/** A zone that this server does not know is said, and keeps no other window from its schedule. */
function tellIfWrong(error: unknown, log: Logger): void {
  if (!(error instanceof ConfigError)) throw error;
  log.warn(error.message);
}
