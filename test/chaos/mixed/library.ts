import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { prepareSharp, render } from '../../../adapters/picture/render.ts';
import { loadSettings } from '../../../runtime/config.ts';
import { sha256 } from '../../../runtime/sha256.ts';
import { makeJpeg } from '../../support/photos.ts';

/** What is to become of a photo, by the script. */
export type Fate = 'described' | 'refused' | 'undecodable';

export interface PlannedPhoto {
  /** Below the library. */
  readonly path: string;
  readonly fate: Fate;
  /** SHA-256 of the JPEG that hosts must get for it, made here from the file alone; undefined where none can be made. */
  readonly picture: string | undefined;
  /** States in which one that is to be described may end. Default: done. */
  readonly ends?: readonly string[];
  /** Of the model. `none`: it is not to be asked. `some`: how often depends on who comes first. Default: one. */
  readonly calls?: 'none' | 'some';
}

interface Original {
  readonly bytes: Buffer;
  readonly fate: Fate;
  readonly picture: string | undefined;
}

/** A third of the photos are byte-equal copies of others; about one in thirty is to be parked, half of those by the models. */
export async function makeLibrary(folder: string, count: number, random: () => number): Promise<PlannedPhoto[]> {
  const copies = Math.floor(count / 3);
  const each = Math.max(1, Math.round(count / 60));
  prepareSharp();
  const originals: Original[] = [];
  for (let at = 0; at < count - copies; at += 1) originals.push(await makeOriginal(at, fateOf(at, each)));
  const pictures = originals.flatMap(({ picture }) => picture ?? []);
  if (new Set(pictures).size !== pictures.length) throw new Error('two of the photos look the same');
  const good = originals.slice(2 * each);
  const copied = Array.from({ length: copies }, () => good[Math.floor(random() * good.length)]);
  const all = [...originals, ...copied].flatMap((one) => (one === undefined ? [] : [{ one, place: random() }]));
  // Where it lies decides when it is done, so copies and photos to be parked lie anywhere.
  const placed = all.toSorted((a, b) => a.place - b.place).map(({ one }) => one);
  return await Promise.all(placed.map((one, at) => write(folder, one, at)));
}

const fateOf = (at: number, each: number): Fate =>
  at < each ? 'undecodable' : at < 2 * each ? 'refused' : 'described';

async function makeOriginal(at: number, fate: Fate): Promise<Original> {
  const whole = await makeJpeg(at);
  if (fate === 'undecodable') return { bytes: whole.subarray(0, whole.length / 2), fate, picture: undefined };
  const { VISION_LONG_SIDE: longSide } = loadSettings({});
  const limits = { maxPixels: 1_000_000, timeoutMs: 60_000 };
  const picture = sha256(await render({ bytes: whole, kind: 'jpeg', longSide }, limits));
  return { bytes: whole, fate, picture };
}

async function write(folder: string, { bytes, fate, picture }: Original, at: number): Promise<PlannedPhoto> {
  const below = path.join(`trip-${Math.floor(at / 20)}`, `IMG_${String(at).padStart(4, '0')}.jpg`);
  await mkdir(path.join(folder, path.dirname(below)), { recursive: true });
  await writeFile(path.join(folder, below), bytes);
  return { path: below, fate, picture };
}
