import { once } from 'node:events';
import { errorCode } from '../../domain/errors.ts';
import { startChild } from '../child.ts';

export interface Job {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

export interface JobEnd {
  /** `exit code 0` when all went well; undefined when the signal came first. */
  readonly exit: string | undefined;
  readonly lines: readonly string[];
}

const LINES_KEPT = 200;

/** Runs a program to its end; when `signal` fires it is killed with everything that it started (Go's compilers). */
export async function runJob({ command, args, env, cwd, signal }: Job): Promise<JobEnd> {
  signal.throwIfAborted();
  const lines: string[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  };
  const child = await startChild({ command, args, env, cwd, onLine });
  const exit = await Promise.race([child.exited, once(signal, 'abort').then(() => undefined)]);
  if (exit === undefined) killGroup(child.identity.pid);
  await child.exited;
  return { exit, lines };
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
