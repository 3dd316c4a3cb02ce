import { isDomainError } from '../domain/errors.ts';
import { pollFrom, pollWaitMs } from '../domain/immich-news.ts';
import type { ImmichStore, OpenImmich, OpenImmichs } from '../domain/immich-store.ts';
import type { ImmichAsset } from '../domain/immich.ts';
import type { Logger } from '../runtime/log.ts';
import type { TakeNew } from './engine-immich-take.ts';

export interface PollDeps {
  readonly immichs: OpenImmichs;
  readonly store: Pick<ImmichStore, 'setPolled'>;
  readonly takeNew: TakeNew;
  readonly videos: boolean;
}

const pageSize = 250;

/**
 * One look for photos that came to Immich since the last one; nothing new is one page and no write. The cursor is made of the
 * times that Immich itself wrote, and moves when Temporal has taken every run: whoever dies before looks again.
 */
export function createPoll({ immichs, store, takeNew, videos }: PollDeps, name: string) {
  let until: number | undefined;
  // Those of the overlap that were dealt with by this process.
  let dealtWith = new Set<string>();
  return async (signal: AbortSignal): Promise<void> => {
    const open = await immichs.of(name, { fresh: true });
    if (open === undefined) return;
    until ??= open.record.polledUntil;
    const met = new Set<string>();
    let newest = until;
    for await (const assets of pagesSince(open, { from: pollFrom(until), videos, signal })) {
      const fresh = assets.filter(({ id }) => !dealtWith.has(id));
      if (fresh.length > 0) await takeNew(open, fresh, signal);
      for (const { id, createdAt } of assets) {
        met.add(id);
        dealtWith.add(id);
        newest = Math.max(newest ?? createdAt, createdAt);
      }
    }
    dealtWith = met;
    if (newest === undefined || newest === until) return;
    await store.setPolled(open.record.id, newest);
    until = newest;
  };
}

interface Since {
  readonly from: number | undefined;
  readonly videos: boolean;
  readonly signal: AbortSignal;
}

async function* pagesSince({ immich }: OpenImmich, { from, ...asked }: Since): AsyncGenerator<readonly ImmichAsset[]> {
  const since = from !== undefined && { createdAfter: from };
  let cursor: string | undefined;
  do {
    const page = await immich.page({ cursor, limit: pageSize, ...since, ...asked });
    yield page.assets;
    cursor = page.next;
  } while (cursor !== undefined);
}

export interface PollingDeps {
  readonly everyMs: number;
  readonly say: (text: string) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Ends early with the signal. */
  readonly wait: (ms: number) => Promise<void>;
}

/** Polls until the signal. While that fails it waits longer and longer; it is said when it begins to fail, and when it is over. */
export async function keepPolling(
  poll: (signal: AbortSignal) => Promise<void>,
  name: string,
  { everyMs, say, log, signal, wait }: PollingDeps,
): Promise<void> {
  let failures = 0;
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      await poll(signal);
      if (said !== undefined) say(`New photos of ${name} are looked for again.`);
      failures = 0;
      said = undefined;
    } catch (error) {
      if (signal.aborted) break;
      failures += 1;
      const code = isDomainError(error) ? error.code : 'other';
      // Another reason may be another thing to do for a person.
      if (code !== said)
        log.warn({ library: name, err: error }, 'New photos cannot be looked for now; it goes on by itself');
      said = code;
    }
    await wait(pollWaitMs(everyMs, failures));
  }
}
