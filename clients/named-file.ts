import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { classifyName } from '../domain/paths.ts';
import { UsageError } from './usage-error.ts';

/** The real path of a photo or a folder that a person named. Throws UsageError for anything else. */
export async function namedFile(name: string): Promise<{ file: string; isFolder: boolean }> {
  const file = await realpath(name).catch(() => undefined);
  const stats = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (file === undefined || stats === undefined) throw new UsageError(`There is no file ${path.resolve(name)}.`);
  if (stats.isDirectory()) return { file, isFolder: true };
  if (!stats.isFile()) throw new UsageError(`${file} is no ordinary file.`);
  if (classifyName(path.basename(file)) !== 'photo') {
    throw new UsageError(`${file} is not a photo of a supported format (JPEG, PNG, WebP, TIFF, AVIF, GIF, HEIC).`);
  }
  return { file, isFolder: false };
}

/** The real path of a photo. */
export async function namedPhoto(name: string): Promise<string> {
  const { file, isFolder } = await namedFile(name);
  if (isFolder) throw new UsageError(`${file} is a folder. For all that is in it: darkroom up ${name}`);
  return file;
}
