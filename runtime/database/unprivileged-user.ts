import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError, errorCode } from '../../domain/errors.ts';

/** Who the server runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** In this order: the first is what a packaged server would use; `nobody` exists everywhere. */
const candidates = ['postgres', '_postgres', 'nobody'];

/** The account of `/etc/passwd` text that a server started by root runs as. Never root under another name. */
export function chooseAccount(passwd: string): Account | undefined {
  const accounts = passwd.split('\n').flatMap((line): Account[] => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    const known = /^\d+$/.test(uid) && /^\d+$/.test(gid) && Number(uid) !== 0;
    return known ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
  return candidates.map((name) => accounts.find((account) => account.name === name)).find(Boolean);
}

/**
 * Undefined where we are not root: the server then runs as ourselves. As root, whoever owns the cluster that is already
 * there (it was made by that user, or `postgres` was installed after it was made for `nobody`), else an account that exists.
 * Throws ConfigError where there is none.
 */
export async function serverAccount(clusterDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(clusterDir).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const account = chooseAccount(passwd);
  if (account !== undefined) return account;
  throw new ConfigError(
    'BadConfig',
    `Postgres does not run as root, and this system has none of the users ${candidates.join(', ')}: ` +
      'create one (useradd --system postgres), run Darkroom as a normal user, or set DATABASE_URL',
  );
}

type Want = 'traverse' | 'read' | 'write';
const bits: Record<Want, number> = { traverse: 0o1, read: 0o4, write: 0o3 };

/** May this account use the file by its owner, group and other bits? (Access lists are not read: they count as no.) */
export function allows(file: { uid: number; gid: number; mode: number }, account: Account, want: Want): boolean {
  const shift = file.uid === account.uid ? 6 : file.gid === account.gid ? 3 : 0;
  return ((file.mode >> shift) & bits[want]) === bits[want];
}

/** The first folder on the way that the account may not pass, or the file itself; undefined where all is well. */
export async function firstBarrier(path: string, account: Account, want: Want): Promise<string | undefined> {
  const real = await realpath(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (real === undefined) return path;
  const folders: string[] = [];
  for (let folder = dirname(real); !folders.includes(folder); folder = dirname(folder)) folders.unshift(folder);
  for (const folder of folders) {
    if (!allows(await stat(folder), account, 'traverse')) return folder;
  }
  return allows(await stat(real), account, want) ? undefined : real;
}

/** Throws ConfigError where the server's account could not reach its own files. */
export async function checkReachable(dataDir: string, account: Account): Promise<void> {
  const barrier = await firstBarrier(dataDir, account, 'traverse');
  if (barrier === undefined) return;
  throw new ConfigError(
    'BadConfig',
    `Postgres does not run as root but as ${account.name}, who may not pass ${barrier}: ` +
      'set DARKROOM_DATA_DIR to a folder that every user may pass, such as /var/lib/darkroom',
  );
}
