import { chown, mkdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from '../../domain/errors.ts';
import { type Child, stopProcess } from '../child.ts';
import { diskFull, saysDiskFull } from '../data-folder.ts';
import { startServerProgram } from './server-program.ts';
import type { Account } from './unprivileged-user.ts';

/** Settings that are burnt in. The built-in C.UTF-8 knows upper and lower case of every script and needs no system locale. */
const initArgs = [
  '--username=postgres',
  '--auth-local=trust',
  '--auth-host=reject',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
];

interface InitInput {
  /** Does not exist yet. */
  readonly folder: string;
  readonly dataDir: string;
  /** Path of the program. */
  readonly initdb: string;
  readonly account: Account | undefined;
}

/** Makes a cluster, all of it on the disk when this resolves; takes away what it made where it fails. Throws TransientError. */
export async function initCluster({ folder, dataDir, initdb, account }: InitInput): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  const lines: string[] = [];
  const child = await startServerProgram(initdb, ['-D', folder, ...initArgs], account, (line) => lines.push(line));
  const end = await within(child, 120_000);
  if (end === 'exit code 0') return;
  await sleep(50); // the last lines may come after the end
  await rm(folder, { recursive: true, force: true });
  const full = lines.find(saysDiskFull);
  if (full !== undefined) throw diskFull(dataDir, full.trim());
  const said = lines.filter((line) => /error|fatal|panic|could not/i.test(line)).join(' ') || lines.slice(-3).join(' ');
  throw new TransientError('DatabaseUnavailable', `The database could not be created in ${dataDir} (${end}): ${said}`);
}

async function within(child: Child, limitMs: number): Promise<string> {
  const limit = new AbortController();
  const late = sleep(limitMs, 'late' as const, { signal: limit.signal }).catch(() => 'late' as const);
  const end = await Promise.race([child.exited, late]);
  limit.abort();
  if (end === 'late') await stopProcess(child.identity, { graceMs: 1000 });
  return end === 'late' ? `still not done after ${limitMs / 1000} s` : end;
}
