import { log } from '@temporalio/activity';
import type { Activities } from '../domain/contract.ts';
import { type PausedQueue, pausesInWords } from '../domain/pause.ts';
import { heartbeating } from './heartbeat.ts';

export interface KeepWindowsDeps {
  /** Makes the queues what the windows say they should be at `now`. */
  readonly keepWindows: (now: number) => Promise<{ closed: readonly PausedQueue[]; opened: readonly PausedQueue[] }>;
}

export const createKeepWindowsActivities = ({ keepWindows }: KeepWindowsDeps): Pick<Activities, 'keepWindows'> => ({
  keepWindows: ({ at }) =>
    heartbeating(async () => {
      // This machine's clock may be behind the server's: by it the edge that the run is for would not have come yet.
      const { closed, opened } = await keepWindows(Math.max(at, Date.now()));
      const kept = { closed: pausesInWords(closed, Date.now()), opened: pausesInWords(opened, Date.now()) };
      for (const line of kept.closed) log.info(`A window has closed: ${line}`);
      for (const line of kept.opened) log.info(`A window has opened. It was: ${line}`);
      return kept;
    }),
});
