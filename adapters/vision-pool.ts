import { PermanentError, TransientError } from '../domain/errors.ts';
import type { HostPool, HostStatus, Lease, VisionModel } from '../domain/ports.ts';
import { hostLabel } from './host-address.ts';
import { healthInWords, type HealthTiming, healthTiming, isOnTrial } from './host-health.ts';
import { type PoolLog, type WatchedHost, watchHosts } from './host-watch.ts';
import { createPermits, type Permits } from './slot-permits.ts';

export interface VisionPoolDeps {
  /** Base URLs. A user and password in them is the client's business: leases and status name hosts without. */
  readonly hosts: readonly string[];
  readonly model: string;
  readonly vision: Pick<VisionModel, 'probe'>;
  /** Calls at once per host. Ollama answers Qwen-VL models one at a time, whatever is configured there. */
  readonly slots?: number;
  readonly log: PoolLog;
  readonly now?: () => number;
  /** In [0, 1), for spreading pauses. */
  readonly random?: () => number;
  readonly timing?: Partial<HealthTiming>;
}

export interface VisionPool extends HostPool {
  readonly permits: Permits;
  /** Undefined while a host can work, or while one was not asked yet; else why none can, and what to do, in words. */
  waitingFor(): string | undefined;
  /** Stops asking hosts. Leases and permits may still be given back. */
  close(): void;
}

/** A host may die between a worker's permit and its lease; then the task waits this long for another one. */
const leaseWaitMs = 5_000;

/** All vision hosts as one supply of slots. Begins to ask the hosts at once; `close` ends that. */
export function createVisionPool(deps: VisionPoolDeps): VisionPool {
  const { model, slots = 1, now = Date.now, random = Math.random } = deps;
  const tasks = new Set<() => void>();
  let turn = 0;
  const watch = watchHosts({
    labels: [...new Set(deps.hosts.map(hostLabel))],
    model,
    vision: deps.vision,
    log: deps.log,
    now,
    random,
    timing: { ...healthTiming, ...deps.timing },
    onChange: () => changed(),
  });
  const { hosts } = watch;
  const free = (host: WatchedHost) => freeSlots(host, slots);
  const permits = createPermits({
    free: () => hosts.reduce((sum, host) => sum + free(host), 0),
    leased: () => hosts.reduce((sum, host) => sum + host.busy, 0),
  });
  /** Tasks that are here already go before those that are still to be asked for. */
  const changed = () => {
    for (const look of tasks) look();
    permits.changed();
  };
  const lease = (host: WatchedHost): Lease => {
    host.busy += 1;
    host.turn = ++turn;
    let held = true;
    return {
      host: host.label,
      model,
      release(end) {
        if (!held) return;
        held = false;
        host.busy -= 1;
        if (end.ok || end.error instanceof PermanentError) host.calls += 1;
        if (end.ok) watch.answered(host);
        else watch.failed(host, end.error);
        changed();
      },
    };
  };
  const waitingFor = () => reasonToWait(hosts, now());
  const noHost = () =>
    new TransientError('NoHost', waitingFor() ?? 'every vision host that this photo may go to is busy');
  return {
    permits,
    waitingFor,
    close: () => watch.close(),
    async acquire({ exclude, signal }) {
      signal.throwIfAborted();
      const choice = () => choose(hosts, exclude, free);
      const host = choice();
      if (host !== undefined) return lease(host);
      if (hosts.some((host) => free(host) > 0)) throw noHost();
      return await waitForSlot({ tasks, signal, take: () => mapDefined(choice(), lease), noHost });
    },
    status: () => hosts.map((host) => statusOf(host, { model, slots, now: now() })),
  };
}

const freeSlots = (host: WatchedHost, slots: number): number =>
  host.health.state === 'ready' ? Math.max(0, (isOnTrial(host.health) ? 1 : slots) - host.busy) : 0;

const mapDefined = <A, B>(value: A | undefined, f: (value: A) => B): B | undefined =>
  value === undefined ? undefined : f(value);

/** The free host that has waited longest; hosts to avoid only where no other is well. */
function choose(
  hosts: readonly WatchedHost[],
  exclude: readonly string[],
  free: (host: WatchedHost) => number,
): WatchedHost | undefined {
  const well = hosts.filter(({ health }) => health.state === 'ready');
  const wanted = well.filter(({ label }) => !exclude.includes(label));
  return (wanted.length > 0 ? wanted : well).filter((host) => free(host) > 0).sort((a, b) => a.turn - b.turn)[0];
}

/** Waits for a slot among `tasks`, in order of arrival, until `leaseWaitMs` are over. */
async function waitForSlot(wait: {
  tasks: Set<() => void>;
  signal: AbortSignal;
  take: () => Lease | undefined;
  noHost: () => TransientError;
}): Promise<Lease> {
  const { tasks, signal, take, noHost } = wait;
  return await new Promise<Lease>((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      tasks.delete(look);
      signal.removeEventListener('abort', cancel);
    };
    const look = () => {
      const lease = take();
      if (lease === undefined) return;
      leave();
      resolve(lease);
    };
    const cancel = () => {
      leave();
      // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      leave();
      reject(noHost());
    }, leaseWaitMs);
    tasks.add(look);
    signal.addEventListener('abort', cancel, { once: true });
  });
}

function statusOf(host: WatchedHost, about: { model: string; slots: number; now: number }): HostStatus {
  const { label, health, busy, calls, simulated } = host;
  const { state, since } = health;
  const shown = state === 'new' ? 'away' : state === 'ready' && busy >= about.slots ? 'busy' : state;
  const detail = healthInWords(health, about.now);
  return { host: label, model: about.model, state: shown, detail, since, slots: about.slots, busy, calls, simulated };
}

function reasonToWait(hosts: readonly WatchedHost[], now: number): string | undefined {
  if (hosts.some(({ health }) => health.state === 'ready' || health.state === 'new')) return undefined;
  const away = ({ label, health }: WatchedHost) => `${label} (${health.detail})`;
  if (hosts.every(({ health }) => health.state === 'away')) {
    return `no vision host answers: ${hosts.map(away).join(', ')}. Start Ollama or set VISION_HOSTS`;
  }
  const reasons = hosts.map((host) => (host.health.state === 'away' ? away(host) : healthInWords(host.health, now)));
  return `no vision host can work: ${reasons.map((reason) => reason.replace(/\.$/, '')).join('; ')}`;
}
