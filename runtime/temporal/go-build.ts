import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './build-lock.ts';
import { type Attempt, executablesOnPath, firstLine, isExecutable } from './cli.ts';
import { runJob } from './job.ts';
import type { OnTemporalLog } from './log-lines.ts';
import { SERVER_VERSION, UI_VERSION } from './versions.ts';

const run = promisify(execFile);

export interface CompiledServer {
  readonly server: string;
  readonly ui: string;
}

interface Target {
  readonly name: string;
  /** Folder in the cache; both programs are called `server`. */
  readonly folder: string;
  readonly module: string;
  /** On 2 idle cores. */
  readonly takes: string;
}

const targets: { readonly server: Target; readonly ui: Target } = {
  server: {
    name: `the Temporal server ${SERVER_VERSION}`,
    folder: `server-${SERVER_VERSION}`,
    module: `go.temporal.io/server/cmd/server@v${SERVER_VERSION}`,
    takes: 'about 5 minutes',
  },
  ui: {
    name: `the Temporal Web UI ${UI_VERSION}`,
    folder: `ui-${UI_VERSION}`,
    module: `github.com/temporalio/ui-server/v2/cmd/server@v${UI_VERSION}`,
    takes: 'about 20 seconds',
  },
};

export interface BuildInput {
  /** Outside the checkout and the data folder: one build serves all. */
  readonly cache: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLog: OnTemporalLog;
  readonly signal: AbortSignal | undefined;
  readonly progressMs?: number;
}

const PROGRESS_MS = 15_000;
const BUILD_LIMIT_MS = 60 * 60_000;
const BUILDING = '.building-';

const binary = (cache: string, { folder }: Target): string => join(cache, folder, 'server');

/** What an earlier start built. */
export async function builtServer(cache: string): Promise<Attempt<CompiledServer>> {
  const [server, ui] = [binary(cache, targets.server), binary(cache, targets.ui)];
  const there = (await isExecutable(server)) && (await isExecutable(ui));
  return there ? { found: { server, ui } } : { reason: 'it was not built yet' };
}

/** Builds what is missing with the Go toolchain on PATH; minutes the first time, with a line of progress every 15 s. */
export async function buildServer(input: BuildInput): Promise<Attempt<CompiledServer>> {
  const [go] = await executablesOnPath('go', input.env);
  if (go === undefined) return { reason: 'there is no Go toolchain on PATH (1.26 or newer; https://go.dev/dl)' };
  const limit = AbortSignal.timeout(BUILD_LIMIT_MS);
  const signal = input.signal === undefined ? limit : AbortSignal.any([limit, input.signal]);
  try {
    await mkdir(input.cache, { recursive: true });
    for (const target of [targets.ui, targets.server]) await buildTarget(go, target, { ...input, signal });
    return await builtServer(input.cache);
  } catch (error) {
    input.signal?.throwIfAborted();
    return { reason: firstLine(error) };
  }
}

type Building = BuildInput & { readonly signal: AbortSignal };

/** The short one is built first, so that a toolchain that cannot do it is found out early. */
async function buildTarget(go: string, target: Target, building: Building): Promise<void> {
  const { cache, onLog, signal, progressMs = PROGRESS_MS } = building;
  const isThere = () => isExecutable(binary(cache, target));
  if (await isThere()) return;
  const say = (msg: string) => onLog({ level: 'info', source: 'temporal-setup', msg });
  const onWait = everySoOften(progressMs, (pid: number, elapsed) =>
    say(`process ${pid} is building ${target.name}, waiting for it: ${elapsed} so far`),
  );
  await withLock({ file: join(cache, `${target.folder}.lock`), onWait, signal }, async () => {
    if (await isThere()) return;
    const started = Date.now();
    const progress = () =>
      say(`building ${target.name} with Go, once, ${target.takes}: ${inWords(Date.now() - started)} so far`);
    progress();
    const timer = setInterval(progress, progressMs);
    try {
      await installInto(go, target, building);
    } finally {
      clearInterval(timer);
    }
    say(`built ${target.name} in ${inWords(Date.now() - started)}`);
  });
}

function everySoOften<T>(everyMs: number, say: (value: T, elapsed: string) => void): (value: T) => void {
  const started = Date.now();
  let last = -Infinity;
  return (value) => {
    if (Date.now() - last < everyMs) return;
    last = Date.now();
    say(value, inWords(last - started));
  };
}

/** Built beside its place, tried, written through to the disk, then renamed: what stands in the cache is whole. */
async function installInto(go: string, target: Target, { cache, env, signal }: Building): Promise<void> {
  await removeUnfinished(cache, target);
  const dir = await mkdtemp(join(cache, `${BUILDING}${target.folder}-`));
  try {
    const jobEnv = { ...env, GOBIN: dir };
    const { exit, lines } = await runJob({
      command: go,
      args: ['install', target.module],
      env: jobEnv,
      cwd: dir,
      signal,
    });
    if (exit === undefined) throw new Error(`building ${target.name} did not end within 60 minutes`);
    if (exit !== 'exit code 0') throw new Error(`go install ${target.module} failed (${exit}): ${whyOf(lines)}`);
    const built = join(dir, 'server');
    await run(built, ['--version'], { timeout: 30_000 });
    await flush(built);
    await mkdir(join(cache, target.folder), { recursive: true });
    await rename(built, binary(cache, target));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Go names each module that it downloads; the reason stands after those lines. */
const whyOf = (lines: readonly string[]): string =>
  lines
    .filter((line) => !line.startsWith('go: downloading'))
    .slice(-3)
    .join(' ') || 'it said nothing';

async function removeUnfinished(cache: string, target: Target): Promise<void> {
  const names = await readdir(cache);
  const unfinished = names.filter((name) => name.startsWith(`${BUILDING}${target.folder}-`));
  for (const name of unfinished) await rm(join(cache, name), { recursive: true, force: true });
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `45 s`, `1 min 30 s`. */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
