import { ConfigError, isDomainError, TransientError } from '../domain/errors.ts';
import type { OpenImmich, OpenImmichs } from '../domain/immich-store.ts';
import type { ImmichAsset } from '../domain/immich.ts';
import type { Logger } from '../runtime/log.ts';
import type { TakeNew } from './engine-immich-take.ts';

export interface HintsDeps {
  readonly immichs: OpenImmichs;
  readonly takeNew: TakeNew;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Ends early with the signal. */
  readonly wait: (ms: number) => Promise<void>;
  readonly most?: number;
}

export interface Hints {
  /** This photo may be new. False where too many wait already: the next poll finds it. */
  offer(immichId: string): boolean;
  /** After the signal. */
  readonly ended: Promise<void>;
}

const usualMost = 1_000;
/** Immich answers other people meanwhile. */
const asksAtOnce = 4;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/**
 * What webhooks of one library said, one after the other, each photo once. Kept in memory only: a hint that is lost costs a
 * photo the time until the next poll.
 */
export function createHints(deps: HintsDeps, name: string): Hints {
  const { most = usualMost, log, signal, wait } = deps;
  const waiting = new Set<string>();
  let wake = (): void => undefined;
  signal.addEventListener('abort', () => wake(), { once: true });
  const work = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted;) {
      const some = [...waiting].slice(0, asksAtOnce);
      if (some.length === 0) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      // Before they are looked at: what is said meanwhile is to be looked at again.
      for (const id of some) waiting.delete(id);
      try {
        await followUp(deps, name, some);
        failures = 0;
      } catch (error) {
        // What a person has to mend first is found by the poll behind it.
        const isPassing = !isDomainError(error) || error instanceof TransientError;
        if (isPassing) for (const id of some) waiting.add(id);
        failures += 1;
        log.debug({ library: name, err: error }, isPassing ? 'Hints of Immich wait' : 'Hints of Immich are dropped');
        await wait(Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1)));
      }
    }
  };
  return {
    offer(immichId) {
      if (waiting.size >= most && !waiting.has(immichId)) return false;
      waiting.add(immichId);
      wake();
      return true;
    },
    ended: work(),
  };
}

async function followUp({ immichs, takeNew, signal }: HintsDeps, name: string, ids: readonly string[]): Promise<void> {
  const open = await immichs.of(name, { fresh: true });
  // While the first look is under way, what is new is for the pass that comes behind it.
  if (open === undefined || open.record.firstLook !== 'over') return;
  const found = await Promise.all(ids.map((id) => find(open, id, signal)));
  const assets = found.filter((asset) => asset !== undefined);
  if (assets.length > 0) await takeNew(open, assets, signal);
}

/** Undefined too for an id that Immich does not take for one. */
async function find({ immich }: OpenImmich, id: string, signal: AbortSignal): Promise<ImmichAsset | undefined> {
  try {
    return await immich.asset(id, signal);
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'BadRequest') return undefined;
    throw error;
  }
}
