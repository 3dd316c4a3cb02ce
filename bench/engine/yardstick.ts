import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { prepareSharp, render } from '../../adapters/picture/render.ts';

const pictures = 40;
const limits = { maxPixels: 2_000_000, timeoutMs: 60_000 };

/**
 * CPU milliseconds of one rendition (1,600 × 1,200 to 1,344 px), made here by the function the engine uses, on all cores at
 * once. On a shared machine the same work costs more in one minute than in the next; this says how fast it was meanwhile.
 */
export async function renditionCpuMs(folder: string): Promise<number> {
  prepareSharp();
  const names = (await readdir(folder)).slice(0, pictures);
  const photos = await Promise.all(names.map((name) => readFile(path.join(folder, name))));
  const before = process.cpuUsage();
  await Promise.all(photos.map((bytes) => render({ bytes, kind: 'jpeg', longSide: 1_344 }, limits)));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / photos.length;
}
