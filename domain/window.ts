import { pausable, type Pausable, type Pause, type PausedQueue } from './pause.ts';
import { momentOf, offsetsOf } from './zone-clock.ts';

/** As Date counts them, from 0. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof weekdays)[number];

/** A time in which work may be done, again and again. */
export interface Window {
  readonly name: string;
  readonly what: Pausable;
  /** Minutes since midnight on the clock of the zone, 0 to 1439; where `to` is not later than `from` it is on the next day. */
  readonly from: number;
  readonly to: number;
  /** Of the time zone database, such as `Europe/Berlin`. */
  readonly zone: string;
  /** On which it opens. */
  readonly days: readonly Weekday[];
  /** user@machine */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export interface WindowFacts {
  readonly windows: readonly Window[];
  /** Queues that somebody let go on outside their windows, and until when. */
  readonly overrules: ReadonlyMap<string, number>;
}

/** Kept in the database: Temporal's schedules are made out of it, and its pauses are set by it. */
export interface WindowStore {
  look(): Promise<WindowFacts>;
  /** Replaces the one of the same name. What somebody let go on outside of windows is forgotten, here and in `remove`. */
  put(window: Window): Promise<void>;
  /** Undefined where there is none of this name. */
  remove(name: string): Promise<Window | undefined>;
  overrule(queue: string, until: number): Promise<void>;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A window of one day a week that its zone's clock jumped over comes again a week later. */
const daysAhead = 15;

/** Is it open at `at` (milliseconds since 1970), and until when does that hold? */
export function windowAt(window: Window, at: number): { open: boolean; until: number } {
  const spans = spansAround(window, at);
  const now = spans.find(([begin, end]) => begin <= at && at < end);
  if (now !== undefined) return { open: true, until: now[1] };
  return { open: false, until: spans.find(([begin]) => begin > at)?.[0] ?? at + daysAhead * dayMs };
}

/**
 * From the day before yesterday on, in order; spans that touch are one. A time that a clock shows twice opens the first time
 * and closes the last time: at that one Temporal's schedules start something in every zone, at the first one only in some.
 */
function spansAround({ from, to, zone, days }: Window, at: number): [begin: number, end: number][] {
  const offsetAt = offsetsOf(zone);
  const wall = at + offsetAt(at);
  const today = wall - (wall % dayMs);
  const spans: [number, number][] = [];
  for (let day = today - 2 * dayMs; day <= today + daysAhead * dayMs; day += dayMs) {
    const weekday = weekdays[new Date(day).getUTCDay()];
    if (weekday === undefined || !days.includes(weekday)) continue;
    const begin = momentOf(day + from * minuteMs, offsetAt, 'first');
    const end = momentOf(day + to * minuteMs + (to <= from ? dayMs : 0), offsetAt, 'last');
    const last = spans.at(-1);
    if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], end);
    else if (begin < end) spans.push([begin, end]);
  }
  return spans;
}

const madeByWindows = 'window/';
export const isWindows = ({ id }: PausedQueue): boolean => id?.startsWith(madeByWindows) === true;

/**
 * The pause of each queue whose windows are closed at `now`. Of several windows for the same work any one that is open will
 * do; model calls need a window for `all` and one for `describe`, where there are both, and writes the like.
 */
export function closedQueues({ windows, overrules }: WindowFacts, now: number): ReadonlyMap<string, Pause> {
  const closed = new Map<string, Pause>();
  for (const queue of pausable.all) {
    if ((overrules.get(queue) ?? 0) > now) continue;
    const about = groupsFor(queue, windows);
    const until = nextOpen(about, now);
    if (until <= now) continue;
    const shut = about.filter((group) => opens(group, now) > now).flat();
    const names = shut.map(({ name }) => name).join(', ');
    closed.set(queue, {
      id: `${madeByWindows}${names}/${new Date(until).toISOString()}`,
      by: `window ${names}`,
      why: `only ${shut.map(windowInWords).join(' or ')}`,
      since: now,
      until,
    });
  }
  return closed;
}

type Group = readonly Window[];

const groupsFor = (queue: string, windows: readonly Window[]): Group[] =>
  Object.entries(pausable)
    .filter(([, queues]) => queues.some((one) => one === queue))
    .map(([what]) => windows.filter((window) => window.what === what))
    .filter((group) => group.length > 0);

/** When the first of them is open: `at` where one is. */
function opens(group: Group, at: number): number {
  const states = group.map((window) => windowAt(window, at));
  return states.some(({ open }) => open) ? at : Math.min(...states.map(({ until }) => until));
}

/** Windows for `all` and for one kind of work that never meet: told as far ahead as this, and looked at again then. */
const mostSteps = 50;

function nextOpen(about: readonly Group[], now: number): number {
  let at = now;
  for (let step = 0; step < mostSteps; step += 1) {
    const latest = Math.max(at, ...about.map((group) => opens(group, at)));
    if (latest === at) break;
    at = latest;
  }
  return at;
}

/** `22:00 to 06:00 Europe/Berlin, mon-fri` */
export function windowInWords({ from, to, zone, days }: Window): string {
  const on = daysInWords(days);
  return `${timeInWords(from)} to ${timeInWords(to)} ${zone}${on === '' ? '' : `, ${on}`}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
const timeInWords = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

const week = [...weekdays.slice(1), ...weekdays.slice(0, 1)];

/** Runs of days as `mon-fri`; empty for every day. */
function daysInWords(days: readonly Weekday[]): string {
  if (days.length === week.length) return '';
  const runs: Weekday[][] = [];
  for (const [at, day] of week.entries()) {
    if (!days.includes(day)) continue;
    const before = week[at - 1];
    if (before !== undefined && runs.at(-1)?.at(-1) === before) runs.at(-1)?.push(day);
    else runs.push([day]);
  }
  return runs.map((run) => (run.length < 3 ? run.join(',') : `${run[0]}-${run.at(-1)}`)).join(',');
}

/** Minutes since midnight of `22:00`, `6:30` or `24:00`; undefined for anything else. */
export function minutesOf(text: string): number | undefined {
  const found = /^(\d{1,2}):([0-5]\d)$/.exec(text.trim());
  const minutes = found === null ? Number.NaN : Number(found[1]) * 60 + Number(found[2]);
  return minutes <= 1_440 ? minutes % 1_440 : undefined;
}

/** Days of `mon-fri`, `sat,sun` or `fri-mon`, in the order of the week; undefined where that cannot be understood. */
export function daysOf(text: string): readonly Weekday[] | undefined {
  const wanted = new Set<Weekday>();
  for (const part of text.toLowerCase().split(',')) {
    const [first = -1, last = first, ...more] = part
      .split('-')
      .map((day) => week.findIndex((one) => one === day.trim()));
    if (first < 0 || last < 0 || more.length > 0) return undefined;
    for (let at = first; ; at = (at + 1) % week.length) {
      const day = week[at];
      if (day !== undefined) wanted.add(day);
      if (at === last) break;
    }
  }
  return week.filter((day) => wanted.has(day));
}
