import { z } from 'zod';

/** What is no number is nothing known: NaN and infinity are values of Postgres, too. */
const number = z.number().nullable().catch(null);
const text = z.string().nullable();

/** Columns of asset_exif, and asset."localDateTime" in milliseconds as if it were UTC; adapters/immich/facts.ts puts them in words. */
export const factsRow = {
  localDateTime: number,
  make: text,
  model: text,
  lensModel: text,
  fNumber: number,
  exposureTime: text,
  iso: number,
  focalLength: number,
  latitude: number,
  longitude: number,
  city: text,
  state: text,
  country: text,
  rating: number,
};
