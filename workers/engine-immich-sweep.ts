import type { Photos } from '../clients/photos.ts';
import { sweepIsDue } from '../domain/immich-news.ts';
import type { ImmichRecord, ImmichStore } from '../domain/immich-store.ts';
import type { Logger } from '../runtime/log.ts';

export interface SweepDeps {
  readonly store: Pick<ImmichStore, 'libraries' | 'setSwept'>;
  readonly photos: Pick<Photos, 'scan'>;
  readonly now: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Ends early with the signal. */
  readonly wait: (ms: number) => Promise<void>;
}

const everyMs = 60_000;

/**
 * A pass through the whole library once a day: it meets what no poll saw (a clock that was wrong, an external library that was read
 * in late) and what a person changed. A pass was asked for just before this is called.
 */
export async function keepSweeping(
  { store, photos, now, log, signal, wait }: SweepDeps,
  { id, name }: Pick<ImmichRecord, 'id' | 'name'>,
): Promise<void> {
  const note = async (at: number): Promise<number> => {
    await store.setSwept(id, at);
    return at;
  };
  const sweep = async (): Promise<number> => {
    const { swept } = (await store.libraries()).find((one) => one.id === id) ?? {};
    // Reconcile was here.
    if (swept !== undefined && !isDue(swept, now())) return swept;
    await photos.scan(name, 'nightly');
    return await note(now());
  };
  for (let swept: number | undefined; !signal.aborted; await wait(everyMs)) {
    try {
      if (swept === undefined) swept = await note(now());
      else if (isDue(swept, now())) swept = await sweep();
    } catch (error) {
      // The database or Temporal is away; the next minute asks again.
      log.debug({ library: name, err: error }, 'The pass of the night waits');
    }
  }
}

const isDue = (swept: number, now: number): boolean => sweepIsDue({ swept, now, hour: new Date(now).getHours() });
