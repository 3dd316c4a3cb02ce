import { readFile, stat, writeFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { ExifTool } from 'exiftool-vendored';
import sharp, { type Exif, type Sharp } from 'sharp';
import { toFileStat } from '../../adapters/folder/file-stat.ts';
import type { FileStat } from '../../domain/asset.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Numbers from 0 up to 1, the same ones for the same seed (xorshift). */
export function seeded(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
}

export interface PhotoOptions {
  readonly seed: number;
  readonly width?: number;
  readonly height?: number;
  /** How much the grain adds to or takes from a channel; 10 gives 1600 × 1200 about 270 KB, as a photo has. */
  readonly grain?: number;
  readonly exif?: Exif;
}

/** A JPEG that compresses like a photo: soft colours under grain. Equal options give equal pixels. */
export async function makePhoto({ seed, width = 160, height = 120, grain = 10, exif }: PhotoOptions): Promise<Buffer> {
  const random = seeded(seed);
  const patches = Buffer.from(Array.from({ length: 16 * 12 * 3 }, () => random() * 256));
  const pixels = await sharp(patches, { raw: { width: 16, height: 12, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  for (let at = 0; at < pixels.length; at += 1) {
    pixels[at] = Math.max(0, Math.min(255, (pixels[at] ?? 0) + (random() - 0.5) * 2 * grain));
  }
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } }).jpeg({ quality: 85 });
  return await (exif === undefined ? picture : picture.withExif(exif)).toBuffer();
}

/** What a camera writes: May 31 2024 18:04, a Canon EOS R6, Berlin. */
export const cameraExif: Exif = {
  IFD0: { Make: 'Canon', Model: 'Canon EOS R6' },
  IFD2: { DateTimeOriginal: '2024:05:31 18:04:00' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '52/1 30/1 0/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '13/1 24/1 0/1',
  },
};

/** The picture with these tags, as another program would write them: `IPTC:Keywords=sea`. */
export async function tagged(
  t: Pick<TestContext, 'after'>,
  picture: Buffer,
  tags: readonly string[],
  name = 'tagged.jpg',
): Promise<Buffer> {
  const file = `${await temporaryFolder(t)}/${name}`;
  await writeFile(file, picture);
  const exiftool = new ExifTool({ maxProcs: 1 });
  await exiftool.write(file, {}, ['-overwrite_original', ...tags.map((tag) => `-${tag}`)]);
  await exiftool.end();
  return await readFile(file);
}

const colours = { red: [220, 30, 30], green: [30, 200, 30], blue: [30, 30, 220], white: [240, 240, 240] } as const;

/** Red and green above blue and white: shows which way up a picture is. */
export function quadrants(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [left, right] = y < height / 2 ? [colours.red, colours.green] : [colours.blue, colours.white];
      pixels.set(x < width / 2 ? left : right, (y * width + x) * 3);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The names of the four colours, row by row: `red green blue white` where the picture is as it was made. */
export async function quadrantColours(picture: Buffer): Promise<string> {
  const { data, info } = await sharp(picture).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): string => {
    const start = (Math.floor(info.height * y) * info.width + Math.floor(info.width * x)) * info.channels;
    const distance = ([, rgb]: readonly [string, readonly number[]]) =>
      rgb.reduce((sum, value, channel) => sum + Math.abs(value - (data[start + channel] ?? 0)), 0);
    return Object.entries(colours).toSorted((a, b) => distance(a) - distance(b))[0]?.[0] ?? '';
  };
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)].join(' ');
}

/** A PNG of a few hundred bytes that says it is this large. */
export function pngClaiming(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const rows = deflateSync(Buffer.alloc(100_000));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, body: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

/** Writes a file into `folder`; its path and what `stat` says of it, as the reader wants them. */
export async function writePicture(
  folder: string,
  name: string | Buffer,
  bytes: Buffer,
): Promise<{ path: Buffer; expected: FileStat }> {
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
  await writeFile(path, bytes);
  return { path, expected: toFileStat(await stat(path, { bigint: true })) };
}

/**
 * The signal of `controller`, which calls `act` when the reader begins the `step`-th wait under it: 1 is opening the file,
 * 2 looking at it, 3 and on reading it.
 */
export function actingSignal(step: number, act: () => void, controller = new AbortController()): AbortSignal {
  const { signal } = controller;
  const listen = signal.addEventListener.bind(signal);
  let waits = 0;
  Object.defineProperty(signal, 'addEventListener', {
    value: (...wait: Parameters<typeof listen>) => {
      waits += 1;
      if (waits === step) act();
      listen(...wait);
    },
  });
  return signal;
}
