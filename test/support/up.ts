import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '../../adapters/postgres/connection.ts';
import { createStatusQueries } from '../../adapters/postgres/status-queries.ts';
import { type AssetState, assetStates } from '../../domain/asset.ts';
import type { StatusQueries } from '../../domain/status.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { readRunFile, type Run } from '../../runtime/run-file.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface UpOptions {
  readonly folders: readonly string[];
  readonly hosts: readonly string[];
  /** Kept between two runs by giving it again; else a fresh one that goes with the test. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** What is to be done when a test is over; also without one. */
export interface Cleanups {
  after(end: () => unknown): void;
}

/** `darkroom up` as a person starts it: a process of its own on real ports of its own, with everything below it. */
export interface RunningUp {
  readonly dataDir: string;
  /** Everything it printed so far. */
  readonly lines: readonly string[];
  run(): Promise<Run>;
  pid(name: string): Promise<number>;
  /** Looks until `isSo` or fails after `limitMs`, showing what was printed. */
  until(what: string, isSo: () => Promise<boolean> | boolean, limitMs?: number): Promise<void>;
  said(pattern: RegExp, limitMs?: number): Promise<void>;
  /** Photos by state, over all libraries. */
  counts(): Promise<Record<AssetState, number>>;
  query<T>(ask: (queries: StatusQueries) => Promise<T>): Promise<T>;
  /** Ctrl-C; the exit code and how long it took. */
  stop(): Promise<{ code: number | null; ms: number }>;
  /** kill -9 of the supervisor: everything below it is left as it is. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  readonly exited: Promise<number | null>;
}

const entry = fileURLToPath(new URL('../../clients/darkroom.mjs', import.meta.url));

export async function startUp(t: Cleanups, options: UpOptions): Promise<RunningUp> {
  const dataDir = options.dataDir ?? (await makeTemporaryFolder());
  const child = spawn(process.execPath, [entry, 'up', ...(options.args ?? []), ...options.folders], {
    detached: true,
    env: {
      ...process.env,
      DARKROOM_DATA_DIR: dataDir,
      VISION_HOSTS: options.hosts.join(','),
      VISION_MODEL: 'scripted-vl',
      DARKROOM_TEMPORAL_PORT: '0',
      DARKROOM_TEMPORAL_UI_PORT: '0',
      DARKROOM_HTTP_ADDRESS: '127.0.0.1:0',
      LIBRARY_FOLDERS: '',
      // A machine with little room must not keep every test waiting.
      DARKROOM_MIN_FREE_MB: '0',
      DATABASE_URL: '',
      TEMPORAL_ADDRESS: '',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  const up = createRunning(child, { dataDir, lines, exited });
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) await up.stop();
    await endLeftovers(dataDir);
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  });
  return up;
}

function createRunning(
  child: ChildProcess,
  known: Pick<RunningUp, 'dataDir' | 'exited'> & { lines: string[] },
): RunningUp {
  const { dataDir, lines, exited } = known;
  const run = async () => {
    const found = await readRunFile(dataDir);
    assert.notEqual(found.state, 'none', lines.join('\n'));
    if (found.state === 'none') throw new Error('unreachable');
    return found.run;
  };
  const isThere = async () => (await readRunFile(dataDir)).state !== 'none';
  const until: RunningUp['until'] = async (what, isSo, limitMs = 240_000) => {
    for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(100)) {
      if (await isSo()) return;
    }
    assert.fail(`not within ${limitMs} ms: ${what}\n${lines.slice(-40).join('\n')}`);
  };
  const query: RunningUp['query'] = async (ask) => {
    await until('run.json is there', isThere);
    const database = connect(postgresOptions((await run()).database, { max: 1 }), { max: 1 });
    try {
      return await ask(createStatusQueries({ database }));
    } finally {
      await database.close();
    }
  };
  return {
    dataDir,
    lines,
    exited,
    run,
    until,
    query,
    said: (pattern, limitMs) => until(`it says ${pattern}`, () => lines.some((line) => pattern.test(line)), limitMs),
    async pid(name) {
      const found = (await run()).processes.find((one) => one.name === name);
      assert.ok(found, `no process ${name} in run.json`);
      return found.pid;
    },
    counts: async () =>
      query(async (queries) => {
        const sum = { new: 0, open: 0, waiting: 0, done: 0, parked: 0, gone: 0, unsupported: 0, skipped: 0 };
        for (const { counts } of await queries.counts()) {
          for (const state of assetStates) sum[state] += counts[state];
        }
        return sum;
      }),
    async stop() {
      const began = Date.now();
      child.kill('SIGINT');
      return { code: await exited, ms: Date.now() - began };
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** After a kill -9 its servers live on, on purpose: the next start takes them over. After a test there is no next start. */
async function endLeftovers(dataDir: string): Promise<void> {
  const found = await readRunFile(dataDir);
  if (found.state === 'none') return;
  for (const { pid } of found.run.processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}
