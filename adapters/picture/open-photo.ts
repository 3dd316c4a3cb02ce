import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { errorCode, isDomainError, TransientError } from '../../domain/errors.ts';
import { answered, isAbsent, reasonOf } from '../folder/fs-calls.ts';

/** NONBLOCK, because opening a named pipe would otherwise wait for somebody to write into it, for ever. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const chunkBytes = 1_048_576;
/** Nothing to open there, or nothing that is a file: a link that leads nowhere or in a circle, a socket. */
const noFileCodes = new Set(['EISDIR', 'ENXIO', 'ENODEV', 'ELOOP']);

/** Opens what lies at `path`; undefined where nothing does that could be read as a file. */
export async function openPhoto(path: Buffer, signal: AbortSignal): Promise<FileHandle | undefined> {
  const opening = open(path, flags);
  try {
    return await answered(opening, signal);
  } catch (error) {
    // Given up on before it was open: closed when it is.
    opening.then(
      (late) => late.close(),
      () => undefined,
    );
    if (isAbsent(error) || noFileCodes.has(errorCode(error) ?? '')) return undefined;
    throw unreadable(error, signal);
  }
}

export async function statOpen(handle: FileHandle, signal: AbortSignal): Promise<BigIntStats> {
  return await answered(handle.stat({ bigint: true }), signal).catch((error: unknown) => {
    throw unreadable(error, signal);
  });
}

/** True where `path` still leads to the file that `was` describes. */
export async function stillThere(path: Buffer, was: BigIntStats, signal: AbortSignal): Promise<boolean> {
  try {
    const now = await answered(stat(path, { bigint: true }), signal);
    return now.ino === was.ino && now.dev === was.dev;
  } catch (error) {
    if (isAbsent(error) || noFileCodes.has(errorCode(error) ?? '')) return false;
    throw unreadable(error, signal);
  }
}

/** Same size, time of change (to the nanosecond) and inode. */
export const unchanged = (a: BigIntStats, b: BigIntStats): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ino === b.ino && a.dev === b.dev;

/** All bytes and their SHA-256, read once; undefined where the file ends before `size`. */
export async function readWhole(
  handle: FileHandle,
  size: number,
  signal: AbortSignal,
): Promise<{ bytes: Buffer; hash: string } | undefined> {
  const bytes = Buffer.allocUnsafeSlow(size);
  const hash = createHash('sha256');
  for (let at = 0; at < size;) {
    const { bytesRead } = await answered(handle.read(bytes, at, Math.min(chunkBytes, size - at), at), signal).catch(
      (error: unknown) => {
        throw unreadable(error, signal);
      },
    );
    if (bytesRead === 0) return undefined;
    hash.update(bytes.subarray(at, at + bytesRead));
    at += bytesRead;
  }
  return { bytes, hash: hash.digest('hex') };
}

function unreadable(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || isDomainError(error)) return error;
  return new TransientError('LibraryUnreadable', `The photo cannot be read: ${reasonOf(error)}.`, { cause: error });
}
