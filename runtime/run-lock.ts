import { randomBytes } from 'node:crypto';
import { link, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, errorCode } from '../domain/errors.ts';
import { type ProcessIdentity, identify, isAlive } from './child.ts';
import { folderFault } from './data-folder.ts';

const Holder = z.object({
  pid: z.int().positive(),
  startedAt: z.string(),
  /** A pid and its start in ticks since boot may come again after the next boot. */
  boot: z.string(),
  /** Milliseconds since 1970. */
  since: z.number(),
  released: z.boolean(),
});
type Holder = z.infer<typeof Holder>;

export interface RunLock {
  /** Gives the data folder free. A kill -9 does as well. */
  release(): Promise<void>;
}

/**
 * One `up` per data folder. The lock is the file `lock.<n>` with the highest n whose process lives. To take over from a dead
 * one is to create n + 1, which only one can; the highest is never deleted, so that nobody who looked a moment too
 * early can take an older number for the lock. Files appear with their content (link), never empty.
 * Throws ConfigError while another process holds it.
 */
export async function acquireRunLock(dataDir: string, now: () => number = Date.now): Promise<RunLock> {
  try {
    while (true) {
      const last = await highest(dataDir);
      const holder = last === 0 ? undefined : await readHolder(lockPath(dataDir, last));
      if (holder !== undefined && (await isHeld(holder))) throw alreadyRuns(holder);
      const mine = last + 1;
      const self = await describeSelf(now());
      if (!(await createLock(dataDir, mine, self))) continue;
      // Somebody had gone further when we looked at an old state: leave the lock to them.
      if ((await highest(dataDir)) !== mine) {
        await rm(lockPath(dataDir, mine), { force: true });
        continue;
      }
      await removeOlder(dataDir, mine);
      return { release: () => replaceLock(dataDir, mine, { ...self, released: true }) };
    }
  } catch (error) {
    throw folderFault(dataDir, error);
  }
}

/** Who holds the lock now, if anybody. */
export async function runLockHolder(dataDir: string): Promise<ProcessIdentity | undefined> {
  const last = await highest(dataDir);
  const holder = last === 0 ? undefined : await readHolder(lockPath(dataDir, last));
  if (holder === undefined || !(await isHeld(holder))) return undefined;
  return { pid: holder.pid, startedAt: holder.startedAt };
}

const lockPath = (dataDir: string, n: number): string => join(dataDir, `lock.${n}`);

async function lockNumbers(dataDir: string): Promise<readonly number[]> {
  const names = await readdir(dataDir);
  return names.filter((name) => /^lock\.\d{1,15}$/.test(name)).map((name) => Number(name.slice('lock.'.length)));
}

const highest = async (dataDir: string): Promise<number> => Math.max(0, ...(await lockNumbers(dataDir)));

/** Undefined where it is gone by now, or damaged (a power cut): nobody holds that. */
async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const isHeld = async (holder: Holder): Promise<boolean> =>
  !holder.released && holder.boot === (await bootId()) && isAlive(holder);

/** `unknown` where there is no /proc: there the pid decides alone. */
const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')).trim();

async function describeSelf(since: number): Promise<Holder> {
  const self = identify(process.pid) ?? { pid: process.pid, startedAt: 'unknown' };
  return { ...self, boot: await bootId(), since, released: false };
}

/** False where another process has that number already. */
async function createLock(dataDir: string, n: number, holder: Holder): Promise<boolean> {
  const draft = await writeDraft(dataDir, holder);
  try {
    await link(draft, lockPath(dataDir, n));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replaceLock(dataDir: string, n: number, holder: Holder): Promise<void> {
  await rename(await writeDraft(dataDir, holder), lockPath(dataDir, n));
}

async function writeDraft(dataDir: string, holder: Holder): Promise<string> {
  const draft = join(dataDir, `lock.draft-${process.pid}-${randomBytes(4).toString('hex')}`);
  await writeFile(draft, JSON.stringify(holder), { mode: 0o644, flag: 'wx' });
  return draft;
}

async function removeOlder(dataDir: string, mine: number): Promise<void> {
  const older = (await lockNumbers(dataDir)).filter((n) => n < mine).map((n) => lockPath(dataDir, n));
  await Promise.all(older.map((path) => rm(path, { force: true })));
}

function alreadyRuns({ pid, since }: Holder): ConfigError {
  const time = new Date(since).toISOString().replace('T', ' ').slice(0, 19);
  return new ConfigError(
    'BadConfig',
    `Darkroom already runs on this data folder (pid ${pid}, since ${time} UTC): ` +
      'use `darkroom status`, or another DARKROOM_DATA_DIR',
  );
}
