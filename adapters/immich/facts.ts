import type { ImmichFacts } from '../../domain/immich.ts';
import { oneLine } from '../../domain/one-line.ts';
import { cameraName } from '../picture/capture.ts';

type Maybe<T> = T | null | undefined;

/** What Immich knows of a photo's making, whichever way it was asked (reference, 2.2). */
export interface RawFacts {
  /** The clock where it was taken as if it were UTC, milliseconds since 1970: Immich's `localDateTime`. */
  readonly localDateTime?: Maybe<number>;
  readonly make?: Maybe<string>;
  readonly model?: Maybe<string>;
  readonly lensModel?: Maybe<string>;
  readonly exposureTime?: Maybe<string>;
  readonly fNumber?: Maybe<number>;
  readonly iso?: Maybe<number>;
  /** Millimetres. */
  readonly focalLength?: Maybe<number>;
  readonly latitude?: Maybe<number>;
  readonly longitude?: Maybe<number>;
  readonly city?: Maybe<string>;
  readonly state?: Maybe<string>;
  readonly country?: Maybe<string>;
  readonly rating?: Maybe<number>;
}

/** In words, without what is not known. */
export function immichFacts(raw: RawFacts): ImmichFacts {
  const facts = {
    takenAt: wallClock(raw.localDateTime),
    camera: cameraName(raw.make ?? undefined, raw.model ?? undefined),
    lens: words(raw.lensModel),
    exposure: exposureText(raw),
    ...place(raw.latitude, raw.longitude),
    place: placeName([raw.city, raw.state, raw.country]),
    rating: ratingOf(raw.rating),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** `2024-05-31T18:04:00`. */
function wallClock(at: Maybe<number>): string | undefined {
  const date = new Date(at ?? Number.NaN);
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  // Years before 0 or after 9999 are written with a sign and two digits more: no camera's clock says so.
  return text.length === 24 ? text.slice(0, 19) : undefined;
}

const words = (text: Maybe<string>): string | undefined => {
  const line = oneLine(text ?? '');
  return line === '' ? undefined : line;
};

/** `f/1.8, 1/120 s, ISO 200, 26 mm`, of what is known. */
function exposureText({ fNumber, exposureTime, iso, focalLength }: RawFacts): string | undefined {
  const time = words(exposureTime)?.replace(/\s*s(ec)?\.?$/i, '');
  const parts = [
    isPositive(fNumber) ? `f/${rounded(fNumber)}` : undefined,
    time === undefined || time === '0' ? undefined : `${time} s`,
    isPositive(iso) ? `ISO ${Math.round(iso)}` : undefined,
    isPositive(focalLength) ? `${rounded(focalLength)} mm` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}

const isPositive = (value: Maybe<number>): value is number => Number.isFinite(value) && Number(value) > 0;
const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Each name once: the state of Berlin is Berlin. */
function placeName(names: readonly Maybe<string>[]): string | undefined {
  const known = new Set(names.map(words).filter((name) => name !== undefined));
  return known.size === 0 ? undefined : [...known].join(', ');
}

function place(latitude: Maybe<number>, longitude: Maybe<number>): Pick<ImmichFacts, 'latitude' | 'longitude'> {
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return {};
  const [north, east] = [Number(latitude), Number(longitude)];
  // (0, 0) is what phones write that have no fix.
  const isOne = Math.abs(north) <= 90 && Math.abs(east) <= 180 && (north !== 0 || east !== 0);
  return isOne ? { latitude: north, longitude: east } : {};
}

/** -1 is Immich's word for rejected, 0 that of some cameras for not rated. */
const ratingOf = (rating: Maybe<number>): number | undefined =>
  Number.isInteger(rating) && Number(rating) >= 1 && Number(rating) <= 5 ? Number(rating) : undefined;
