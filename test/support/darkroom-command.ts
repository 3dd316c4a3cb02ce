import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const entry = fileURLToPath(new URL('../../clients/darkroom.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command as a person gives it, to its end; killed after 30 s. `wrapper` is a program that starts it, with its arguments. */
export async function darkroom(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  wrapper: readonly string[] = [],
): Promise<Ended> {
  const [program = process.execPath, ...rest] = [...wrapper, process.execPath, entry, ...args];
  const child = spawn(program, rest, {
    env: { ...process.env, ...quiet, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, out, err };
}

/** Nothing of the person who runs the tests. */
const quiet = {
  LIBRARY_FOLDERS: '',
  DATABASE_URL: '',
  TEMPORAL_ADDRESS: '',
  DARKROOM_TEMPORAL_PORT: '0',
  DARKROOM_TEMPORAL_UI_PORT: '0',
  DARKROOM_HTTP_ADDRESS: '127.0.0.1:0',
} as const;

/** Every process that has this data folder in its arguments or its environment: servers, engine, supervisor. */
export async function processesOn(dataDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const [args, env] = await Promise.all(
      ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')),
    );
    if (`${args}\0${env}`.includes(dataDir)) found.push(`${pid} ${args?.replaceAll('\0', ' ').slice(0, 120)}`);
  }
  return found;
}
