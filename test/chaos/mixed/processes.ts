import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The processes of an `up` that are killed by themselves. run.json knows those of the last start of the engine only. */
export type Role = 'engine' | 'temporal' | 'postgres' | 'other';

export interface Found {
  readonly pid: number;
  readonly role: Role;
}

/** Everything that runs on this data folder now: it is in its arguments, its environment or is where it works. */
export function processesOf(dataDir: string): Found[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const [args, env, cwd] = [read(pid, 'cmdline'), read(pid, 'environ'), workingFolder(pid)];
    if (![args, env, cwd].some((text) => text.includes(dataDir)) || isGone(pid)) return [];
    return [{ pid: Number(pid), role: roleOf(args, cwd.startsWith(`${dataDir}/postgres`)) }];
  });
}

const startLimitMs = 60_000;

/** Of this role; waits where it is just being started again. */
export async function pidsOf(dataDir: string, role: Role, everyMs = 50): Promise<number[]> {
  for (const until = Date.now() + startLimitMs; ; await sleep(everyMs)) {
    const pids = processesOf(dataDir).flatMap((one) => (one.role === role ? [one.pid] : []));
    if (pids.length > 0) return pids;
    if (Date.now() > until) throw new Error(`there is no process of ${role}`);
  }
}

/** kill -9 of all that still are; those that ended meanwhile do not matter. Synchronous: nobody acts in between. */
export function kill9(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}

/** kill -9 of everything on this data folder at once, as when the power fails; resolves when nothing of it is left. */
export async function cutPower(dataDir: string): Promise<void> {
  for (let left = processesOf(dataDir); left.length > 0; left = processesOf(dataDir)) {
    kill9(left.map(({ pid }) => pid));
    await sleep(20);
  }
}

function roleOf(args: string, isPostgres: boolean): Role {
  if (isPostgres) return 'postgres';
  if (args.includes('/workers/engine.ts')) return 'engine';
  return args.includes('server.yaml') ? 'temporal' : 'other';
}

function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

const isGone = (pid: string): boolean => /^State:\s+[ZX]/m.test(read(pid, 'status'));
