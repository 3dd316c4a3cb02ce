import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { VisionApi } from '../../../domain/vision-host.ts';
import { type LoggedCall, readCalls } from './call-log.ts';

export interface ChaosHost {
  readonly name: string;
  readonly url: string;
  readonly api: VisionApi;
  /** What was asked so far, over all its lives. */
  calls(): LoggedCall[];
  kill9(): Promise<void>;
  /** On the same port again. */
  back(): Promise<void>;
  end(): Promise<void>;
}

export interface HostsOptions {
  /** Of the logs. */
  readonly folder: string;
  readonly seed: number;
  /** SHA-256 of the pictures that every host refuses. */
  readonly refuse: readonly string[];
}

const program = fileURLToPath(new URL('./host.ts', import.meta.url));
const apis: readonly VisionApi[] = ['ollama', 'ollama', 'openai'];

export const startHosts = async (options: HostsOptions): Promise<ChaosHost[]> =>
  await Promise.all(apis.map(async (api, at) => await startHost({ ...options, api, name: `host${at + 1}` })));

async function startHost(options: HostsOptions & { api: VisionApi; name: string }): Promise<ChaosHost> {
  const { folder, seed, refuse, api, name } = options;
  const log = path.join(folder, `${name}.log`);
  const start = async (port: string) => {
    const args = { name, port, api, log, seed: String(seed), refuse: refuse.join(',') };
    const options = Object.entries(args).flatMap(([option, value]) => [`--${option}`, value]);
    const child = spawn(process.execPath, [program, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    return { child, url: await addressOf(child) };
  };
  const first = await start('0');
  const { url } = first;
  let { child } = first;
  return {
    name,
    url,
    api,
    calls: () => readCalls(name, log),
    async kill9() {
      const gone = once(child, 'exit');
      if (child.kill('SIGKILL')) await gone;
    },
    async back() {
      ({ child } = await start(new URL(url).port));
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin?.end();
      await gone;
    },
  };
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('has no output');
  const [line]: unknown[] = await once(createInterface({ input: stdout }), 'line');
  return z.object({ url: z.string() }).parse(JSON.parse(z.string().parse(line))).url;
}
