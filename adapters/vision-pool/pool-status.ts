import { heldInWords } from '../../domain/kept-pause.ts';
import type { HostStatus } from '../../domain/host-ports.ts';
import { canWork, type Entry } from './entry.ts';
import { healthInWords } from './host-health.ts';
import type { PoolWords } from './words.ts';

/** `active` entries are those that photos are given to; others are spare while they are well. */
export function statusOf(entry: Entry, active: boolean, now: number): HostStatus {
  const { host, role, tag, canonical, health, running, calls, simulated, loaded, shared } = entry;
  const { label, api, slots, tokensPerDay, requestsPerMinute, price } = host;
  const { state, detail } = shown(entry, active, now);
  return {
    host: label,
    api,
    role,
    model: tag,
    canonical,
    state,
    detail,
    since: health.since,
    slots,
    busy: running.size,
    calls,
    simulated,
    ...(loaded !== undefined && { loaded }),
    ...(tokensPerDay !== undefined && { tokensPerDay, tokensToday: shared.budget.tokensToday(now) }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(price !== undefined && { price }),
  };
}

function shown(entry: Entry, active: boolean, now: number): Pick<HostStatus, 'state' | 'detail'> {
  const { health, draining, running, host, taken, shared } = entry;
  if (draining) return { state: 'draining', detail: 'taken off the list; finishes what it has' };
  if (shared.paused !== undefined) return { state: 'paused', detail: heldInWords(shared.paused, now) };
  if (health.state === 'new') return { state: 'away', detail: health.detail };
  if (health.state !== 'ready') return { state: health.state, detail: healthInWords(health, now) };
  const capped = shared.budget.wait(now);
  if (capped !== undefined) {
    return { state: 'capped', detail: `${capped.reason}; next call in ${inWords(capped.until - now)}` };
  }
  if (running.size >= host.slots) return { state: 'busy', detail: '' };
  if (taken) return { state: 'taken', detail: 'another worker uses it' };
  return active ? { state: 'ready', detail: '' } : { state: 'spare', detail: '' };
}

const inWords = (ms: number): string => (ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`);

const isNotAsked = ({ health, shared }: Entry): boolean => health.state === 'new' && shared.paused === undefined;

/** Undefined while a host can work, or while one was not asked yet; else why none can, and what to do, in words. */
export function reasonToWait(entries: readonly Entry[], words: PoolWords, now: number): string | undefined {
  if (entries.some((entry) => isNotAsked(entry) || canWork(entry, now))) return undefined;
  const isAway = ({ health, shared }: Entry) => health.state === 'away' && shared.paused === undefined;
  const away = ({ host, health }: Entry) => `${host.label} (${health.detail})`;
  if (entries.every(isAway)) {
    return `no ${words.host} answers: ${entries.map(away).join(', ')}. ${words.start}`;
  }
  const reasons = entries.map((entry) => {
    if (isAway(entry)) return away(entry);
    const { detail } = shown(entry, true, now);
    return detail.startsWith(entry.host.label) ? detail : `${entry.host.label} ${detail}`;
  });
  return `no ${words.host} can work: ${reasons.map((reason) => reason.replace(/\.$/, '')).join('; ')}`;
}
