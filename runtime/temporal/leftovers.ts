import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, isAlive, type ProcessIdentity, stopProcess } from '../child.ts';
import { readJson, writeWhole } from './state.ts';

/** The servers that run on a state folder, written right after each spawn, so that a later start finds those of a killed run. */
const PIDS = 'pids.json';
const GRACE_MS = 5_000;

const PidsFile = z.record(z.string(), z.object({ pid: z.int().positive(), startedAt: z.string() }));

export interface StoppedLeftover {
  readonly name: string;
  readonly pid: number;
  readonly how: 'stopped' | 'killed';
}

export async function rememberProcess(dir: string, name: string, identity: ProcessIdentity): Promise<void> {
  const known = (await readJson(join(dir, PIDS), PidsFile)) ?? {};
  await writeWhole(join(dir, PIDS), JSON.stringify({ ...known, [name]: identity }));
}

/**
 * Stops the servers that an earlier, killed run left on this state: two on the same SQLite files would fight.
 * `ownArgs` finds one that was started in the instant before its pid was written (on Linux): no other program has our
 * file behind the server's option.
 */
export async function stopLeftovers(
  dir: string,
  ownArgs: ReadonlyArray<readonly [option: string, value: string]>,
): Promise<readonly StoppedLeftover[]> {
  const known = Object.entries((await readJson(join(dir, PIDS), PidsFile)) ?? {});
  const named = known.map(([name, identity]) => ({ name, identity }));
  const found = (await processesWith(ownArgs)).map((identity) => ({ name: 'temporal', identity }));
  const stopped: StoppedLeftover[] = [];
  for (const { name, identity } of [...named, ...found]) {
    if (!isAlive(identity)) continue;
    const how = await stopProcess(identity, { graceMs: GRACE_MS });
    if (how !== 'was gone') stopped.push({ name, pid: identity.pid, how });
  }
  return stopped;
}

async function processesWith(ownArgs: ReadonlyArray<readonly [string, string]>): Promise<ProcessIdentity[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found: ProcessIdentity[] = [];
  for (const entry of entries.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const words = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const ours = ownArgs.some(([option, value]) =>
      words.some((word, at) => word === option && words[at + 1] === value),
    );
    const identity = ours ? identify(Number(entry)) : undefined;
    if (identity !== undefined) found.push(identity);
  }
  return found;
}
