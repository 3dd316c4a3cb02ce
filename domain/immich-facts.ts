import { humanPart } from './field-text.ts';
import type { ImmichAsset, ImmichPerson } from './immich.ts';
import { firstCharacters, oneLine } from './one-line.ts';
import { promptFacts, type PromptFacts } from './recipe.ts';
import { fieldState, type KnownTexts, ourParts } from './write-policy.ts';

export interface AssetTold {
  /** Names of the albums it is in, where they were asked for. */
  readonly albums?: readonly string[];
  /** What in the description is ours or a camera's; absent: only blocks are taken out. */
  readonly texts?: KnownTexts;
}

/**
 * What Immich tells of a photo that a prompt may use. The file's name is told here, since in the photo's path an id stands for
 * its folder. Names are sorted: Immich's order may differ from answer to answer, and facts are compared.
 */
export function factsOfAsset(asset: ImmichAsset, { albums = [], texts }: AssetTold = {}): PromptFacts {
  const { facts, description, originalFileName } = asset;
  const { takenAt, rating } = facts;
  const place = line(facts.place);
  const [lens, exposure, fileName] = [line(facts.lens), line(facts.exposure), line(originalFileName)];
  const existingText = line(writtenBySomebody(description, texts));
  const people = sorted(asset.people.map((person) => personAt(person, takenAt)));
  const [inAlbums, keywords] = [sorted(albums), sorted(asset.tags)];
  return {
    ...promptFacts(facts),
    ...(place !== undefined && { place }),
    ...(lens !== undefined && { lens }),
    ...(exposure !== undefined && { exposure }),
    ...(people.length > 0 && { people }),
    ...(inAlbums.length > 0 && { albums: inAlbums }),
    ...(keywords.length > 0 && { keywords }),
    ...(rating !== undefined && [1, 2, 3, 4, 5].includes(rating) && { rating }),
    ...(existingText !== undefined && { existingText }),
    ...(fileName !== undefined && { fileName }),
  };
}

/** More of one value would be in every history and in no prompt. */
const longestValue = 500;

function line(text: string | undefined): string | undefined {
  const found = firstCharacters(oneLine(text ?? ''), longestValue);
  return found === '' ? undefined : found;
}

/** As many, and as long, as keywords of a file (`CaptureFacts`); a name with its age is never cut within the age. */
const mostNames = 50;
const longestName = 60;

const shortName = (name: string): string => firstCharacters(oneLine(name), longestName);

const sorted = (names: readonly string[]): readonly string[] =>
  [...new Set(names.map(oneLine).filter((name) => name !== ''))]
    .map((name) => firstCharacters(name, longestName + longestAge))
    .toSorted()
    .slice(0, mostNames);

function writtenBySomebody(description: string, texts: KnownTexts | undefined): string {
  if (texts === undefined) return humanPart(description);
  const state = fieldState(description, texts);
  if (state === 'ours' || state === 'boilerplate') return '';
  return humanPart(description, ourParts(texts));
}

/** ` (119 years)`, and some. */
const longestAge = 16;
/** Immich has no field for "born, but nobody knows when": people type a year that cannot be. */
const oldestYears = 120;
const monthsOfBabies = 24;

/** `Anna (34)`, `Max (7 months)`, `Ida (newborn)`; the name alone where the age is not known or cannot be. */
function personAt({ name, birthDate }: ImmichPerson, takenAt: string | undefined): string {
  const short = shortName(name);
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
