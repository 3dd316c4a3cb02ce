import type { VisionModel } from '../../domain/host-ports.ts';
import type { Entry } from './entry.ts';
import { afterAnswer, afterFault, afterProbe, type Health, type HealthTiming } from './host-health.ts';
import type { PoolWords } from './words.ts';

export interface PoolLog {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
}

export interface HostWatch {
  /** Looks after it from now on, and asks it at once unless it is resting. */
  add(entry: Entry): void;
  drop(entry: Entry): void;
  /** Asks it at once, unless it is well. */
  readonly askNow: (entry: Entry) => void;
  /** A call was answered, whatever the answer was worth. */
  answered(entry: Entry): void;
  failed(entry: Entry, error: unknown): void;
  close(): void;
}

export interface WatchDeps {
  readonly vision: Pick<VisionModel, 'probe'>;
  /** Loads the model of a host that is ready but has not loaded it. */
  readonly preload?: ((host: string, model: string, signal: AbortSignal) => Promise<void>) | undefined;
  readonly log: PoolLog;
  readonly words: PoolWords;
  readonly now: () => number;
  readonly random: () => number;
  readonly timing: HealthTiming;
  /** Called after every change of a host's health. */
  readonly onChange: () => void;
}

/** Timers of Node fire at once beyond 24.8 days. */
const longestTimer = 86_400_000;

/** Only where photos will come: loading the second choice may throw the first one out of the host's memory. */
const wantsLoading = ({ health, role, shared }: Entry, { preload }: WatchDeps): boolean =>
  preload !== undefined && role === 'primary' && health.state !== 'ready' && shared.paused === undefined;

/** A host at work shows by its work how it is, and may be too busy to answer a question in time. */
const atWork = ({ health, running }: Entry): boolean => health.state === 'ready' && running.size > 0;

/** Keeps the health of every host: what calls show, and what asking shows while there are none. */
export function watchHosts(deps: WatchDeps): HostWatch {
  const { now, random, timing } = deps;
  const closing = new AbortController();
  const watched = new Set<Entry>();
  const plan = (entry: Entry) => {
    clearTimeout(entry.timer);
    const { nextProbeAt } = entry.health;
    if (closing.signal.aborted || !watched.has(entry) || !Number.isFinite(nextProbeAt)) return;
    const wait = Math.min(longestTimer, Math.max(0, nextProbeAt - now()));
    entry.timer = setTimeout(() => (now() < nextProbeAt ? plan(entry) : void ask(entry)), wait);
  };
  const become = (entry: Entry, health: Health, reason = health.detail) => {
    if (health === entry.health) return;
    entry.health = health;
    tell(deps, entry, reason);
    plan(entry);
    deps.onChange();
  };
  const ask = async (entry: Entry) => {
    const { health } = entry;
    const { label } = entry.host;
    const probe = atWork(entry) ? undefined : await deps.vision.probe(label, entry.tag, closing.signal);
    // A call that ended meanwhile knows better than this answer, and has planned the next look.
    if (closing.signal.aborted || entry.health !== health) return;
    if (probe === undefined || atWork(entry)) {
      entry.health = { ...health, nextProbeAt: now() + timing.idle };
      plan(entry);
      return;
    }
    if (probe.state === 'ready') {
      entry.simulated = probe.simulated;
      entry.loaded = probe.loaded;
      if (wantsLoading(entry, deps) && probe.loaded === false) {
        const failure = await loading(entry);
        if (closing.signal.aborted) return;
        if (failure !== undefined) return become(entry, ...afterFailure(entry, failure));
      }
    }
    become(entry, afterProbe(entry.health, probe, now(), timing));
  };
  /** Undefined where it went well. Meanwhile the host gives no slots, and is not asked. */
  const loading = async (entry: Entry): Promise<unknown> => {
    const since = now();
    become(entry, {
      ...entry.health,
      state: 'loading',
      code: 'loading',
      detail: 'loads the model',
      since,
      nextProbeAt: Infinity,
    });
    try {
      await deps.preload?.(entry.host.label, entry.tag, closing.signal);
      entry.loaded = true;
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const afterFailure = (entry: Entry, error: unknown): [Health, string] => [
    afterFault(entry.health, error, now(), { timing, random }),
    error instanceof Error ? error.message : String(error),
  ];
  return {
    add(entry) {
      watched.add(entry);
      plan(entry);
    },
    drop(entry) {
      watched.delete(entry);
      clearTimeout(entry.timer);
    },
    askNow(entry) {
      if (entry.health.state === 'ready' || entry.health.state === 'loading') return;
      entry.health = { ...entry.health, nextProbeAt: now() };
      plan(entry);
    },
    answered: (entry) => become(entry, afterAnswer(entry.health)),
    failed: (entry, error) => become(entry, ...afterFailure(entry, error)),
    close() {
      closing.abort();
      for (const { timer } of watched) clearTimeout(timer);
    },
  };
}

/** After the word for such a host. */
const messages: Readonly<Record<Health['state'], string>> = {
  new: 'not asked yet',
  ready: 'is ready',
  loading: 'loads the model',
  away: 'is away; photos wait, and it is looked for every two seconds',
  cooling: 'failed; it is left alone for a while',
  'model-missing': 'does not have the model',
  refused: 'cannot be used until somebody changes something',
};

/** One line per change. A host that seems well again has to answer a photo first, or a wrong setting would fill the log. */
function tell({ log, words }: Pick<WatchDeps, 'log' | 'words'>, entry: Entry, reason: string): void {
  const { state, code, faults } = entry.health;
  const news = `${state}/${code}`;
  if (news === entry.told || (state === 'ready' && faults > 0)) return;
  entry.told = news;
  const about = { host: entry.host.label, model: entry.tag, ...(entry.simulated ? { simulated: true } : {}) };
  const message = `${words.host} ${messages[state]}`;
  if (state === 'ready' || state === 'loading') log.info(about, message);
  else if (state === 'away') log.info({ ...about, reason }, message);
  else log.warn({ ...about, reason }, message);
}
