import { z } from 'zod';
import { untilAborted } from '../picture/until-aborted.ts';
import { answered, type ImmichApi } from './api.ts';

interface TagsThereDeps {
  readonly api: ImmichApi;
  /** For the list, milliseconds. */
  readonly limitMs: number;
  readonly log: (message: string) => void;
  readonly now: () => number;
}

/** Every photo asks: at 10 photos a second one answer does for 600 of them. */
const holdsMs = 60_000;
const tagsAnswer = z.array(z.unknown());

/**
 * Has the user any tag at all? As it was a minute ago at most; undefined where the key may not know. One request for all who ask
 * while it is under way. It belongs to nobody's signal: it has a limit of its own, and who is told to end does not wait for it.
 */
export function createTagsThere({ api, limitMs, log, now }: TagsThereDeps) {
  let known: { readonly at: number; readonly are: Promise<boolean | undefined> } | undefined;
  let said = false;
  const ask = async (): Promise<boolean | undefined> => {
    const signal = AbortSignal.timeout(3 * limitMs);
    const outcome = await api.json({ method: 'GET', path: '/tags', needs: 'tag.read', signal, limitMs }, tagsAnswer);
    if (outcome.kind !== 'forbidden') return answered(outcome).length > 0;
    if (!said) log(`Each photo is read once more for its tags. ${outcome.fault.message}`);
    said = true;
    return undefined;
  };
  return async (signal: AbortSignal): Promise<boolean | undefined> => {
    if (known === undefined || now() - known.at >= holdsMs) {
      const asking = { at: now(), are: ask() };
      known = asking;
      // A failure is remembered by nobody.
      asking.are.catch(() => known === asking && (known = undefined));
    }
    return await untilAborted(known.are, signal);
  };
}
