import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';

const width = 960;
const height = 640;

const palettes = [
  ['#0b3d91', '#f4d58d'],
  ['#7a1f3d', '#f2a65a'],
  ['#1b4332', '#95d5b2'],
  ['#22223b', '#c9ada7'],
  ['#f72585', '#4cc9f0'],
  ['#606c38', '#fefae0'],
] as const;

/** Shapes over a gradient, each picture another one: enough for a program that looks at colours, light and edges. */
function drawing(number: number): string {
  const [from, to] = palettes[number % palettes.length] ?? palettes[0];
  const shapes = Array.from({ length: 2 + (number % 7) }, (_, at) => {
    const x = ((number * 131 + at * 197) % 800) + 60;
    const y = ((number * 71 + at * 113) % 480) + 60;
    const size = 30 + ((number * 17 + at * 29) % 120);
    const fill = at % 2 === 0 ? to : '#ffffff';
    return number % 2 === 0
      ? `<circle cx="${x}" cy="${y}" r="${size / 2}" fill="${fill}" fill-opacity="0.8"/>`
      : `<rect x="${x - size / 2}" y="${y - size / 2}" width="${size}" height="${size * 0.7}" fill="${fill}" fill-opacity="0.8"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="g" x2="${number % 3 === 0 ? 0 : 1}" y2="1"><stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/>${shapes.join('')}</svg>`;
}

const formats: readonly { extension: string; readonly encode: (picture: Sharp) => Sharp }[] = [
  { extension: 'jpg', encode: (picture) => picture.jpeg({ quality: 88 }) },
  { extension: 'png', encode: (picture) => picture.png() },
  { extension: 'webp', encode: (picture) => picture.webp() },
  { extension: 'tiff', encode: (picture) => picture.tiff() },
];

/** `count` different pictures, a copy of one of them, and a file that was cut short. Returns how many there are in all. */
export async function makePictures(folder: string, count: number): Promise<number> {
  await mkdir(path.join(folder, 'album'), { recursive: true });
  const files: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const { extension, encode } = formats[number % 5 === 0 ? (number / 5) % formats.length : 0] ?? {
      extension: 'jpg',
      encode: (one: Sharp) => one.jpeg(),
    };
    const file = path.join(
      folder,
      number % 3 === 0 ? 'album' : '',
      `picture-${String(number + 1).padStart(2, '0')}.${extension}`,
    );
    await encode(
      sharp(Buffer.from(drawing(number))).withExif({
        IFD2: { DateTimeOriginal: `2024:0${1 + (number % 9)}:14 10:30:00` },
      }),
    ).toFile(file);
    files.push(file);
  }
  const [, second = ''] = files;
  await copyFile(second, path.join(folder, 'album', 'copy-of-picture-02.jpg'));
  const whole = await sharp(Buffer.from(drawing(99)))
    .jpeg()
    .toBuffer();
  await writeFile(path.join(folder, 'cut-short.jpg'), whole.subarray(0, whole.length / 2));
  return files.length + 2;
}
