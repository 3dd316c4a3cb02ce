import { z } from 'zod';
import type { Notifier } from '../adapters/notify.ts';
import type { ControlFacts } from '../adapters/postgres/control-facts.ts';
import {
  begun,
  ended,
  type EndedPhotos,
  type Finished,
  finishedInWords,
  finishKey,
  type FinishState,
} from '../domain/finish.ts';
import type { Logger } from '../runtime/log.ts';

/** Tells once, over restarts, that all work that was there is done. */
export interface FinishWatch {
  /**
   * One look, in turn: is everything done at this moment? Resolves to whether there is nothing left to tell: a batch ends then.
   * Throws where the database is away; the next look goes on.
   */
  look(isIdle: boolean): Promise<boolean>;
}

export interface FinishDeps {
  readonly facts: ControlFacts;
  readonly endedSince: (since: number) => Promise<EndedPhotos>;
  /** Undefined where DARKROOM_NOTIFY_URL is not set. */
  readonly notifier: Notifier | undefined;
  /** To the person at the terminal. */
  readonly say: (text: string) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Everything has to be done for this long, so that photos which come one by one are told of together. */
  readonly quietMs: number;
}

const finished = z.object({ described: z.number(), parked: z.number(), ms: z.number(), at: z.number() });
const stored = z.object({ since: z.number().optional(), toSay: finished.optional(), toSend: finished.optional() });

const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;

/**
 * What is to be told is written down first, then told, then taken off. A kill -9 between the telling and the taking off tells
 * it twice, and no moment loses it.
 */
export function createFinishWatch(deps: FinishDeps): FinishWatch {
  const { facts, endedSince, notifier, now, quietMs } = deps;
  const sending = createSending(deps);
  let state: FinishState | undefined;
  let quietSince: number | undefined;
  /** Something may have begun, and ended, between two looks. */
  let nothingUntil = now();
  const known = async (): Promise<FinishState> =>
    (state ??= stored.safeParse((await facts.get(finishKey))?.value).data ?? {});
  const keep = async (next: FinishState): Promise<void> => {
    if (next === state) return;
    await facts.put(finishKey, asJson(next));
    state = next;
  };
  const tellWhatIsLeft = async (): Promise<void> => {
    const { toSay, toSend } = await known();
    if (toSay !== undefined) {
      deps.say(`Finished: ${finishedInWords(toSay)}`);
      deps.log.info({ described: toSay.described, parked: toSay.parked, ms: toSay.ms }, 'Everything is done');
      await keep({ ...(await known()), toSay: undefined });
    }
    // Without a receiver, what an earlier one was to be told is dropped.
    const isOver = toSend !== undefined && (notifier === undefined || sending.tryIt(toSend) === 'sent');
    if (isOver) await keep({ ...(await known()), toSend: undefined });
  };
  return {
    async look(isIdle) {
      await tellWhatIsLeft();
      const before = await known();
      if (!isIdle) {
        quietSince = undefined;
        await keep(begun(before, nothingUntil));
        return false;
      }
      nothingUntil = now();
      quietSince ??= nothingUntil;
      if (before.since !== undefined) {
        if (now() - quietSince < quietMs) return false;
        await keep(ended(before, await endedSince(before.since), { send: notifier !== undefined }));
        await tellWhatIsLeft();
      }
      const { toSend } = await known();
      return toSend === undefined || sending.tryIt(toSend) !== 'under way';
    },
  };
}

const asJson = ({ since, toSay, toSend }: FinishState) => ({
  since,
  toSay: toSay === undefined ? undefined : { ...toSay },
  toSend: toSend === undefined ? undefined : { ...toSend },
});

interface Sending {
  /** Sends it where it is time to, beside everything else: a receiver that hangs keeps nobody from working. */
  tryIt(what: Finished): 'under way' | 'sent' | 'failed';
}

/** One try at a time, with pauses that grow; a restart tries at once. */
function createSending({ notifier, log, signal, now }: FinishDeps): Sending {
  let [nextAt, pauseMs, said] = [0, firstRetryMs, ''];
  let last: { readonly what: Finished; result: 'under way' | 'sent' | 'failed' } | undefined;
  const send = async (mine: NonNullable<typeof last>): Promise<void> => {
    const sent = await notifier?.send(mine.what, signal);
    if (sent?.ok !== false) {
      mine.result = 'sent';
      [nextAt, pauseMs, said] = [0, firstRetryMs, ''];
      log.info('The notice was sent');
      return;
    }
    mine.result = 'failed';
    nextAt = now() + pauseMs;
    pauseMs = Math.min(longestRetryMs, pauseMs * 2);
    // Once for each reason: it may be so for days.
    if (sent.why !== said && !signal.aborted) {
      log.warn({ reason: sent.why }, 'The notice that everything is done could not be sent, and is tried again');
    }
    said = sent.why;
  };
  return {
    tryIt(what) {
      if (last?.result === 'under way' || (last?.what === what && last.result === 'sent')) return last.result;
      if (now() >= nextAt) {
        last = { what, result: 'under way' };
        void send(last);
      }
      return last?.result === 'under way' ? 'under way' : 'failed';
    },
  };
}
