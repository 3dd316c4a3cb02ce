import type { HostStatus } from './host-ports.ts';

/** How long it takes until everything of a library is done, if all stays as it is. */
export interface Eta {
  readonly ms: number;
  /** Hosts that it counts on. */
  readonly hosts: number;
  /** Hosts that work too, and have not done enough yet to be counted on. */
  readonly unmeasured: number;
}

/** How fast a host made its last descriptions in one model. */
export interface HostSpeed {
  readonly host: string;
  /** Name of the model in descriptions. */
  readonly model: string;
  /** Calls that were looked at. */
  readonly calls: number;
  /** Milliseconds of one call, the median: loading a model takes a minute, once. */
  readonly msEach: number;
}

/** What is asked of our own rows for telling how long it takes. Each looks at a bounded number of rows. */
export interface SpeedQueries {
  /** Of hosts that were among the last 2,000 calls. */
  hostSpeeds(): Promise<readonly HostSpeed[]>;
  /** Model calls for each photo that ended lately, from 0 to 1: copies need none. Undefined where too few ended. */
  callShare(): Promise<number | undefined>;
}

type WorkingHost = Pick<HostStatus, 'host' | 'canonical' | 'role' | 'state' | 'slots'>;

/** With fewer calls a host says little about the next ones. */
const fewestCalls = 3;
/** Between two calls on one slot (docs/benchmarks.md: 14 to 31 ms). */
const gapMs = 25;
/** Reading a photo and all the rest on two cores, beside the calls (docs/benchmarks.md: 18 photos a second). */
const leastPhotoMs = 50;

export interface Pace {
  /** Milliseconds in which all hosts together do one photo. */
  readonly photoMs: number;
  readonly hosts: number;
  readonly unmeasured: number;
}

/** What the hosts that can work now do together; undefined where none of them was measured. */
export function paceOf(
  hosts: readonly WorkingHost[],
  speeds: readonly HostSpeed[],
  callShare: number,
): Pace | undefined {
  const able = hosts.filter(({ state }) => state === 'ready' || state === 'busy');
  const primary = able.filter(({ role }) => role === 'primary');
  // Fallback hosts only finish what they have while a primary one works.
  const working = primary.length > 0 ? primary : able;
  const measured = working.flatMap(({ host, canonical, slots }) => {
    const speed = speeds.find((one) => one.host === host && one.model === canonical && one.calls >= fewestCalls);
    return speed === undefined ? [] : [{ host, callsPerMs: slots / (speed.msEach + gapMs) }];
  });
  const callsPerMs = measured.reduce((sum, one) => sum + one.callsPerMs, 0);
  if (callsPerMs === 0) return undefined;
  const counted = new Set(measured.map(({ host }) => host));
  const all = new Set(working.map(({ host }) => host));
  return {
    photoMs: Math.max(leastPhotoMs, callShare / callsPerMs),
    hosts: counted.size,
    unmeasured: all.size - counted.size,
  };
}

/** A pace and when it held. */
export interface SteadyPace extends Pace {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A host that comes and goes every few seconds must not make the numbers jump. */
const steadyMs = 60_000;

/** Follows what is measured within a minute or two; the number of hosts is told as it is. */
export function steadied(before: SteadyPace | undefined, pace: Pace, now: number): SteadyPace {
  if (before === undefined) return { ...pace, at: now };
  const weight = 1 - Math.exp(-Math.max(0, now - before.at) / steadyMs);
  return { ...pace, photoMs: before.photoMs + (pace.photoMs - before.photoMs) * weight, at: now };
}

/**
 * Milliseconds until each of several libraries is done. They share the hosts evenly (fairness by library), so that while the
 * small one lasts, the large one gets as much as it.
 */
export const sharedMs = (lefts: readonly number[], photoMs: number): number[] =>
  lefts.map((mine) => lefts.reduce((sum, other) => sum + Math.min(other, mine), 0) * photoMs);

/** `3 h 40 min`: coarser the longer it is, because nobody knows the end of a day to the minute. */
export function roughly(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 1.5) return '1 min';
  if (minutes < 10) return `${Math.round(minutes)} min`;
  if (minutes < 57.5) return `${Math.round(minutes / 5) * 5} min`;
  if (minutes >= 47.5 * 60) return `${Math.round(minutes / 1_440)} days`;
  if (minutes >= 9.9 * 60) return `${Math.round(minutes / 60)} h`;
  const tens = Math.round(minutes / 10);
  const rest = (tens % 6) * 10;
  return `${Math.floor(tens / 6)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** `about 3 h 40 min with 2 hosts`. */
export function etaInWords({ ms, hosts, unmeasured }: Eta): string {
  const more = unmeasured === 0 ? '' : ` (${unmeasured} more not measured yet)`;
  return `about ${roughly(ms)} with ${hosts} host${hosts === 1 ? '' : 's'}${more}`;
}
