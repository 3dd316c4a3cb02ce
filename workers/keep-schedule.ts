import { type Client, type ScheduleOptions, ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/when-aborted.ts';

export interface KeptSchedule {
  readonly client: Client;
  readonly scheduleId: string;
  /** Undefined: there is to be none. */
  readonly wanted: Omit<ScheduleOptions, 'scheduleId'> | undefined;
  /** For the log, behind "The schedule of". */
  readonly what: string;
  /** Where there was none before: Temporal is new, or has lost its files. */
  readonly onNew?: () => Promise<unknown>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const retryMs = 15_000;
const limitMs = 10_000;

/** Makes a schedule what the settings say, at each start, as long as it takes. One that a person paused stays paused. */
export async function keepSchedule(input: KeptSchedule): Promise<void> {
  const { client, what, log, signal } = input;
  for (let said = false; !signal.aborted; said = true) {
    try {
      await client.withDeadline(Date.now() + limitMs, () => put(input));
      return;
    } catch (error) {
      // Temporal is away, or refuses schedules: photos are worked on without one.
      if (!said && !signal.aborted)
        log.warn({ err: error }, `The schedule of ${what} could not be set; it is tried again`);
      await pause(retryMs, signal);
    }
  }
}

async function put({ client, scheduleId, wanted, onNew }: KeptSchedule): Promise<void> {
  const handle = client.schedule.getHandle(scheduleId);
  if (wanted === undefined) {
    await handle.delete().catch((error: unknown) => {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    });
    return;
  }
  try {
    await client.schedule.create({ scheduleId, ...wanted });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await handle.update((before) => ({ ...before, ...wanted }));
    return;
  }
  await onNew?.();
}
