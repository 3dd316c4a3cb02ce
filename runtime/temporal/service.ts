import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, isAlive, startChild, stopProcess } from '../child.ts';
import { createLineReader, type OnTemporalLog, rootCause } from './log-lines.ts';

export interface TemporalService {
  readonly name: 'temporal' | 'temporal-ui';
  /** How long a SIGTERM may take before SIGKILL. */
  readonly stopGraceMs: number;
  /** Starts the program; may be called again after it ended (same ports, same files). */
  start(): Promise<Child>;
  /** Resolves when it answers; rejects with its last words when it ends before, or with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>;
  /** The child that runs now, if one does. */
  current(): Child | undefined;
  stop(): Promise<void>;
}

export interface ReadyCheck {
  readonly url: string;
  readonly status: number;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The program is up when every address answers with its status. */
  readonly readyWhen: readonly ReadyCheck[];
}

export interface ServiceDeps {
  readonly name: TemporalService['name'];
  readonly program: Program;
  readonly stopGraceMs: number;
  readonly onLog: OnTemporalLog;
  readonly onSpawn: (child: Child) => Promise<void>;
}

const POLL_MS = 100;
const ANSWER_LIMIT_MS = 2_000;

/** The program ended before it was ready. `lastLines` is what it said. */
export class EndedEarly extends Error {
  override readonly name = 'EndedEarly';
  readonly exit: string;
  readonly lastLines: readonly string[];
  constructor(service: string, exit: string, lastLines: readonly string[]) {
    super(`${service} ended before it was ready (${exit}): ${rootCause(lastLines.at(-1)) || 'it said nothing'}`);
    this.exit = exit;
    this.lastLines = lastLines;
  }
}

export function createService({ name, program, stopGraceMs, onLog, onSpawn }: ServiceDeps): TemporalService {
  const reader = createLineReader({ source: name, onLog });
  let child: Child | undefined;
  const running = () => (child !== undefined && isAlive(child.identity) ? child : undefined);

  return {
    name,
    stopGraceMs,
    current: running,
    async start() {
      const { command, args, cwd, env } = program;
      const started = await startChild({ command, args, cwd, env, onLine: (line) => reader.line(line) });
      child = started;
      reader.setQuiet(true);
      await onSpawn(started);
      return started;
    },
    async ready(signal) {
      const started = child;
      if (started === undefined) throw new Error(`${name} was not started`);
      let exit: string | undefined;
      void started.exited.then((how) => (exit = how));
      while (!(await allAnswer(program.readyWhen, signal))) {
        // What the program printed last is still in the pipe when its end is seen: one more round reads it.
        await sleep(POLL_MS, undefined, { signal });
        if (exit !== undefined) throw new EndedEarly(name, exit, reader.tail());
      }
      reader.setQuiet(false);
    },
    async stop() {
      const now = running();
      reader.setQuiet(true);
      if (now !== undefined) await stopProcess(now.identity, { graceMs: stopGraceMs });
      reader.flush();
    },
  };
}

async function allAnswer(checks: readonly ReadyCheck[], signal: AbortSignal): Promise<boolean> {
  for (const check of checks) if (!(await answers(check, signal))) return false;
  return true;
}

async function answers({ url, status }: ReadyCheck, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]) });
    await response.body?.cancel();
    return response.status === status;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
