import { firstCharacters, oneLine } from './one-line.ts';

/** ` (119 years)`, and some. */
const longestAge = 16;
/** As long as a keyword of a file; it is never cut within the age. */
const longestName = 60;
export const longestNameWithAge = longestName + longestAge;
/** Immich has no field for "born, but nobody knows when": people type a year that cannot be. */
const oldestYears = 120;
const monthsOfBabies = 24;

interface Aged {
  readonly name: string;
  /** `1984-02-29`. */
  readonly birthDate?: string | undefined;
}

/** `Anna (34)`, `Max (7 months)`, `Ida (newborn)`; the name alone where the age is not known or cannot be. */
export function withAge({ name, birthDate }: Aged, takenAt: string | undefined): string {
  const short = firstCharacters(oneLine(name), longestName);
  const months = monthsBetween(birthDate, takenAt);
  if (short === '' || months === undefined || months < 0 || months > oldestYears * 12) return short;
  if (months >= monthsOfBabies) return `${short} (${Math.floor(months / 12)})`;
  return `${short} (${months === 0 ? 'newborn' : months === 1 ? '1 month' : `${months} months`})`;
}

/** Whole months from a day to another; negative where the second is the earlier one. */
function monthsBetween(from: string | undefined, to: string | undefined): number | undefined {
  const [start, end] = [dayOf(from), dayOf(to)];
  if (start === undefined || end === undefined) return undefined;
  return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day ? 1 : 0);
}

function dayOf(text: string | undefined): { year: number; month: number; day: number } | undefined {
  const [, year, month, day] = (/^(\d{4})-(\d{2})-(\d{2})(?:T|$)/.exec(text ?? '') ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? { year, month, day } : undefined;
}
