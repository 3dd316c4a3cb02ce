import { randomUUID } from 'node:crypto';
import { firstCharacters, oneLine } from '../../domain/one-line.ts';
import { clock, nextMoment, pausable, type Pausable, type Pause, pausesInWords, spanMs } from '../../domain/pause.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export interface PauseOptions {
  readonly what: Pausable;
  /** user@machine */
  readonly by: string;
  readonly reason: string | undefined;
  /** Milliseconds since 1970; undefined: until somebody resumes. */
  readonly until: number | undefined;
  readonly json: boolean;
}

/** Begins nothing new of `what` until somebody resumes or the time has come. Replaces the pause that is there. */
export async function pause({ pauses }: Pick<Opened, 'pauses'>, out: Output, options: PauseOptions): Promise<void> {
  const now = Date.now();
  const { until } = options;
  const why = firstCharacters(oneLine(options.reason ?? ''), 300);
  const made: Pause = {
    id: randomUUID(),
    by: options.by,
    ...(why !== '' && { why }),
    since: now,
    ...(until !== undefined && { until }),
  };
  const queues = pausable[options.what];
  const replaced = await pauses.pause(queues, made);
  if (options.json) return out.json({ paused: queues.map((queue) => ({ queue, ...made })), replaced });
  const what = options.what === 'all' ? 'everything' : 'describe';
  const ends = until === undefined ? 'until "darkroom resume"' : `until ${clock(until, now)}`;
  say(out, `Paused ${what} ${ends}. What is under way ends; nothing new begins.`);
  for (const line of pausesInWords(replaced, now)) say(out, `It replaces: ${line}`);
}

export interface ResumeOptions {
  readonly what: Pausable;
  readonly force: boolean;
  readonly json: boolean;
}

/** Goes on. Returns the exit code: 1 where a pause that Darkroom did not make is left, as `force` was not given. */
export async function resume(
  { pauses }: Pick<Opened, 'pauses'>,
  out: Output,
  { what, force, json }: ResumeOptions,
): Promise<number> {
  const { lifted, left } = await pauses.resume(pausable[what], { force });
  const now = Date.now();
  const exitCode = left.length > 0 ? 1 : 0;
  if (json) {
    out.json({ resumed: lifted, left });
    return exitCode;
  }
  for (const line of pausesInWords(lifted, now)) say(out, `Goes on. It was: ${line}`);
  for (const line of pausesInWords(left, now)) say(out, `Left as it is: ${line}`);
  if (lifted.length + left.length === 0) say(out, what === 'all' ? 'Nothing is paused.' : `${what} is not paused.`);
  return exitCode;
}

const later: ReadonlyMap<string, string> = new Map([
  ['faces', 'Looking for faces is not there yet'],
  ['publish', 'Writing to a library is not there yet'],
]);

/** Throws UsageError for anything that cannot be paused. */
export function pausableOf(text: string): Pausable {
  if (text === 'describe' || text === 'all') return text;
  const reason = later.get(text) ?? `There is no "${text}" to pause`;
  throw new UsageError(`${reason}. Say "describe" (model calls) or "all" (reading photos too).`);
}

const mostMs = 366 * 86_400_000;

/** When the pause ends, in milliseconds since 1970. Throws UsageError where that cannot be understood, or is over. */
export function endOf({ for: span, until }: { for?: string; until?: string }, now: number): number | undefined {
  if (span !== undefined) {
    const ms = spanMs(span);
    if (ms === undefined || ms < 1_000) throw new UsageError(`--for ${span}: say for example 90m, 2h, 1h30m or 2d.`);
    return within(now + ms, now, '--for');
  }
  if (until === undefined) return undefined;
  const at = nextMoment(until, now);
  if (at === undefined) throw new UsageError(`--until ${until}: say for example 06:00, or "2026-11-24 06:00".`);
  if (at <= now) throw new UsageError(`--until ${until}: that is over already (it is ${clock(now, now)} here).`);
  return within(at, now, '--until');
}

function within(at: number, now: number, option: string): number {
  if (at - now > mostMs) {
    throw new UsageError(`${option} reaches further than a year. Without it the pause holds until "darkroom resume".`);
  }
  return at;
}

function say(out: Output, text: string): void {
  for (const line of wrapped(text, out.columns)) out.line(line);
}
