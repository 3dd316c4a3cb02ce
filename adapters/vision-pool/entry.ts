import type { KeptPause } from '../../domain/kept-pause.ts';
import { type Role, type RoleModels, roles, type VisionHost } from '../../domain/vision-host.ts';
import { type Budget, createBudget } from './budget.ts';
import { type Health, isOnTrial, newHealth } from './host-health.ts';

/** What the pool has to know of a host: it calls none itself. */
export type PooledHost = Pick<
  VisionHost,
  'label' | 'models' | 'slots' | 'requestsPerMinute' | 'tokensPerDay' | 'price'
> & { readonly api: string };

/** What the entries of one host have in common, whatever their role. */
export interface SharedHost {
  /** Of all its models. */
  readonly running: Set<RunningCall>;
  readonly budget: Budget;
  /** A photo that has to be alone waits for the host to be empty. */
  reservedFor: string | undefined;
  /** By a person, at this moment. */
  paused: KeptPause | undefined;
}

/** A call that holds a slot. */
export interface RunningCall {
  /** Content hash; undefined for a picture of ours that only tries the host. */
  readonly photo: string | undefined;
  /** The host had answered since its last fault when this call began. */
  readonly proven: boolean;
  /** It has to be the only one: no other call begins meanwhile. */
  readonly alone: boolean;
  /** Another call ran on the host for some of the time. */
  together: boolean;
}

/** One host in one role: it has a model, slots and a breaker of its own. */
export interface Entry {
  readonly role: Role;
  /** The host's own name of the model. */
  readonly tag: string;
  readonly canonical: string;
  readonly shared: SharedHost;
  /** As it is set up now. */
  host: PooledHost;
  /** Taken off the list: finishes what it has. */
  draining: boolean;
  health: Health;
  simulated: boolean;
  loaded: boolean | undefined;
  readonly running: Set<RunningCall>;
  /** Calls that were answered, whatever the answer was worth. */
  calls: number;
  /** Has answered a photo since its last fault. */
  proven: boolean;
  /** The photo that opened the breaker: it is not the one to try the host with. */
  openedBy: string | undefined;
  /** Other workers hold its slots. */
  taken: boolean;
  /** When it was given out last, counted in leases. */
  turn: number;
  /** The news that was logged last. */
  told: string;
  /** Runs out when it is time to ask again. */
  timer: NodeJS.Timeout | undefined;
}

export const entryKey = ({ role, tag, host }: Pick<Entry, 'role' | 'tag' | 'host'>): string =>
  [host.label, host.api, role, tag].join(' ');

/** `host` says how it is set up at the moment that it is asked. */
export const createSharedHost = (host: () => PooledHost): SharedHost => ({
  running: new Set(),
  budget: createBudget(host),
  reservedFor: undefined,
  paused: undefined,
});

/** One entry for each role that a host has a model for. */
export function entriesOf(
  host: PooledHost,
  shared: SharedHost,
  { roleModels, now }: { roleModels: RoleModels; now: number },
): Entry[] {
  return roles.flatMap((role) => {
    const tag = host.models[role];
    return tag === undefined ? [] : [createEntry({ host, shared, role, tag, canonical: roleModels[role] }, now)];
  });
}

function createEntry(about: Pick<Entry, 'host' | 'shared' | 'role' | 'tag' | 'canonical'>, now: number): Entry {
  return {
    ...about,
    draining: false,
    health: newHealth(now),
    simulated: false,
    loaded: undefined,
    running: new Set(),
    calls: 0,
    proven: false,
    openedBy: undefined,
    taken: false,
    turn: 0,
    told: '',
    timer: undefined,
  };
}

/** Its host is there and works, and it is not being taken away; it may be busy. */
export const isWell = (entry: Entry): boolean => entry.health.state === 'ready' && !entry.draining;

/** Well, and not held back by a person or a cap. */
export const canWork = (entry: Entry, now: number): boolean =>
  isWell(entry) && entry.shared.paused === undefined && entry.shared.budget.wait(now) === undefined;

/**
 * A host that failed on its trial too is tried with a picture of ours before it gets photos again. Two unreadable photos that
 * try it in turn would else keep each other and everything behind them waiting for ever (test/unit/vision-work.property).
 */
export const needsCanary = ({ health }: Entry): boolean => isOnTrial(health) && health.faults >= 2;

/** Nothing runs on it, and a call could begin now. */
export const isIdle = (entry: Entry, now: number): boolean =>
  canWork(entry, now) && !entry.taken && entry.shared.running.size === 0;

/** Slots that a photo could have at once. One, while a host that failed has not answered again. */
export function freeSlots(entry: Entry, now: number): number {
  if (!canWork(entry, now) || entry.taken || needsCanary(entry) || isKeptFree(entry.shared)) return 0;
  return Math.max(0, (isOnTrial(entry.health) ? 1 : entry.host.slots) - entry.running.size);
}

/** For a photo that is alone on it, or is about to be. */
const isKeptFree = ({ reservedFor, running }: SharedHost): boolean =>
  reservedFor !== undefined || [...running].some(({ alone }) => alone);

/**
 * Fallback hosts count only while no primary one is healthy. One on trial is not yet: it has its one call, and a host that
 * hangs in it must not keep the others from working.
 */
export function activeEntries(entries: readonly Entry[], now: number): readonly Entry[] {
  const working = entries.filter((entry) => canWork(entry, now));
  const primary = working.filter(({ role }) => role === 'primary');
  return primary.some(({ health }) => !isOnTrial(health)) ? primary : working;
}
