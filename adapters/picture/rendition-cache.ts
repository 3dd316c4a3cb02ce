import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError, errorCode, TransientError } from '../../domain/errors.ts';
import type { RenditionCache } from '../../domain/ports.ts';
import { type RenditionIndex, scanRenditions, statOrGone, temporarySuffix, unlinkOrGone } from './rendition-index.ts';

export interface RenditionCacheOptions {
  /** Made when it is first needed. Several processes may share it. */
  readonly dir: string;
  /** DARKROOM_CACHE_MB × 1,048,576. */
  readonly maxBytes: number;
  readonly log: (message: string) => void;
}

/** A put removes at most this many files, so that none takes long; as it adds one, a smaller limit is reached soon all the same. */
const mostRemovedAtOnce = 32;
/** What other processes put is seen when the folder is walked again; until then the bound is exceeded by theirs. */
const putsPerScan = 500;

/** Renditions as files `<2 hex>/<hash>-<long side>.jpg`. What is missing or torn is made again by whoever needs it. */
export function createRenditionCache({ dir, maxBytes, log }: RenditionCacheOptions): RenditionCache {
  let scanning: Promise<RenditionIndex> | undefined;
  let putsSinceScan = 0;
  let trimming: Promise<void> | undefined;

  const index = (): Promise<RenditionIndex> => {
    if (putsSinceScan >= putsPerScan) scanning = undefined;
    if (scanning === undefined) {
      putsSinceScan = 0;
      scanning = scanRenditions(dir, Date.now());
      scanning.catch(() => (scanning = undefined));
    }
    return scanning;
  };
  const trimOnce = (known: RenditionIndex, keep: string) =>
    (trimming ??= trim(dir, known, maxBytes, keep).finally(() => (trimming = undefined)));

  return {
    async get(contentHash, longSide) {
      const key = keyOf(contentHash, longSide);
      const file = path.join(dir, key);
      const jpeg = await readFile(file).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') log(`A rendition cannot be read from ${dir}: ${String(error)}`);
        return undefined;
      });
      if (jpeg === undefined) return undefined;
      const known = await scanning?.catch(() => undefined);
      if (!isWhole(jpeg)) {
        forget(known, key);
        await unlinkOrGone(file).catch((error: unknown) => Promise.reject(writeFault(dir, error)));
        return undefined;
      }
      remember(known, key, jpeg.length);
      await touch(file);
      return jpeg;
    },
    async put(contentHash, longSide, jpeg) {
      const key = keyOf(contentHash, longSide);
      try {
        const known = await index();
        await writeAtomically(path.join(dir, key), jpeg);
        putsSinceScan += 1;
        remember(known, key, jpeg.length);
        if (known.bytes > maxBytes) await trimOnce(known, key);
      } catch (error) {
        throw writeFault(dir, error);
      }
    },
  };
}

/** The hash becomes part of a path: nothing but hex digits may. */
function keyOf(contentHash: string, longSide: number): string {
  if (!/^[0-9a-f]{64}$/.test(contentHash)) throw new TypeError(`not a content hash: ${contentHash.slice(0, 80)}`);
  return path.join(contentHash.slice(0, 2), `${contentHash}-${longSide}.jpg`);
}

/** Begins and ends as a JPEG does. A loss of power leaves files that are empty, cut, or full of zeros. */
const isWhole = (jpeg: Buffer): boolean =>
  jpeg.length > 4 && jpeg.readUInt16BE(0) === 0xffd8 && jpeg.readUInt16BE(jpeg.length - 2) === 0xffd9;

function remember(known: RenditionIndex | undefined, key: string, bytes: number): void {
  if (known === undefined) return;
  forget(known, key);
  known.files.set(key, { bytes, usedAt: Date.now() });
  known.bytes += bytes;
}

function forget(known: RenditionIndex | undefined, key: string): void {
  if (known === undefined) return;
  known.bytes -= known.files.get(key)?.bytes ?? 0;
  known.files.delete(key);
}

/** Set by us: file systems are often mounted so that reading leaves the time of access alone. */
async function touch(file: string): Promise<void> {
  const stats = await statOrGone(file).catch(() => undefined);
  // Somebody else's file, or gone by now: then its order is a little off.
  if (stats !== undefined) await utimes(file, new Date(), stats.mtime).catch(() => undefined);
}

/** Not synced to disk: a loss of power may cost the file, which is noticed when it is read and costs one decoding. */
async function writeAtomically(file: string, bytes: Buffer): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}${temporarySuffix}`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, file);
  } catch (error) {
    await unlinkOrGone(temporary).catch(() => undefined);
    throw error;
  }
}

/** Removes what was not used for longest until the bound is kept, except `keep`, which was put this moment. */
async function trim(dir: string, known: RenditionIndex, maxBytes: number, keep: string): Promise<void> {
  let steps = 0;
  for (const [key, { usedAt, bytes }] of known.files) {
    if (known.bytes <= maxBytes || steps >= mostRemovedAtOnce) return;
    if (key === keep) continue;
    steps += 1;
    const stats = await statOrGone(path.join(dir, key));
    // Another process used it after we last looked: it goes to the end of the line.
    if (stats !== undefined && stats.atimeMs > usedAt + 1000) {
      known.files.delete(key);
      known.files.set(key, { bytes, usedAt: stats.atimeMs });
      continue;
    }
    await unlinkOrGone(path.join(dir, key));
    forget(known, key);
  }
}

/** What a failed write into the data folder means. */
export function writeFault(dir: string, error: unknown): unknown {
  const code = errorCode(error) ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `The disk of ${dir} is full. Make room, lower DARKROOM_CACHE_MB, or move DARKROOM_DATA_DIR to another disk.`;
    return new TransientError('DiskFull', message, { cause: error });
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) {
    const message = `Darkroom cannot write to ${dir} (${code}). Allow its user to, or set DARKROOM_DATA_DIR to a folder of its own.`;
    return new ConfigError('BadConfig', message, { cause: error });
  }
  return error;
}
