import { clock, pausesInWords } from '../../domain/pause.ts';
import { daysOf, minutesOf, weekdays, type Window, windowAt, windowInWords } from '../../domain/window.ts';
import { zoneOf } from '../../domain/zone-clock.ts';
import type { Opened } from '../open.ts';
import { aligned, type Output, wrapped } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { pausableOf, say } from './pause.ts';

type Windows = Pick<Opened, 'windows' | 'schedules' | 'pauses'>;

/** Work is done only inside of it from now on. One of the same name is replaced. */
export async function addWindow({ windows, schedules, pauses }: Windows, out: Output, about: Asked<Window>) {
  const { window, json } = about;
  const before = (await windows.look()).windows.find(({ name }) => name === window.name);
  await windows.put(window);
  try {
    await schedules.put(window);
  } catch (error) {
    // Temporal is away or refuses it: then nothing has changed.
    await (before === undefined ? windows.remove(window.name) : windows.put(before));
    throw error;
  }
  const now = Date.now();
  const { closed, opened } = await pauses.keepWindows(now);
  const { open, until } = windowAt(window, now);
  if (json) return out.json({ window, open, until, paused: closed, resumed: opened });
  say(out, `${capital(inWords(window))} works only ${windowInWords(window)}.`);
  say(out, open ? `It is open until ${clock(until, now)}.` : `It is closed until ${clock(until, now)}.`);
  for (const line of pausesInWords(closed, now)) say(out, line);
  for (const line of pausesInWords(opened, now)) say(out, `Goes on. It was: ${line}`);
}

interface Asked<T> {
  readonly window: T;
  readonly json: boolean;
}

/** Its schedule and its pause go with it. Throws UsageError where there is none of this name. */
export async function removeWindow({ windows, schedules, pauses }: Windows, out: Output, about: Asked<string>) {
  const removed = await windows.remove(about.window);
  // Also what is left of one that was removed while Temporal was away.
  await schedules.remove(about.window);
  const now = Date.now();
  const { closed, opened } = await pauses.keepWindows(now);
  if (removed === undefined)
    throw new UsageError(`There is no window called "${about.window}". See darkroom window list.`);
  if (about.json) return out.json({ removed, paused: closed, resumed: opened });
  say(out, `Removed window ${removed.name} (${inWords(removed)} only ${windowInWords(removed)}).`);
  for (const line of pausesInWords(opened, now)) say(out, `Goes on. It was: ${line}`);
  for (const line of pausesInWords(closed, now)) say(out, `Now: ${line}`);
}

export async function listWindows({ windows }: Pick<Opened, 'windows'>, out: Output, { json }: { json: boolean }) {
  const now = Date.now();
  const listed = (await windows.look()).windows.map((window) => ({ ...window, ...windowAt(window, now) }));
  if (json) return out.json({ windows: listed });
  if (listed.length === 0) return say(out, 'No windows: work is done at any time. See darkroom window --help.');
  const cells = listed.map((window) => [
    window.name,
    window.what,
    windowInWords(window),
    `${window.open ? 'open' : 'closed'} until ${clock(window.until, now)}`,
  ]);
  const table = aligned(cells);
  const fits = table.every((row) => row.length <= out.columns);
  for (const [at, [name = '', ...rest]] of cells.entries()) {
    if (fits) out.line(table[at]);
    else for (const line of [name, ...wrapped(rest.join(', '), out.columns, '  ')]) out.line(line);
  }
}

/** What a person says of a window. */
export interface WindowFlags {
  readonly from?: string;
  readonly to?: string;
  readonly what?: string;
  readonly zone?: string;
  readonly days?: string;
}

/** Throws UsageError for what cannot be understood. `by` is user@machine, `now` in milliseconds since 1970. */
export function windowOf(name: string, flags: WindowFlags, { by, now }: { by: string; now: number }): Window {
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/i.test(name)) {
    throw new UsageError(`"${name}" is no name for a window: letters, digits, - and _, at most 40.`);
  }
  const { from, to, zone: asked = new Intl.DateTimeFormat().resolvedOptions().timeZone } = flags;
  const zone = zoneOf(asked);
  if (zone === undefined) throw new UsageError(`--zone ${asked}: say for example Europe/Berlin, or UTC.`);
  const days = flags.days === undefined ? weekdays : daysOf(flags.days);
  if (days === undefined) throw new UsageError(`--days ${flags.days}: say for example mon-fri, or sat,sun.`);
  const window = { name, from: timeOf('--from', from), to: timeOf('--to', to), zone, days, by, since: now };
  if (window.from === window.to && days.length === weekdays.length) {
    throw new UsageError('A window that is never closed is none. --from and --to are the same on every day.');
  }
  return { ...window, what: pausableOf(flags.what ?? 'all') };
}

function timeOf(option: string, text: string | undefined): number {
  const minutes = text === undefined ? undefined : minutesOf(text);
  if (minutes === undefined)
    throw new UsageError(`${option} ${text ?? 'is missing'}: say for example ${option} 22:00.`);
  return minutes;
}

const inWords = ({ what }: Window): string => (what === 'all' ? 'everything' : what);
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
