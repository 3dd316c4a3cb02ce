import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import { answered } from '../folder/fs-calls.ts';

/** A preview is a JPEG of about 1440 pixels on its shorter side; this is far beyond any. */
const maxBytes = 128 * 1024 * 1024;
const tries = 5;
const pauseMs = 200;
/** An incomplete file that nobody has touched for this long is a broken one, which its decoder tells best. */
const broken = 60_000;

/**
 * Immich writes previews in place, without a temporary name (reference: 4.3): whoever reads meanwhile has a torn picture. So
 * the file must be the same before and after, and end as its format ends. Undefined for an empty one. Throws TransientError
 * LibraryUnreadable where it is being written, the system's errors, and PermanentError TooLarge.
 */
export async function readWhole(path: string, signal: AbortSignal): Promise<Buffer | undefined> {
  for (let left = tries; left > 0; left -= 1) {
    const { bytes, isSame, ageMs } = await readOnce(path, signal);
    if (isSame && (isComplete(bytes) || ageMs > broken)) return bytes.length === 0 ? undefined : bytes;
    await sleep(pauseMs, undefined, { signal });
  }
  throw new TransientError(
    'LibraryUnreadable',
    `${path} is being written by Immich just now; it is read a little later.`,
  );
}

interface OneRead {
  readonly bytes: Buffer;
  readonly isSame: boolean;
  /** Milliseconds since it was last written, by our clock; a share's clock may be another. */
  readonly ageMs: number;
}

async function readOnce(path: string, signal: AbortSignal): Promise<OneRead> {
  // The path is real, so a link in its last place is one that was put there since. A pipe must not block the open.
  const handle = await answered(open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK), signal);
  try {
    const before = await look(handle, signal);
    if (before.size > maxBytes)
      throw new PermanentError('TooLarge', `${path} has ${before.size} bytes; previews are far smaller.`);
    if (!before.isFile) throw new Error('it is no file');
    const bytes = await answered(handle.readFile(), signal);
    const after = await look(handle, signal);
    const isSame = before.version === after.version && bytes.length === before.size;
    return { bytes, isSame, ageMs: Date.now() - after.mtimeMs };
  } finally {
    void handle.close().catch(() => undefined);
  }
}

async function look(handle: FileHandle, signal: AbortSignal) {
  const stats = await answered(handle.stat({ bigint: true }), signal);
  return {
    size: Number(stats.size),
    isFile: stats.isFile(),
    mtimeMs: Number(stats.mtimeMs),
    version: `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`,
  };
}

/** Does it end as its format ends? A format that is none of Immich's is taken as it is. */
function isComplete(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return bytes.subarray(-2).equals(Buffer.from([0xff, 0xd9]));
  const isWebp = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
  return !isWebp || (bytes.length > 11 && bytes.readUInt32LE(4) + 8 <= bytes.length);
}
