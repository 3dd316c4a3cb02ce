import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { errorCode } from '../../domain/errors.ts';
import { identify, isAlive, type ProcessIdentity } from '../child.ts';

const POLL_MS = 500;
const LockFile = z.object({ pid: z.int().positive(), startedAt: z.string() });

/**
 * Runs `work` while holding the lock file, so that two processes do not build the same thing at once. The lock of a dead
 * process is taken over; should two take it over in the same instant both work, which costs time and nothing else (what
 * they make is put in place by rename). `onWait` is called with the holder's pid at each look.
 */
export async function withLock<T>(
  input: { file: string; onWait: (holder: number) => void; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const own = identify(process.pid) ?? { pid: process.pid, startedAt: 'unknown' };
  while (!(await tryLock(input.file, own))) {
    const holder = await readLock(input.file);
    if (holder !== undefined && isAlive(holder)) {
      input.onWait(holder.pid);
      await sleep(POLL_MS, undefined, { signal: input.signal });
    } else {
      await removeDeadLock(input.file);
    }
  }
  try {
    return await work();
  } finally {
    await releaseLock(input.file, own);
  }
}

/** Written whole under another name first, so that nobody reads half a lock. */
async function tryLock(file: string, own: ProcessIdentity): Promise<boolean> {
  const draft = `${file}.${own.pid}`;
  await writeFile(draft, JSON.stringify(own));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readLock(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return LockFile.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

async function removeDeadLock(file: string): Promise<void> {
  const aside = `${file}.dead.${process.pid}`;
  try {
    await rename(file, aside);
    await unlink(aside);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function releaseLock(file: string, own: ProcessIdentity): Promise<void> {
  const holder = await readLock(file);
  if (holder?.pid === own.pid && holder.startedAt === own.startedAt) await rm(file, { force: true });
}
