import { chmod, mkdir, open, realpath, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, type DomainError, TransientError, errorCode, isDomainError } from '../domain/errors.ts';

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Where the embedded database, Temporal's state and the caches live when DARKROOM_DATA_DIR is not set. Root gets a folder that
 * every user may pass: the database runs as another user.
 */
export function defaultDataFolder({ platform, home, uid, env }: Surroundings): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Darkroom');
  if (uid === 0) return '/var/lib/darkroom';
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Darkroom');
  const xdg = env['XDG_DATA_HOME'];
  // The specification says that a relative one is to be ignored.
  return join(xdg?.startsWith('/') === true ? xdg : join(home, '.local', 'share'), 'darkroom');
}

/**
 * Makes the folder where it is missing and tries a file in it. Resolves to its real path.
 * Throws ConfigError (not a folder, not writable) or TransientError DiskFull, each naming DARKROOM_DATA_DIR.
 */
export async function ensureDataFolder(path: string): Promise<string> {
  const folder = resolve(path);
  try {
    const isRoot = process.getuid?.() === 0;
    const first = await mkdir(folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
    if (first !== undefined && isRoot) await letPass(first, folder);
    await tryFile(join(folder, `.write-test-${process.pid}`));
    return await realpath(folder);
  } catch (error) {
    throw folderFault(folder, error);
  }
}

/** Whatever the umask: the database's user must pass every folder that we just made. */
async function letPass(first: string, last: string): Promise<void> {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) await chmod(folder, 0o711);
}

async function tryFile(path: string): Promise<void> {
  try {
    const file = await open(path, 'w', 0o600);
    try {
      // More than one block: a full disk may still have room for a name.
      await file.write(Buffer.alloc(64 * 1024));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}

export const saysDiskFull = (text: string): boolean => /No space left on device|Disk quota exceeded/i.test(text);

export const diskFull = (folder: string, detail: string): TransientError =>
  new TransientError(
    'DiskFull',
    `The disk of ${folder} is full: free some space there, or set DARKROOM_DATA_DIR to a folder on another disk (${detail})`,
  );

/** What a failed system call on the data folder means for the person; anything unknown comes back as it is. */
export function folderFault(folder: string, error: unknown): DomainError | Error {
  if (isDomainError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, reason);
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new ConfigError('BadConfig', `${folder} is not a folder: set DARKROOM_DATA_DIR to one (${reason})`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const advice = 'run Darkroom as the user who owns it, or set DARKROOM_DATA_DIR to a folder that you may write to';
    return new ConfigError('BadConfig', `The data folder ${folder} cannot be used: ${advice} (${reason})`, {
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error(reason);
}
