import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../domain/errors.ts';

/** A process that can be recognised later: pids are reused, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (field 22 of /proc/<pid>/stat); `unknown` where there is no /proc. */
  readonly startedAt: string;
}

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Called with every line that the child prints on either stream. */
  readonly onLine: (line: string) => void;
}

export interface Child {
  readonly identity: ProcessIdentity;
  /** Resolves when the process is gone, with its exit code or the signal that ended it, in words. */
  readonly exited: Promise<string>;
}

/** Undefined where no such process runs. A zombie counts as gone. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name may hold spaces and parentheses; what follows the last one is plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { pid, startedAt: fields[19] ?? 'unknown' };
  } catch {
    return process.platform === 'linux' ? undefined : { pid, startedAt: 'unknown' };
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startedAt === identity.startedAt;
}

/**
 * Starts a program in a process group of its own: a terminal's Ctrl-C must reach us first, not the database.
 * Rejects with the operating system's reason when it cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options.command, [...options.args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  readLines(child, options.onLine);
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid ?? 0;
  return { identity: identify(pid) ?? { pid, startedAt: 'gone' }, exited };
}

/** A process that an earlier run of ours started: the same view as on a child, by looking every half second. */
export function adoptProcess(identity: ProcessIdentity): Child {
  const watch = async () => {
    while (isAlive(identity)) await sleep(500, undefined, { ref: false });
    return 'gone';
  };
  return { identity, exited: watch() };
}

/** Asks with `signal`, then kills after `graceMs`. */
export async function stopProcess(
  identity: ProcessIdentity,
  { signal = 'SIGTERM', graceMs }: { signal?: NodeJS.Signals; graceMs: number },
): Promise<'stopped' | 'killed' | 'was gone'> {
  if (!isAlive(identity)) return 'was gone';
  trySignal(identity.pid, signal);
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline) {
    if (!isAlive(identity)) return 'stopped';
    await sleep(25);
  }
  trySignal(identity.pid, 'SIGKILL');
  while (isAlive(identity)) await sleep(25);
  return 'killed';
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
  }
}
