import { ConfigError, errorCode } from '../../domain/errors.ts';
import { type Child, startChild } from '../child.ts';
import type { Account } from './unprivileged-user.ts';

/** initdb or postgres, with nothing of our own environment: PGDATA, LC_* or a TZ would change what they do. */
export async function startServerProgram(
  command: string,
  args: readonly string[],
  account: Account | undefined,
  onLine: (line: string) => void,
): Promise<Child> {
  const owner = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  try {
    return await startChild({ command, args, env, cwd: '/', onLine, ...owner });
  } catch (error) {
    const hint = {
      ENOENT: 'it is built for glibc, which this system (Alpine?) does not have',
      EACCES: 'it may not be run from there (a file system mounted noexec?)',
      EPERM: `this process may not switch to ${account?.name ?? 'another user'} (CAP_SETUID dropped?)`,
    }[errorCode(error) ?? ''];
    throw new ConfigError(
      'BadConfig',
      `${command} could not be started: ${hint ?? reasonOf(error)}. Set DATABASE_URL to a Postgres of your own`,
      { cause: error },
    );
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
