import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

/** Photos of 1,600 × 1,200 with noise that makes them 200 to 400 KB, and a capture date; the same for the same seed. */
export async function makePhotos(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const background = { r: 128, g: 128, b: 128 };
  const grain = await sharp({ create: { width: 400, height: 300, channels: 3, background, noise } })
    .png()
    .toBuffer();
  const longAgo = new Date(Date.now() - 3_600_000);
  for (let seed = 0; seed < count; seed += 1) {
    const tint = { r: (seed * 47) % 256, g: (seed * 91) % 256, b: (seed * 13) % 256 };
    const jpeg = await sharp(grain)
      .resize(1600, 1200, { kernel: 'cubic' })
      .tint(tint)
      .withExif({
        IFD0: { Make: 'Bench', Model: `B${seed % 9}` },
        IFD2: { DateTimeOriginal: `2024:05:${String(1 + (seed % 28)).padStart(2, '0')} 12:00:00` },
      })
      .jpeg({ quality: 74 })
      .toBuffer();
    const file = path.join(folder, `IMG_${String(seed).padStart(4, '0')}.jpg`);
    await writeFile(file, jpeg);
    await utimes(file, longAgo, longAgo);
  }
}
