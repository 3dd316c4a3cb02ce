import { statfs } from 'node:fs/promises';
import type { TransientError } from '../domain/errors.ts';
import { diskFull } from './data-folder.ts';
import { pause } from './when-aborted.ts';

/** One segment of Postgres' log: with less, the database stops taking writes. */
const leastFreeBytes = 16 * 1_048_576;
const lookEveryMs = 2_000;

/** What is wrong with the room on the data folder's disk, with what to do; undefined where there is enough, or none can tell. */
export async function lackOfRoom(dataDir: string): Promise<TransientError | undefined> {
  const room = await statfs(dataDir).catch(() => undefined);
  if (room === undefined) return undefined;
  const free = room.bavail * room.bsize;
  return free >= leastFreeBytes ? undefined : diskFull(dataDir, `${Math.floor(free / 1_048_576)} MB free`);
}

/**
 * Says once when the disk is full and once when it is not any more, until the signal. Looked at from outside, because a
 * database without room cannot say anything, and neither can the engine behind it.
 */
export async function watchRoom(dataDir: string, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  for (let full = false; !signal.aborted; await pause(lookEveryMs, signal)) {
    const lack = await lackOfRoom(dataDir);
    if (lack !== undefined && !full) say(`${lack.message}. Photos wait; nothing is lost.`);
    if (lack === undefined && full) say(`There is room on the disk of ${dataDir} again; work goes on.`);
    full = lack !== undefined;
  }
}
