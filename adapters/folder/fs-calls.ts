import { errorCode, TransientError } from '../../domain/errors.ts';

/** A share whose server is gone can hold a call for hours. The call itself cannot be ended, but nobody waits for it. */
const limitMs = 30_000;

/** Waits for a file system call until the signal or the limit. Throws TransientError LibraryUnreadable at the limit. */
export async function answered<T>(call: Promise<T>, signal?: AbortSignal, limit = limitMs): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  const timer = setTimeout(() => reject(noAnswer(limit)), limit);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  try {
    return await Promise.race([call, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

const noAnswer = (limit: number) =>
  new TransientError(
    'LibraryUnreadable',
    `The library's file system has not answered for ${limit / 1000} s. Is the drive or share still there?`,
  );

/** ENOTDIR: a part of the path has become a file. ENAMETOOLONG: no file can have this path. */
const absentCodes = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

export const isAbsent = (error: unknown): boolean => absentCodes.has(errorCode(error) ?? '');

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; allow the user that runs Darkroom to read it',
  EPERM: 'permission denied; allow the user that runs Darkroom to read it',
  EIO: 'the disk reports an input/output error; check the drive',
  ELOOP: 'a link that leads back to itself',
  ENOTDIR: 'not a folder',
  ENAMETOOLONG: 'its path is longer than the system allows',
  ESTALE: 'the share was mounted anew on its server; mount it again here',
  EHOSTDOWN: "the share's server is away",
  ETIMEDOUT: "the share's server does not answer",
  EMFILE: 'too many open files; raise the limit with ulimit -n',
};

export const reasonOf = (error: unknown): string => {
  const code = errorCode(error);
  if (code !== undefined) return words[code] ?? code;
  return error instanceof Error ? error.message : String(error);
};
