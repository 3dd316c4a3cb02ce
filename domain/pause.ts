import { queues } from './queues.ts';

/**
 * What a person can pause, and the queues that then hand out nothing: the model calls alone, the looking for faces alone, the
 * writes into the libraries' own fields alone, or all of these and the reading of photos too. Never the workflows themselves nor the control queue, so that starts,
 * waits and the end of what is under way go on.
 */
export const pausable = {
  describe: [queues.vision],
  faces: [queues.faces],
  publish: [queues.publish],
  all: [queues.vision, queues.library, queues.faces, queues.publish],
} as const satisfies Record<string, readonly string[]>;
export type Pausable = keyof typeof pausable;

/** Under it changes of pauses are made one at a time. */
export const pauseLockKey = 'lock:pauses';

/** Times in milliseconds since 1970. */
export interface Pause {
  /** Tells this pause from one that replaced it. */
  readonly id: string;
  /** user@machine */
  readonly by: string;
  readonly why?: string;
  readonly since: number;
  /** Absent: until somebody resumes. */
  readonly until?: number;
}

/** A queue that hands out nothing. Without `id` it was not Darkroom that paused it, but somebody with Temporal's own tools. */
export interface PausedQueue extends Omit<Pause, 'id' | 'since'> {
  readonly queue: string;
  readonly id?: string;
  readonly since?: number;
}

export const isOurs = ({ id }: PausedQueue): boolean => id !== undefined;

/** The pauses that are over at `now`. One of somebody else's never is. */
export const overAt = <P extends PausedQueue>(paused: readonly P[], now: number): P[] =>
  paused.filter((one) => isOurs(one) && one.until !== undefined && one.until <= now);

/** One line for each pause, whatever number of queues it holds: what is paused, by whom, why and until when. */
export function pausesInWords(paused: readonly PausedQueue[], now: number): string[] {
  return groupsOf(paused).map((group) => {
    const [first] = group;
    const { by, why, since, until } = first;
    const what = whatInWords(group);
    const reason = why === undefined ? '' : ` (${why})`;
    const began = since === undefined ? '' : ` since ${clock(since, now)}`;
    const tool = isOurs(first) ? '' : " with Temporal's own tools";
    return `${what} paused by ${by}${tool}${reason}${began}, until ${endInWords(first, until, now)}`;
  });
}

function endInWords(one: PausedQueue, until: number | undefined, now: number): string {
  if (until !== undefined) return clock(until, now);
  return isOurs(one) ? '"darkroom resume"' : '"darkroom resume --force"';
}

type Group<P> = readonly [P, ...P[]];

const names: Readonly<Record<string, string>> = {
  [queues.vision]: 'describe',
  [queues.faces]: 'faces',
  [queues.library]: 'reading photos',
  [queues.publish]: 'publish',
};

/** What is paused where a pause holds these queues. One of everything that an older version made holds fewer of them. */
export function whatInWords(group: Group<PausedQueue>): string {
  const held = new Set(group.map(({ queue }) => queue));
  const missing = pausable.all.filter((queue) => !held.has(queue));
  if (missing.length === 0) return 'everything';
  const isMost = held.has(queues.vision) && held.has(queues.library);
  return isMost ? `everything but ${listed(missing)}` : listed([...held]);
}

function listed(queues: readonly string[]): string {
  const words = queues.map((queue) => names[queue] ?? queue);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Queues under the same pause together, in the order in which they come. */
export function groupsOf<P extends PausedQueue>(paused: readonly P[]): Group<P>[] {
  const found = new Map<string, Group<P>>();
  for (const one of paused) {
    const key = one.id ?? `${one.by} ${one.why} ${one.since}`;
    const before = found.get(key);
    found.set(key, before === undefined ? [one] : [...before, one]);
  }
  return [...found.values()];
}

/** Hour and minute on this machine's clock, with the date where it is another day. */
export function clock(at: number, now: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const dayOf = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const date = new Date(at);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return dayOf(date) === dayOf(new Date(now)) ? time : `${dayOf(date)} ${time}`;
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `90m`, `2h`, `1h30m`, `1.5 d`; undefined for what is no span of time. */
export function spanMs(text: string): number | undefined {
  const part = /(\d+(?:\.\d+)?)\s*([smhd])\s*/g;
  const parts = [...text.trim().matchAll(part)];
  if (parts.length === 0 || text.trim().replaceAll(part, '') !== '') return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitOf(unit), 0);
}

const unitOf = (unit: string | undefined): number =>
  unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? unitMs[unit] : 0;

const moment = /^(?:(\d{4})-(\d{2})-(\d{2}))?(?:(?:^|[ T])([01]?\d|2[0-3]):([0-5]\d))?$/;

/**
 * `06:00` is the next time that this machine's clock shows it, `2026-11-24 06:00` that moment and `2026-11-24` the beginning
 * of that day; undefined for what is no time. On a day on which the clock jumps over it, as much later as it jumps.
 */
export function nextMoment(text: string, now: number): number | undefined {
  const found = moment.exec(text.trim());
  if (found === null || text.trim() === '') return undefined;
  const [, year, month, day, hour = '0', minute = '0'] = found;
  if (year === undefined) {
    const at = new Date(now);
    at.setHours(Number(hour), Number(minute), 0, 0);
    if (at.getTime() <= now) {
      at.setDate(at.getDate() + 1);
      // The day before may have had no such time: ask this one for it again.
      at.setHours(Number(hour), Number(minute), 0, 0);
    }
    return at.getTime();
  }
  const at = new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  // The 31st of February would become a day of March.
  return at.getMonth() === Number(month) - 1 && at.getDate() === Number(day) ? at.getTime() : undefined;
}
