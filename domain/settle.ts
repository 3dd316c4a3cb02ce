import { type FileStat, sameFile } from './asset.ts';

/** A file is whole when nothing touched it for this long. Phones and sync clients write in bursts below a second. */
export const quietMs = 2_000;
/** An empty or unreadable file may be one whose upload has just begun; after this long without a change it is what it is. */
export const patienceMs = 30_000;
/** Waiting for longer than this marks the asset `waiting`, so that it leaves the backfill's count (architecture 2, backfill). */
export const waitingAfterMs = 120_000;

export type SettleVerdict =
  { readonly verdict: 'whole' } | { readonly verdict: 'wait'; readonly waitMs: number } | { readonly verdict: 'empty' };

export interface Observation {
  readonly stat: FileStat;
  /** When it was looked at, milliseconds since 1970 by our clock. */
  readonly at: number;
}

/**
 * Is the file whole? By age where the clocks agree; else by two equal looks far enough apart, because a network share
 * may have a clock of its own. `first` is the earliest look since the last change. ctime counts, not only mtime: copying
 * tools set mtime back in time, nothing sets ctime.
 */
export function judgeSettled(first: Observation | undefined, now: Observation, quiet = quietMs): SettleVerdict {
  const unchangedFor = first !== undefined && sameFile(first.stat, now.stat) ? now.at - first.at : 0;
  const age = now.at - Math.max(now.stat.mtimeMs, now.stat.ctimeMs);
  const still = Math.max(unchangedFor, age);
  const needed = now.stat.size === 0 ? Math.max(quiet, patienceMs) : quiet;
  if (still >= needed) return { verdict: now.stat.size === 0 ? 'empty' : 'whole' };
  // A clock ahead of ours gives a negative age: then only our own two looks count.
  return { verdict: 'wait', waitMs: Math.max(200, Math.min(needed, needed - Math.max(still, 0))) };
}

/** Waits grow while a file keeps growing: an upload over a slow link takes an hour and must not cost a thousand events. */
export const growingWaitMs = (changes: number, waitMs: number): number =>
  Math.min(60_000, Math.max(waitMs, quietMs * 2 ** Math.min(changes, 5)));
