const dayMs = 86_400_000;

/** How far the clock of a zone is ahead of UTC at a moment, in milliseconds. */
export type OffsetAt = (at: number) => number;

/** The name of a time zone as the system spells it; undefined for what is none, and for a bare offset, which knows no summer. */
export function zoneOf(text: string): string | undefined {
  if (!/^[A-Za-z]/.test(text)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** Throws RangeError for a zone that the system does not know. */
export function offsetsOf(zone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return shown - Math.floor(at / 1_000) * 1_000;
  };
}

/**
 * The first or the last moment at which the zone's clock shows `wall` (milliseconds since 1970, as if the clock were UTC) or,
 * where the clock jumps over it, the moment of the jump.
 */
export function momentOf(wall: number, offsetAt: OffsetAt, which: 'first' | 'last'): number {
  const [before, after] = [offsetAt(wall - dayMs), offsetAt(wall + dayMs)];
  const [early, late] = [wall - Math.max(before, after), wall - Math.min(before, after)];
  const shows = (at: number) => at + offsetAt(at) === wall;
  const found = [early, late].filter(shows);
  return (which === 'first' ? found[0] : found.at(-1)) ?? jumpBetween(early, late, offsetAt);
}

function jumpBetween(early: number, late: number, offsetAt: OffsetAt): number {
  const before = offsetAt(early);
  let [low, high] = [early, late];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
