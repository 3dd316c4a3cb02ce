import type { VisionModel } from '../domain/ports.ts';
import { afterAnswer, afterFault, afterProbe, type Health, type HealthTiming, newHealth } from './host-health.ts';

export interface PoolLog {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
}

/** One host of the list, for as long as the process lives. */
export interface WatchedHost {
  /** Base URL without credentials. */
  readonly label: string;
  health: Health;
  simulated: boolean;
  /** Calls running now. */
  busy: number;
  /** Calls that were answered, whatever the answer was worth. */
  calls: number;
  /** When it was given out last, counted in leases. */
  turn: number;
  /** The news that was logged last. */
  told: string;
  /** Runs out when it is time to ask again. */
  timer: NodeJS.Timeout | undefined;
}

export interface HostWatch {
  readonly hosts: readonly WatchedHost[];
  answered(host: WatchedHost): void;
  failed(host: WatchedHost, error: unknown): void;
  close(): void;
}

interface Deps {
  readonly labels: readonly string[];
  readonly model: string;
  readonly vision: Pick<VisionModel, 'probe'>;
  readonly log: PoolLog;
  readonly now: () => number;
  readonly random: () => number;
  readonly timing: HealthTiming;
  /** Called after every change of a host's health. */
  readonly onChange: () => void;
}

/** Keeps the health of every host: what calls show, and what asking shows while there are none. Asks at once. */
export function watchHosts(deps: Deps): HostWatch {
  const { now, random, timing } = deps;
  const closing = new AbortController();
  const hosts = deps.labels.map((label): WatchedHost => {
    const counts = { busy: 0, calls: 0, turn: 0 };
    return { label, health: newHealth(now()), simulated: false, ...counts, told: '', timer: undefined };
  });
  const plan = (host: WatchedHost) => {
    clearTimeout(host.timer);
    if (!closing.signal.aborted) {
      host.timer = setTimeout(() => void ask(host), Math.max(0, host.health.nextProbeAt - now()));
    }
  };
  /** A host at work shows by its work how it is, and may be too busy to answer a question in time. */
  const atWork = ({ health, busy }: WatchedHost) => health.state === 'ready' && busy > 0;
  const ask = async (host: WatchedHost) => {
    const { health } = host;
    const probe = atWork(host) ? undefined : await deps.vision.probe(host.label, deps.model, closing.signal);
    // A call that ended meanwhile knows better than this answer, and has planned the next look.
    if (closing.signal.aborted || host.health !== health) return;
    if (probe === undefined || atWork(host)) {
      host.health = { ...health, nextProbeAt: now() + timing.idle };
      plan(host);
      return;
    }
    if (probe.state === 'ready') host.simulated = probe.simulated;
    become(host, afterProbe(health, probe, now(), timing));
  };
  const become = (host: WatchedHost, health: Health, reason = health.detail) => {
    if (health === host.health) return;
    host.health = health;
    tell(deps, host, reason);
    plan(host);
    deps.onChange();
  };
  for (const host of hosts) plan(host);
  return {
    hosts,
    answered: (host) => become(host, afterAnswer(host.health)),
    failed(host, error) {
      const reason = error instanceof Error ? error.message : String(error);
      become(host, afterFault(host.health, error, now(), { timing, random }), reason);
    },
    close() {
      closing.abort();
      for (const host of hosts) clearTimeout(host.timer);
    },
  };
}

const messages: Readonly<Record<Health['state'], string>> = {
  new: 'vision host not asked yet',
  ready: 'vision host is ready',
  away: 'vision host is away; photos wait, and it is looked for every two seconds',
  cooling: 'vision host failed; it is left alone for a while',
  'model-missing': 'vision host does not have the model',
  refused: 'vision host cannot be used until somebody changes something',
};

/** One line per change. A host that seems well again has to answer a photo first, or a wrong setting would fill the log. */
function tell({ log, model }: Deps, host: WatchedHost, reason: string): void {
  const { state, code, faults } = host.health;
  const news = `${state}/${code}`;
  if (news === host.told || (state === 'ready' && faults > 0)) return;
  host.told = news;
  const about = { host: host.label, model, ...(host.simulated ? { simulated: true } : {}) };
  if (state === 'ready') log.info(about, messages.ready);
  else if (state === 'away') log.info({ ...about, reason }, messages.away);
  else log.warn({ ...about, reason }, messages[state]);
}
