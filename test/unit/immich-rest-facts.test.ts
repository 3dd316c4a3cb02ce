import assert from 'node:assert/strict';
import { test } from 'node:test';
import { immichFacts, type RawFacts } from '../../adapters/immich/facts.ts';
import type { ImmichFacts } from '../../domain/immich.ts';

type Row = readonly [raw: RawFacts, facts: ImmichFacts];

const made: readonly Row[] = [
  [{}, {}],
  [{ localDateTime: Date.UTC(2024, 4, 31, 18, 4, 5, 678) }, { takenAt: '2024-05-31T18:04:05' }],
  [{ localDateTime: Date.UTC(1923, 0, 1) }, { takenAt: '1923-01-01T00:00:00' }],
  [{ localDateTime: Number.NaN }, {}],
  [{ localDateTime: 4e14 }, {}],
  [{ make: 'Canon', model: 'Canon EOS R6' }, { camera: 'Canon EOS R6' }],
  [{ make: 'NIKON CORPORATION', model: 'NIKON Z 6' }, { camera: 'NIKON Z 6' }],
  [{ make: 'Apple', model: 'iPhone 15' }, { camera: 'Apple iPhone 15' }],
  [{ make: ' ', model: null, lensModel: '  ' }, {}],
  [{ lensModel: 'RF 24-105\nmm' }, { lens: 'RF 24-105 mm' }],
];

const exposures: readonly Row[] = [
  [{ fNumber: 1.8, exposureTime: '1/120', iso: 200, focalLength: 26 }, { exposure: 'f/1.8, 1/120 s, ISO 200, 26 mm' }],
  [{ fNumber: 2.799_999_9, focalLength: 4.25 }, { exposure: 'f/2.8, 4.3 mm' }],
  [{ exposureTime: '30 s' }, { exposure: '30 s' }],
  [{ exposureTime: '0', fNumber: 0, iso: 0, focalLength: 0 }, {}],
  [{ iso: Number.POSITIVE_INFINITY, fNumber: Number.NaN }, {}],
  ...[1, 5].map((rating): Row => [{ rating }, { rating }]),
  ...[-1, 0, 6, 2.5].map((rating): Row => [{ rating }, {}]),
];

const places: readonly Row[] = [
  [{ city: 'Cala Violina', state: 'Tuscany', country: 'Italy' }, { place: 'Cala Violina, Tuscany, Italy' }],
  [{ city: 'Berlin', state: 'Berlin', country: 'Germany' }, { place: 'Berlin, Germany' }],
  [{ city: '', state: null, country: 'Norway' }, { place: 'Norway' }],
  [
    { latitude: -33.9, longitude: 18.4 },
    { latitude: -33.9, longitude: 18.4 },
  ],
  [
    { latitude: 0, longitude: 9.5 },
    { latitude: 0, longitude: 9.5 },
  ],
  [{ latitude: 0, longitude: 0 }, {}],
  [{ latitude: 91, longitude: 9 }, {}],
  [{ latitude: 45, longitude: null }, {}],
];

for (const [title, rows] of [
  ['time and camera are told in words, without what is not known', made],
  ['the exposure is told in the parts that are known, and a rating from 1 to 5', exposures],
  ['a place is told by its names, each once, and by coordinates that are some', places],
] as const) {
  test(title, () => {
    for (const [raw, facts] of rows) assert.deepEqual(immichFacts(raw), facts, JSON.stringify(raw));
  });
}
