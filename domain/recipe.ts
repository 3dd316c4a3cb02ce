import type { CaptureFacts } from './asset.ts';
import { firstCharacters, oneLine } from './one-line.ts';

/** Everything that decides which description is wanted, apart from the photo. Its hash names it in every table. */
export interface Recipe {
  /** A question, or a template with placeholders (domain/prompt.ts). */
  readonly prompt: string;
  readonly language: string;
  /** Canonical model names of the accepted roles, in order: primary, then fallback. */
  readonly models: readonly string[];
  readonly numCtx: number;
  readonly numPredict: number;
  /** Long side in pixels of the picture that the model gets. */
  readonly longSide: number;
  /** Absent: plain text. `json`: description, tags, text in the picture and safety, held to a schema by the host. */
  readonly output?: 'json';
  /** Names of what a prompt without placeholders tells (`factNames` of domain/prompt.ts); absent: date, camera, place and people. */
  readonly facts?: readonly string[];
}

/** Values that went into the prompt. Text may be reused for a copy only where these are equal too. */
export interface PromptFacts {
  readonly takenAt?: string;
  readonly camera?: string;
  /** Coordinates, or the name of the place where it is known. */
  readonly place?: string;
  readonly lens?: string;
  /** `f/1.8, 1/120 s, ISO 200, 26 mm`. */
  readonly exposure?: string;
  /** What the file itself says of the photo, or a person in the library that holds it. */
  readonly keywords?: readonly string[];
  readonly existingText?: string;
  /** Names, with the age at capture where it is known: `Anna (34)`. */
  readonly people?: readonly string[];
  readonly albums?: readonly string[];
  /** 1 to 5. */
  readonly rating?: number;
  /** Known where a prompt names them, and only there (`factsFor` of domain/prompt.ts). */
  readonly fileName?: string;
  readonly folder?: string;
}

/** Hashes as 64 hex digits: what is known is keyed by these three. */
export interface DescriptionKey {
  readonly contentHash: string;
  readonly recipeHash: string;
  readonly factsHash: string;
}

export const defaultPrompts: Readonly<Record<string, string>> = {
  en:
    'Describe this photo in two to four plain sentences for somebody who searches their own photo library: who or what ' +
    'is in it, where it is, what is happening, and any readable text. Say only what can be seen. No introduction.',
  ru:
    'Опишите эту фотографию двумя–четырьмя простыми предложениями для человека, который ищет в своём фотоархиве: кто или ' +
    'что на ней, где это, что происходит, какой текст можно прочесть. Только то, что видно. Без вступления.',
};

/** More of a caption would be in every history and in no prompt. */
const longestExisting = 500;

/** What a file tells that a prompt may use. Coordinates are rounded to about a kilometre: models guess from more digits. */
export function promptFacts(capture: CaptureFacts): PromptFacts {
  const { takenAt, camera, latitude, longitude, keywords, caption } = capture;
  return {
    ...(takenAt === undefined ? {} : { takenAt }),
    ...(camera === undefined ? {} : { camera }),
    ...(latitude === undefined || longitude === undefined
      ? {}
      : { place: `${latitude.toFixed(2)}, ${longitude.toFixed(2)}` }),
    ...(keywords === undefined ? {} : { keywords }),
    ...(caption === undefined ? {} : { existingText: firstCharacters(oneLine(caption), longestExisting) }),
  };
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** One spelling per value (keys sorted, absent keys left out), so that equal values have equal hashes. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  const entries = Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
    .join(',')}}`;
}
