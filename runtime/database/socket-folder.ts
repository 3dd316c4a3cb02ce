import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, errorCode } from '../../domain/errors.ts';
import { socketPath } from './target.ts';
import type { Account } from './unprivileged-user.ts';

/** Linux ends a socket's path at 107 bytes, macOS at 103. */
const longestPath = 103;

interface Place {
  readonly dataDir: string;
  /** XDG_RUNTIME_DIR. */
  readonly runtimeDir: string | undefined;
  readonly account: Account | undefined;
}

/** The folder's name follows from the data folder, so that two data folders never share a socket. Nothing is made yet. */
export async function chooseSocketFolder({ dataDir, runtimeDir, account }: Place): Promise<string> {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 8);
  if (runtimeDir !== undefined && account === undefined) {
    const folder = join(runtimeDir, `darkroom-${hash}`);
    if (Buffer.byteLength(socketPath(folder)) <= longestPath && (await isOurs(runtimeDir))) return folder;
  }
  // Not os.tmpdir(): TMPDIR may be long, and a second `up` from another terminal must find the same place.
  return `/tmp/darkroom-${account?.uid ?? process.getuid?.() ?? 0}-${hash}`;
}

async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

/**
 * Makes the folder, 0700, for the account that runs the server; uses the one of an earlier run.
 * Throws ConfigError where somebody else's file, folder or link has the name: in /tmp anybody can make one.
 */
export async function ensureSocketFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  const found = await lstat(folder);
  const owner = account?.uid ?? process.getuid?.();
  // Owned by ourselves as root: an earlier run ended between making it and giving it away.
  const mine = found.uid === owner || found.uid === process.getuid?.();
  if (!found.isDirectory() || !mine) {
    throw new ConfigError(
      'BadConfig',
      `${folder} is not a folder of user ${owner}, and the database's socket must lie in a private one: ` +
        'remove it, or choose another DARKROOM_DATA_DIR',
    );
  }
  if (account !== undefined && found.uid !== account.uid) await chown(folder, account.uid, account.gid);
  if ((found.mode & 0o777) !== 0o700) await chmod(folder, 0o700);
}
