/** When Immich libraries are looked at for what is new. Milliseconds; instants since 1970. */

/**
 * Immich stamps a row before it is there for others to see, and a large upload commits late: what came within this time before
 * the newest photo that was met is looked at again.
 */
const overlapMs = 600_000;

/** From when on a poll asks. `polledUntil` is of the server's clock, and so is the answer; undefined asks for everything. */
export const pollFrom = (polledUntil: number | undefined): number | undefined =>
  polledUntil === undefined ? undefined : polledUntil - overlapMs;

const longestWaitMs = 600_000;

/** Until the next poll: `everyMs`, and after each failure in a row twice as long, up to ten minutes. */
export const pollWaitMs = (everyMs: number, failures: number): number =>
  failures === 0 ? everyMs : Math.max(everyMs, Math.min(longestWaitMs, everyMs * 2 ** (failures - 1)));

const hourMs = 3_600_000;
const night = { from: 2, to: 6 };
/** A night is four hours long: whatever the hour of the last pass, each night or the one behind it finds one due. */
const dueAtNightMs = 6 * hourMs;
const dueMs = 26 * hourMs;

/**
 * Is a pass through the whole library due? At night, and where the night went by (the machine slept), as soon as it is over a day
 * old. `hour` is that of the machine's clock, 0 to 23. A pass in the future is of a clock that was set back since.
 */
export function sweepIsDue({ swept, now, hour }: { swept: number; now: number; hour: number }): boolean {
  if (swept > now + hourMs) return true;
  const isNight = hour >= night.from && hour < night.to;
  return now - swept >= (isNight ? dueAtNightMs : dueMs);
}

/**
 * A pass through 100,000 photos of an Immich is 400 requests: reconcile leaves it to the nightly one, and takes its place where
 * that does not come (nobody runs `up`).
 */
export const wasSweptLately = (swept: number | undefined, now: number): boolean =>
  swept !== undefined && swept <= now + hourMs && now - swept < dueMs + 4 * hourMs;
