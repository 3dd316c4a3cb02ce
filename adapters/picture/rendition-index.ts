import { mkdir, readdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../domain/errors.ts';

/** What lies in the cache's folder as far as this process knows; other processes add and remove files at the same time. */
export interface RenditionIndex {
  /** In order of use, the least recent first; keys are paths below the folder. */
  readonly files: Map<string, { bytes: number; usedAt: number }>;
  bytes: number;
}

/** Written by `put` beside its goal; a death in the middle leaves one. */
export const temporarySuffix = '.part';
/** A put takes milliseconds; what is older than this belongs to a process that died. */
const abandonedMs = 600_000;
const stepsAtOnce = 16;

/** Walks the folder (6,000 files in 1 GB), and removes what dead processes left. */
export async function scanRenditions(dir: string, now: number): Promise<RenditionIndex> {
  await mkdir(dir, { recursive: true });
  const found: { key: string; bytes: number; usedAt: number }[] = [];
  for (const folder of await readdir(dir)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    const names = await readdir(path.join(dir, folder)).catch(() => []);
    for (let at = 0; at < names.length; at += stepsAtOnce) {
      const keys = names.slice(at, at + stepsAtOnce).map((name) => path.join(folder, name));
      const looks = await Promise.all(keys.map((key) => lookAt(dir, key, now)));
      found.push(...looks.filter((look) => look !== undefined));
    }
  }
  found.sort((a, b) => a.usedAt - b.usedAt);
  const files = new Map(found.map(({ key, bytes, usedAt }) => [key, { bytes, usedAt }]));
  return { files, bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function lookAt(dir: string, key: string, now: number) {
  const stats = await statOrGone(path.join(dir, key));
  if (stats === undefined || !stats.isFile()) return undefined;
  if (key.endsWith('.jpg')) return { key, bytes: stats.size, usedAt: stats.atimeMs };
  if (key.endsWith(temporarySuffix) && now - stats.mtimeMs > abandonedMs) await unlinkOrGone(path.join(dir, key));
  return undefined;
}

/** Undefined where another process was faster. */
export async function statOrGone(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function unlinkOrGone(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
