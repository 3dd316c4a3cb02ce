import { humanPart } from './field-text.ts';
import type { ImmichAsset } from './immich.ts';
import { longestNameWithAge, withAge } from './name-with-age.ts';
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
  const people = sorted(asset.people.map((person) => withAge(person, takenAt)));
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

/** As many as keywords of a file (`CaptureFacts`). */
const mostNames = 50;

const sorted = (names: readonly string[]): readonly string[] =>
  [...new Set(names.map(oneLine).filter((name) => name !== ''))]
    .map((name) => firstCharacters(name, longestNameWithAge))
    .toSorted()
    .slice(0, mostNames);

function writtenBySomebody(description: string, texts: KnownTexts | undefined): string {
  if (texts === undefined) return humanPart(description);
  const state = fieldState(description, texts);
  if (state === 'ours' || state === 'boilerplate') return '';
  return humanPart(description, ourParts(texts));
}
