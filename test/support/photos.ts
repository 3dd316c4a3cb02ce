import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

export interface PhotoOptions {
  readonly width?: number;
  readonly height?: number;
}

/** A JPEG that differs from those of every other seed, with a capture date, as cameras make them. */
export async function makeJpeg(seed: number, { width = 320, height = 240 }: PhotoOptions = {}): Promise<Buffer> {
  const background = { r: (seed * 47) % 256, g: (seed * 91) % 256, b: (seed * 13) % 256 };
  const stripe = {
    create: {
      width: 1 + (seed % (width - 2)),
      height: 8,
      channels: 3 as const,
      background: { r: 255, g: 255, b: 255 },
    },
  };
  return await sharp({ create: { width, height, channels: 3, background } })
    .composite([{ input: stripe, top: seed % (height - 8), left: 0 }])
    .withExif({
      IFD0: { Make: 'Testcam', Model: `T${seed % 5}` },
      IFD2: { DateTimeOriginal: `2024:05:${String(1 + (seed % 28)).padStart(2, '0')} 12:00:00` },
    })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/**
 * `count` photos in `folder`, the last `copies` of them byte for byte like the first ones. Returns their names. Their
 * times are set back: a file that was copied here long ago need not settle.
 */
export async function makePhotos(
  folder: string,
  count: number,
  copies = 0,
  options: PhotoOptions = {},
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: count }, (_, at) => `IMG_${String(at).padStart(4, '0')}.jpg`);
  await Promise.all(
    names.map(async (name, at) =>
      writeFile(path.join(folder, name), await makeJpeg(at < count - copies ? at : at - (count - copies), options)),
    ),
  );
  return names;
}
