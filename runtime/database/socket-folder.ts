import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, errorCode } from '../../domain/errors.ts';
import { socketPath } from './target.ts';
import type { Account } from './unprivileged-user.ts';

/** Linux ends a socket's path at 107 bytes, macOS at 103. */
const longestPath = 103;

/**
 * A private folder for the socket, made now; its name follows from the data folder, so that two never share a socket. In /tmp,
 * because paths there are short. Not XDG_RUNTIME_DIR: it goes when its user logs out, and a server that went on in the
 * background could no longer be reached. Not TMPDIR: another terminal may have another one. Where /tmp cannot be used
 * (read-only system, somebody else has the name), inside the data folder, if that is short enough.
 */
export async function makeSocketFolder(dataDir: string, account: Account | undefined): Promise<string> {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 8);
  const common = `/tmp/darkroom-${account?.uid ?? process.getuid?.() ?? 0}-${hash}`;
  try {
    await ensureSocketFolder(common, account);
    return common;
  } catch (error) {
    const inside = join(dataDir, 'postgres', 'socket');
    if (Buffer.byteLength(socketPath(inside)) > longestPath) throw error;
    await ensureSocketFolder(inside, account);
    return inside;
  }
}

/**
 * Makes the folder, 0700, for the account that runs the server; uses the one of an earlier run.
 * Throws ConfigError where it cannot be made, or somebody else's file, folder or link has the name: in /tmp anybody can make one.
 */
export async function ensureSocketFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) === 'EEXIST') return;
    throw new ConfigError('BadConfig', `The folder of the database's socket cannot be made: ${reasonOf(error)}`, {
      cause: error,
    });
  });
  const found = await lstat(folder);
  const self = process.getuid?.();
  const owner = account?.uid ?? self;
  // Our own as root: an earlier run ended between making it and giving it away.
  if (!found.isDirectory() || (found.uid !== owner && found.uid !== self)) {
    throw new ConfigError(
      'BadConfig',
      `${folder} is not a folder of user ${owner}, and the database's socket must lie in a private one: ` +
        'remove it, or choose another DARKROOM_DATA_DIR',
    );
  }
  if (account !== undefined && found.uid !== account.uid) await chown(folder, account.uid, account.gid);
  if ((found.mode & 0o777) !== 0o700) await chmod(folder, 0o700);
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
