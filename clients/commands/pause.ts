import { randomUUID } from 'node:crypto';
import { holdingAt, keptInWords } from '../../domain/kept-pause.ts';
import { firstCharacters, oneLine } from '../../domain/one-line.ts';
import { clock, nextMoment, pausable, type Pausable, type Pause, pausesInWords, spanMs } from '../../domain/pause.ts';
import { plansInWords } from '../../domain/planned-pause.ts';
import { isWindows } from '../../domain/window.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export interface PauseOptions {
  /** user@machine */
  readonly by: string;
  readonly reason: string | undefined;
  /** Milliseconds since 1970; undefined: until somebody resumes. */
  readonly until: number | undefined;
  readonly json: boolean;
}

export interface QueuePauseOptions extends PauseOptions {
  readonly what: Pausable;
  /** Also over what somebody paused with Temporal's own tools. */
  readonly force: boolean;
}

/**
 * Begins nothing new of `what` until somebody resumes or the time has come. Replaces the pause that is there. Returns the exit
 * code: 1 where a pause that Darkroom did not make is in the way, as `force` was not given.
 */
export async function pause(
  { pauses }: Pick<Opened, 'pauses'>,
  out: Output,
  options: QueuePauseOptions,
): Promise<number> {
  const now = Date.now();
  const { until, force } = options;
  const made = pauseOf(options, now);
  const queues = pausable[options.what];
  const { replaced, refused } = await pauses.pause(queues, made, { force });
  const exitCode = refused.length > 0 ? 1 : 0;
  const paused = exitCode === 0 ? queues.map((queue) => ({ queue, ...made })) : [];
  if (options.json) {
    out.json({ paused, replaced, refused });
    return exitCode;
  }
  for (const line of pausesInWords(refused, now)) say(out, `Not paused, because of: ${line}`);
  if (exitCode !== 0) {
    say(out, 'Your pause would take its place, and its end would lift both. With --force it does.');
    return exitCode;
  }
  const what = options.what === 'all' ? 'everything' : options.what;
  const ends = until === undefined ? 'until "darkroom resume"' : `until ${clock(until, now)}`;
  say(out, `Paused ${what} ${ends}. What is under way ends; nothing new begins.`);
  for (const line of pausesInWords(replaced, now)) say(out, `It replaces: ${line}`);
  if (replaced.some(isWindows)) say(out, 'Where the window is still closed at the end, it pauses again.');
  return exitCode;
}

/** A pause as somebody asked for it, beginning at `since`. */
export function pauseOf({ by, reason, until }: PauseOptions, since: number): Pause {
  const why = firstCharacters(oneLine(reason ?? ''), 300);
  return { id: randomUUID(), by, ...(why !== '' && { why }), since, ...(until !== undefined && { until }) };
}

export interface ResumeOptions {
  readonly what: Pausable;
  readonly force: boolean;
  readonly json: boolean;
}

/**
 * Goes on, and forgets what is planned. Returns the exit code: 1 where a pause that Darkroom did not make is left, as `force`
 * was not given.
 */
export async function resume(
  { pauses, kept, planned }: Pick<Opened, 'pauses' | 'kept' | 'planned'>,
  out: Output,
  { what, force, json }: ResumeOptions,
): Promise<number> {
  // In this order: a plan that is carried out between the two is a pause by then, and is lifted.
  const dropped = await planned.drop(pausable[what]);
  const now = Date.now();
  if (!json) for (const line of plansInWords(dropped, now)) say(out, `Planned no more: ${line}`);
  const { lifted, left, next } = await pauses.resume(pausable[what], { force });
  const plans = await planned.look();
  const others = holdingAt((await kept.look()).pauses, now);
  const exitCode = left.length > 0 ? 1 : 0;
  if (json) {
    out.json({ resumed: lifted, left, next, dropped });
    return exitCode;
  }
  for (const line of pausesInWords(lifted, now)) say(out, `Goes on. It was: ${line}`);
  if (lifted.some(isWindows)) say(out, 'It is paused again when its window closes the next time.');
  for (const line of pausesInWords(next, now)) say(out, `Now: ${line}. Resume once more to work all the same.`);
  for (const line of pausesInWords(left, now)) say(out, `Left as it is: ${line}`);
  for (const line of plansInWords(plans, now)) say(out, `Left as it is: ${line}`);
  for (const one of others) say(out, `Left as it is: ${keptInWords(one, now)}`);
  const found = lifted.length + left.length + dropped.length;
  if (what !== 'all' && found === 0) say(out, `${what} is not paused.`);
  else if (found + others.length === 0) say(out, 'Nothing is paused.');
  return exitCode;
}

const isPausable = (text: string): text is Pausable => Object.hasOwn(pausable, text);

/** Throws UsageError for anything that cannot be paused. */
export function pausableOf(text: string): Pausable {
  if (isPausable(text)) return text;
  throw new UsageError(
    `There is no "${text}" to pause. Say "describe" (model calls), "faces" (looking for faces), "publish" (writing to Immich) or "all" (these, and reading photos).`,
  );
}

const mostMs = 366 * 86_400_000;

/**
 * When the pause ends, in milliseconds since 1970; undefined: when somebody resumes. `begin` is now, or later. Throws
 * UsageError where that cannot be understood, or is over by then.
 */
export function endOf(
  { for: span, until }: { for?: string; until?: string },
  now: number,
  begin = now,
): number | undefined {
  if (span !== undefined) return after(begin, '--for', span);
  if (until === undefined) return undefined;
  const over = begin > now ? `the pause begins at ${clock(begin, now)}` : `it is ${clock(now, now)} here`;
  return momentAfter(begin, '--until', until, over);
}

/** When a pause begins later, in milliseconds since 1970; undefined: now. Throws UsageError as above. */
export function beginOf({ in: span, at }: { in?: string; at?: string }, now: number): number | undefined {
  if (span !== undefined) return after(now, '--in', span);
  return at === undefined ? undefined : momentAfter(now, '--at', at, `it is ${clock(now, now)} here`);
}

function after(begin: number, option: string, span: string): number {
  const ms = spanMs(span);
  if (ms === undefined || ms < 1_000) throw new UsageError(`${option} ${span}: say for example 90m, 2h, 1h30m or 2d.`);
  return within(begin + ms, begin, option);
}

function momentAfter(begin: number, option: string, text: string, over: string): number {
  const at = nextMoment(text, begin);
  if (at === undefined) throw new UsageError(`${option} ${text}: say for example 06:00, or "2026-11-24 06:00".`);
  if (at <= begin) throw new UsageError(`${option} ${text}: that is over already (${over}).`);
  return within(at, begin, option);
}

function within(at: number, begin: number, option: string): number {
  if (at - begin <= mostMs) return at;
  const without =
    option === '--for' || option === '--until' ? ' Without it the pause holds until "darkroom resume".' : '';
  throw new UsageError(`${option} reaches further than a year.${without}`);
}

/** Broken where the terminal is narrow. */
export function say(out: Output, text: string): void {
  for (const line of wrapped(text, out.columns)) out.line(line);
}
