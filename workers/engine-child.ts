import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Child, identify } from '../runtime/child.ts';
import { type FromEngine, fromEngineSchema, type StartEngine, type ToEngine } from './engine-messages.ts';

export interface EngineChild extends Child {
  tell(message: ToEngine): void;
}

export interface EngineChildOptions {
  readonly start: StartEngine;
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
  readonly onMessage: (message: FromEngine) => void;
}

/**
 * Measured with photos of 300 KB: semi-spaces of 8 MB take 80 to 120 MB off the peak at the same CPU. The bound decides how
 * often V8 marks the whole heap: 24 times in 200 photos at 384 MB, 15 at 1 GB, 6 at 2 GB (which keeps 65 MB more).
 */
const heap = ['--max-semi-space-size=8', '--max-old-space-size=1024'];

/** The engine in a process of its own, in a group of its own, with a channel; it ends by itself when we are gone. */
export async function startEngineChild({ start, env, onLine, onMessage }: EngineChildOptions): Promise<EngineChild> {
  const child = fork(fileURLToPath(new URL('./engine.ts', import.meta.url)), [], {
    detached: true,
    // Photos are decoded on many threads: with an arena each, glibc keeps hundreds of MB that nobody uses.
    env: { MALLOC_ARENA_MAX: '2', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [...heap, '--disable-warning=ExperimentalWarning'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', onLine);
  }
  child.on('message', (message: unknown) => {
    const parsed = fromEngineSchema.safeParse(message);
    if (parsed.success) onMessage(parsed.data);
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  tell(child, start);
  const pid = child.pid ?? 0;
  return {
    identity: identify(pid) ?? { pid, startedAt: 'gone' },
    exited,
    tell: (message) => tell(child, message),
  };
}

/** To an engine that has just died there is nothing to say: its end is seen elsewhere. */
function tell(child: ChildProcess, message: ToEngine): void {
  if (child.connected) child.send(message, () => undefined);
}
