import { blameOf, failsHosts } from '../../domain/blame.ts';
import { ConfigError, faultClass, PermanentError, TransientError } from '../../domain/errors.ts';
import type { HostMemory } from '../../domain/host-ports.ts';
import { type Entry, isWell, type RunningCall } from './entry.ts';
import type { HostWatch, PoolLog } from './host-watch.ts';
import type { Suspects } from './suspects.ts';

/** What the end of a call says about its host, and about its photo. */
export interface CallEnds {
  answered(entry: Entry, call: RunningCall): void;
  /** The error to be thrown: another one where the failure counts against the photo. */
  failed(entry: Entry, call: RunningCall, error: unknown): unknown;
}

interface Deps {
  readonly watch: HostWatch;
  readonly suspects: Suspects;
  readonly memory?: HostMemory | undefined;
  readonly log: PoolLog;
  readonly now: () => number;
}

export function createCallEnds(deps: Deps): CallEnds {
  const { watch, suspects } = deps;
  const works = (entry: Entry) => {
    entry.calls += 1;
    entry.proven = true;
    entry.openedBy = undefined;
    entry.loaded = true;
    watch.answered(entry);
  };
  return {
    answered(entry, { photo }) {
      if (photo !== undefined) suspects.clear(photo);
      works(entry);
    },
    failed(entry, call, error) {
      // An empty or endless answer is one all the same: the host works.
      if (error instanceof PermanentError) {
        works(entry);
        return error;
      }
      const thrown = blamed(suspects, entry, call, error);
      if (thrown !== error && error instanceof ConfigError) {
        // It did other photos with the same settings. The next one that is refused has to prove that again.
        entry.proven = false;
        return thrown;
      }
      const wasWell = isWell(entry);
      watch.failed(entry, error);
      if (!isHostFault(error)) return thrown;
      entry.proven = false;
      if (wasWell) entry.openedBy = call.photo;
      rememberRest(deps, entry, error);
      return thrown;
    },
  };
}

/** Tokens of an answer that was of no use are paid for too. */
export const usageOf = (error: unknown): { promptTokens?: number; answerTokens?: number } =>
  error instanceof PermanentError ? (error.usage ?? {}) : {};

const isHostFault = (error: unknown): boolean =>
  error instanceof ConfigError || (error instanceof TransientError && faultClass[error.code] === 'host');

function blamed(suspects: Suspects, entry: Entry, call: RunningCall, error: unknown): unknown {
  const { photo, proven, together } = call;
  if (photo === undefined) return error;
  const blame = blameOf({ error, proven, alone: !together, breaksBefore: suspects.breaks(photo) });
  if (blame === 'suspect') suspects.suspect(photo);
  if (blame === 'broke') suspects.broke(photo);
  if (blame !== 'photo') return error;
  suspects.clear(photo);
  return failsHosts(entry.host.label, error);
}

/** A pause that a host asked for in so many words (429, 503 with Retry-After) holds on after a restart. */
function rememberRest({ memory, log, now }: Deps, entry: Entry, error: unknown): void {
  if (memory === undefined || !(error instanceof TransientError) || error.retryAfterMs === undefined) return;
  const rest = { host: entry.host.label, model: entry.tag, until: now() + error.retryAfterMs, reason: error.message };
  memory
    .rest(rest)
    .catch((why: unknown) => log.warn({ reason: String(why) }, 'a pause that a host asked for was not saved'));
}
