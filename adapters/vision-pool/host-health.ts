import { ConfigError, faultClass, PermanentError, TransientError } from '../../domain/errors.ts';
import type { HostProbe } from '../../domain/host-ports.ts';

/**
 * - new            not asked yet: gives no slot, so that nothing is sent to what may be no vision host
 * - loading        loads the model, because it was asked to at the start
 * - ready          gives slots
 * - away           cannot be reached; looked for quietly and often
 * - cooling        failed after connecting, or said that it is busy; left alone for a while that grows
 * - model-missing  is there, but has not pulled the model
 * - refused        a person has to change something
 */
type HealthState = 'new' | 'loading' | 'ready' | 'away' | 'cooling' | 'model-missing' | 'refused';

export interface Health {
  readonly state: HealthState;
  /** Tells two kinds of the same state apart; with the state it decides what is worth a log line. */
  readonly code: string;
  /** In words; empty when well. */
  readonly detail: string;
  readonly since: number;
  /** Faults since the last answer; the pause grows with it, and while it is not 0 a ready host gets one call at a time. */
  readonly faults: number;
  readonly nextProbeAt: number;
}

/** Milliseconds. */
export const healthTiming = {
  /** A person who switches a machine on should see work begin within seconds; asking costs it nothing. */
  presence: 2_000,
  /** Only hosts without work are asked, so that `status` tells the truth about them. */
  idle: 15_000,
  modelMissing: 5_000,
  nonsense: 10_000,
  refused: 60_000,
  coolingFirst: 5_000,
  coolingMost: 300_000,
};
export type HealthTiming = typeof healthTiming;

export const newHealth = (now: number): Health => ({
  state: 'new',
  code: 'new',
  detail: 'not asked yet',
  since: now,
  faults: 0,
  nextProbeAt: now,
});

/** Half-open: it seems well again, but has not answered a photo since its last fault. */
export const isOnTrial = (health: Health): boolean => health.state === 'ready' && health.faults > 0;

export function afterProbe(health: Health, probe: HostProbe, now: number, timing: HealthTiming): Health {
  const become = (state: HealthState, pause: number, detail: string): Health => ({
    state,
    code: probe.state,
    detail,
    since: health.state === state ? health.since : now,
    faults: health.faults,
    nextProbeAt: now + pause,
  });
  if (probe.state === 'ready') return become('ready', timing.idle, '');
  if (probe.state === 'busy') return become('cooling', probe.retryAfterMs ?? timing.coolingFirst, probe.detail);
  const pauses = {
    away: timing.presence,
    'model-missing': timing.modelMissing,
    nonsense: timing.nonsense,
    'cannot-see': timing.refused,
    unauthorized: timing.refused,
  };
  const state = probe.state === 'away' || probe.state === 'model-missing' ? probe.state : 'refused';
  return become(state, pauses[probe.state], probe.detail);
}

/** An answer came, good or not: the host works. Says nothing where the host has been given up in the meantime. */
export const afterAnswer = (health: Health): Health =>
  health.state === 'ready' && health.faults > 0 ? { ...health, faults: 0 } : health;

/**
 * A call failed. Content faults are the photo's and cancellations are ours: neither counts. Of several calls that fail
 * together the first one decides. `random` is in [0, 1).
 */
export function afterFault(
  health: Health,
  error: unknown,
  now: number,
  { timing, random }: { timing: HealthTiming; random: () => number },
): Health {
  if (error instanceof PermanentError) return afterAnswer(health);
  if (health.state !== 'ready' && health.state !== 'loading') return health;
  const become = (state: HealthState, code: string, pause: number, detail: string): Health => {
    const faults = health.faults + (state === 'away' ? 0 : 1);
    return { state, code, detail, since: now, faults, nextProbeAt: now + pause };
  };
  if (error instanceof ConfigError) return become('refused', error.code, timing.refused, error.message);
  if (!(error instanceof TransientError) || faultClass[error.code] !== 'host' || error.code === 'NoHost') return health;
  // Asked at once: the probe finds out more than the failed call knows.
  if (error.code === 'HostUnreachable') return become('away', 'away', 0, 'cannot be reached');
  if (error.code === 'ModelMissing') {
    // Hosts that list a model and do not have it when it is called are left alone for longer and longer.
    const pause = Math.max(timing.modelMissing, coolingMs(health.faults, timing, random()));
    return become('model-missing', 'model-missing', pause, error.message);
  }
  const pause = error.retryAfterMs ?? coolingMs(health.faults, timing, random());
  return become('cooling', error.code, pause, error.message);
}

/** Doubles with every fault in a row; a quarter up or down, so that several workers do not come back as one. */
const coolingMs = (faults: number, timing: HealthTiming, random: number): number =>
  Math.min(timing.coolingMost, timing.coolingFirst * 2 ** faults * (0.75 + random / 2));

/** It asked to be left alone until then, before this process began. */
export const resting = (now: number, until: number, reason: string): Health => ({
  state: 'cooling',
  code: 'HostBusy',
  detail: reason,
  since: now,
  faults: 1,
  nextProbeAt: until,
});

/** What a person reads in `status`. */
export function healthInWords(health: Health, now: number): string {
  if (health.state === 'away') return `${health.detail}; start it, or take it off the list of hosts`;
  if (health.state !== 'cooling') return health.detail;
  return `${health.detail} Tried again in ${Math.max(0, Math.ceil((health.nextProbeAt - now) / 1000))} s.`;
}
