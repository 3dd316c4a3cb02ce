import type { PhotoSearch } from '../domain/search.ts';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/when-aborted.ts';

export interface FillDeps {
  readonly search: Pick<PhotoSearch, 'fill'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** 0.1 s of one connection, and then as long for others. */
const atOnce = 200;
const restMs = 100;
const againMs = 5_000;

/** Makes searchable what was described before there was search, beside everything else. Never a reason to stop: ends by itself. */
export async function fillSearch({ search, log, signal }: FillDeps): Promise<void> {
  let filled = 0;
  while (!signal.aborted) {
    try {
      const count = await search.fill(atOnce);
      filled += count;
      if (count === 0) break;
      await pause(restMs, signal);
    } catch {
      // The database is away: whoever needs it says so.
      await pause(againMs, signal);
    }
  }
  if (filled > 0) log.info({ filled }, 'Older descriptions can be searched now');
}
