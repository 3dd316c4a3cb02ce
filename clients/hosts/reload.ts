import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from '../../domain/errors.ts';
import { SettingsError } from '../../runtime/config.ts';
import { checkHostsFile } from '../../runtime/hosts-file.ts';
import { readRunFile, type Run } from '../../runtime/run-file.ts';
import { notRunning, placeOf } from '../open.ts';
import type { Output } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export interface ReloadOptions {
  readonly dataDir: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Reading a file and telling the engine takes milliseconds; an engine that is just being started takes seconds. */
const answerMs = 15_000;

/**
 * Has the running `up` read its hosts file again, and prints what changed. Throws SettingsError where the file is wrong: then
 * nothing changes; UsageError where there is no file; TransientError where nothing runs.
 */
export async function reloadHosts(out: Output, { dataDir: asked, env, json, signal }: ReloadOptions): Promise<void> {
  const { dataDir } = placeOf(env, asked);
  const run = await runOn(dataDir);
  if (run.hostsFile === undefined) {
    throw new UsageError('Darkroom runs without a hosts file. Start it with VISION_HOSTS_FILE=<file> (docs/hosts.md).');
  }
  // What is wrong whatever the settings are is said without troubling what runs; variables and settings are its own.
  await checkHostsFile(run.hostsFile);
  const since = Date.now();
  process.kill(run.supervisor.pid, 'SIGHUP');
  const { ok, text } = await answer(dataDir, since, signal);
  if (!ok) throw new SettingsError(text);
  if (json) out.json({ file: run.hostsFile, text });
  else out.line(text);
}

async function runOn(dataDir: string): Promise<Run> {
  const found = await readRunFile(dataDir);
  if (found.state !== 'running') throw notRunning(dataDir);
  return found.run;
}

async function answer(dataDir: string, since: number, signal: AbortSignal): Promise<NonNullable<Run['hostsRead']>> {
  for (const until = since + answerMs; Date.now() < until; await sleep(100, undefined, { signal })) {
    const { hostsRead } = await runOn(dataDir);
    if (hostsRead !== undefined && hostsRead.at >= since) return hostsRead;
  }
  throw new TransientError(
    'NoHost',
    `Darkroom was told, and has not answered for ${answerMs / 1_000} s. What comes of it is in ${dataDir}/logs/darkroom.log`,
  );
}
