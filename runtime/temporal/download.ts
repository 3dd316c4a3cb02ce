import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Attempt, examineCli, type UsableCli } from './cli.ts';
import { runJob } from './job.ts';
import type { OnTemporalLog } from './log-lines.ts';
import { CLI_VERSION } from './versions.ts';

/** About 60 MB; a network that swallows packets must not hold the start for ever. */
const DOWNLOAD_LIMIT_MS = 5 * 60_000;

export interface DownloadInput {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLog: OnTemporalLog;
  readonly signal: AbortSignal | undefined;
  readonly limitMs?: number;
  /** The program that downloads into `argv[2]`; replaced in tests. */
  readonly program?: string | undefined;
}

/** A CLI that an earlier start downloaded. */
export async function downloadedCli(dir: string, env: NodeJS.ProcessEnv): Promise<Attempt<UsableCli>> {
  const names = await readdir(dir).catch(() => []);
  for (const name of names.filter((file) => file.startsWith('temporal') && !file.endsWith('.downloading'))) {
    const attempt = await examineCli(join(dir, name), env);
    if ('found' in attempt) return attempt;
  }
  return { reason: 'it was not downloaded yet' };
}

/**
 * Lets the SDK download the pinned CLI. It does so only while starting a server, and from a library of 150 MB that has
 * no cancel: so in a process of its own, ended with all its children at the time limit.
 */
export async function downloadCli(input: DownloadInput): Promise<Attempt<UsableCli>> {
  const { dir, env, onLog, signal, limitMs = DOWNLOAD_LIMIT_MS } = input;
  const { program = fileURLToPath(new URL('./download-child.ts', import.meta.url)) } = input;
  onLog({ level: 'info', source: 'temporal-setup', msg: `downloading the Temporal CLI ${CLI_VERSION}, once` });
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const args = [program, dir, CLI_VERSION];
  const limit = AbortSignal.timeout(limitMs);
  const either = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const { exit, lines } = await runJob({ command: process.execPath, args, env, cwd: dir, signal: either });
  signal?.throwIfAborted();
  if (exit === undefined) return { reason: `the download did not end within ${Math.round(limitMs / 1000)} s` };
  if (exit !== 'exit code 0') return { reason: `the download failed: ${whyOf(lines) ?? exit}` };
  return await downloadedCli(dir, env);
}

const whyOf = (lines: readonly string[]): string | undefined => {
  const last = lines.findLast((line) => line.startsWith('reason: '));
  return last?.slice('reason: '.length);
};
