import type { StatusQueries } from '../domain/status.ts';

/** Enough of them, and long enough, for a rate. */
const enough = 10;
const leastSpanMs = 5_000;
const [shortMs, longMs] = [120_000, 600_000];

/**
 * Descriptions per minute now: of the last two minutes, or of the last ten where that is too few to tell; 0 where nothing can
 * be told. A stop in between counts only while it is that short ago.
 */
export async function recentPerMinute(queries: Pick<StatusQueries, 'recentRate'>): Promise<number> {
  const latest = await queries.recentRate(shortMs);
  const { finished, spanMs } = latest.finished >= enough ? latest : await queries.recentRate(longMs);
  return spanMs > leastSpanMs ? (finished / spanMs) * 60_000 : 0;
}
