import { execFile } from 'node:child_process';
import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorCode } from '../../domain/errors.ts';
import { type ProcessIdentity, identify, isAlive, stopProcess } from '../child.ts';
import { socketPath } from './target.ts';

/** A server that runs on our cluster already. */
export interface Running {
  readonly identity: ProcessIdentity;
  readonly socketDir: string;
}

/**
 * The server that an earlier run of ours left on this cluster, if one lives. `postmaster.pid` alone proves nothing: the
 * file outlives a kill -9, and pids are reused (in a container almost at once).
 */
export async function findRunning(clusterDir: string): Promise<Running | undefined> {
  const file = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  // Lines: pid, data folder, start time, port, socket folder, …
  const [pid = '', , , , socketDir = ''] = file.split('\n');
  const identity = /^\d+$/.test(pid) ? identify(Number(pid)) : undefined;
  if (identity === undefined || socketDir === '' || !(await isServerOn(identity.pid, clusterDir))) return undefined;
  return { identity, socketDir };
}

/** Every process of a server works in its data folder. Where there is no /proc, the command line has to do. */
async function isServerOn(pid: number, clusterDir: string): Promise<boolean> {
  const real = await realpath(clusterDir);
  if (process.platform === 'linux') {
    const [cwd, program] = await Promise.all([link(`/proc/${pid}/cwd`), link(`/proc/${pid}/exe`)]);
    return cwd === real && basename(program.replace(/ \(deleted\)$/, '')) === 'postgres';
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)], { timeout: 5000 }).catch(
    () => ({
      stdout: '',
    }),
  );
  return stdout.includes('postgres') && (stdout.includes(clusterDir) || stdout.includes(real));
}

const link = (path: string): Promise<string> => readlink(path).catch(() => '');

/** Processes on this cluster, whether their postmaster lives or not. Empty where there is no /proc. */
async function serverProcesses(clusterDir: string): Promise<readonly ProcessIdentity[]> {
  const names = process.platform === 'linux' ? await readdir('/proc') : [];
  const real = await realpath(clusterDir);
  const found: ProcessIdentity[] = [];
  for (const name of names) {
    if (
      !/^\d+$/.test(name) ||
      (await link(`/proc/${name}/cwd`)) !== real ||
      !(await isServerOn(Number(name), clusterDir))
    )
      continue;
    const identity = identify(Number(name));
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

/**
 * Clears the way for a new server where the last one died by kill -9. Its sessions end by themselves when they next
 * look up, but one in a long computation does not, and a new server refuses to start beside it: they are asked to quit, and
 * killed after a second. Their uncommitted work was lost with their server. Then the dead server's pid files go: Postgres takes a
 * reused pid for a living server. Call only when `findRunning` found none, and under the data folder's lock.
 */
export async function clearDead(clusterDir: string, socketDir: string): Promise<void> {
  const signals: readonly NodeJS.Signals[] = ['SIGQUIT', 'SIGKILL'];
  for (const signal of signals) {
    const orphans = await serverProcesses(clusterDir);
    for (const { pid } of orphans) kill(pid, signal);
    for (let waited = 0; waited < 1000 && orphans.some(isAlive); waited += 20) await sleep(20);
  }
  const socket = socketPath(socketDir);
  const stale = [join(clusterDir, 'postmaster.pid'), socket, `${socket}.lock`];
  await Promise.all(stale.map((path) => rm(path, { force: true })));
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** Fast shutdown, 5 s; then an immediate one, 2 s; then SIGKILL. */
export async function stopServer(identity: ProcessIdentity): Promise<void> {
  if (!isAlive(identity)) return;
  kill(identity.pid, 'SIGINT');
  for (let waited = 0; waited < 5000 && isAlive(identity); waited += 20) await sleep(20);
  await stopProcess(identity, { signal: 'SIGQUIT', graceMs: 2000 });
}
