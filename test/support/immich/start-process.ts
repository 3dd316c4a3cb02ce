import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Announced, Remote } from './server-process.ts';

/** A method of a scripted Immich, from another process. */
type Answer<K extends keyof Remote> = Promise<Awaited<ReturnType<Remote[K]>>>;

export interface ImmichProcess extends Announced {
  readonly pid: number;
  /** As on a ScriptedImmich: `call('addAssets', user, 300)`. */
  call<K extends keyof Remote>(name: K, ...given: Parameters<Remote[K]>): Answer<K>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Ends it in good order; does nothing where it is gone. */
  stop(): Promise<void>;
}

export interface ImmichProcessOptions {
  readonly port?: number;
  readonly version?: string;
  readonly prefix?: string;
  /** Null: never by itself. */
  readonly jobDelayMs?: number | null;
  readonly stateFile?: string;
  readonly previewWidth?: number;
  readonly tls?: boolean;
}

const program = fileURLToPath(new URL('server-process.ts', import.meta.url));

/**
 * A scripted Immich in a process of its own. After `kill`, start it again with the same `stateFile` and the port of its `url`.
 * It ends with the process that started it.
 */
export async function startImmichProcess(options: ImmichProcessOptions = {}): Promise<ImmichProcess> {
  const child = spawn(process.execPath, [program, ...argumentsOf(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const announced = await firstLine(child);
  const gone = async (end: () => void): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    end();
    await exited;
  };
  return {
    ...announced,
    pid: child.pid ?? 0,
    async call(name, ...given) {
      const response = await fetch(`${announced.controlUrl}/${name}`, { method: 'POST', body: JSON.stringify(given) });
      const { value, error } = JSON.parse(await response.text());
      if (!response.ok) throw new Error(`scripted Immich, ${name}: ${error}`);
      return value;
    },
    kill: () => gone(() => child.kill('SIGKILL')),
    stop: () => gone(() => child.stdin.end()),
  };
}

function argumentsOf(options: ImmichProcessOptions): string[] {
  const { port, version, prefix, jobDelayMs, stateFile, previewWidth, tls = false } = options;
  const said = {
    port,
    version,
    prefix,
    state: stateFile,
    'job-delay-ms': jobDelayMs === null ? 'never' : jobDelayMs,
    'preview-width': previewWidth,
  };
  const pairs = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  return tls ? [...pairs, '--tls'] : pairs;
}

async function firstLine(child: ChildProcess): Promise<Announced> {
  if (child.stdout === null) throw new Error('the scripted Immich has no output');
  for await (const line of createInterface(child.stdout)) return JSON.parse(line);
  throw new Error('the scripted Immich ended before it said where it is');
}
