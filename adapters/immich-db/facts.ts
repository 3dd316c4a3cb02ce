import { z } from 'zod';
import type { ImmichFacts } from '../../domain/immich.ts';

/** What is no number is nothing known: NaN and infinity are values of Postgres, too. */
const number = z.number().nullable().catch(null);
const text = z.string().nullable();

/** Columns of asset_exif, and `takenAt` out of asset."localDateTime". */
export const factsRow = {
  takenAt: text,
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
const row = z.object(factsRow);
type Row = z.output<typeof row>;

export function factsOf(row: Row): ImmichFacts {
  const facts = {
    takenAt: said(row.takenAt),
    camera: cameraOf(row),
    lens: said(row.lensModel),
    exposure: joined(', ', [
      row.fNumber === null ? undefined : `f/${rounded(row.fNumber)}`,
      said(row.exposureTime) === undefined ? undefined : `${said(row.exposureTime)} s`,
      row.iso === null ? undefined : `ISO ${row.iso}`,
      row.focalLength === null ? undefined : `${rounded(row.focalLength)} mm`,
    ]),
    latitude: row.latitude ?? undefined,
    longitude: row.longitude ?? undefined,
    place: joined(', ', [said(row.city), said(row.state), said(row.country)]),
    rating: row.rating !== null && row.rating >= 1 && row.rating <= 5 ? row.rating : undefined,
  };
  const known: { -readonly [K in keyof ImmichFacts]: ImmichFacts[K] } = {};
  return Object.assign(known, Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)));
}

/** Makers write their name into the model, too: `Canon EOS R6`, not `Canon Canon EOS R6`. */
function cameraOf({ make, model }: Row): string | undefined {
  const [maker, name] = [said(make), said(model)];
  if (maker === undefined || name === undefined) return maker ?? name;
  return name.toLowerCase().startsWith(maker.toLowerCase()) ? name : `${maker} ${name}`;
}

const said = (value: string | null): string | undefined => {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
};

const joined = (by: string, parts: readonly (string | undefined)[]): string | undefined =>
  said(parts.filter((part) => part !== undefined).join(by));

const rounded = (value: number): string => String(Math.round(value * 10) / 10);
