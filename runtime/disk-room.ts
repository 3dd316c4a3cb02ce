import { statfs } from 'node:fs/promises';
import { diskFull } from './data-folder.ts';
import { pause } from './when-aborted.ts';

/** One segment of Postgres' log: with less, the database stops taking writes. */
const leastFreeBytes = 16 * 1_048_576;
const megabyte = 1_048_576;
const lookEveryMs = 2_000;

/** Free bytes on the disk of a folder, for us; undefined where nobody can tell. */
type FreeBytes = (folder: string) => Promise<number | undefined>;

export interface Lack {
  /** Nothing can be written. Else there is less than was asked for, and only what is under way goes on. */
  readonly isFull: boolean;
  /** What is wrong, with the setting that helps. */
  readonly message: string;
}

interface RoomInput {
  readonly dataDir: string;
  /** DARKROOM_MIN_FREE_MB. */
  readonly minFreeMb: number;
  readonly freeBytes?: FreeBytes;
}

const askedOfDisk: FreeBytes = async (folder) => {
  const room = await statfs(folder).catch(() => undefined);
  return room === undefined ? undefined : room.bavail * room.bsize;
};

/** What is wrong with the room on the data folder's disk; undefined where there is enough, or none can tell. */
export async function lackOfRoom({
  dataDir,
  minFreeMb,
  freeBytes = askedOfDisk,
}: RoomInput): Promise<Lack | undefined> {
  const free = await freeBytes(dataDir);
  if (free === undefined) return undefined;
  if (free < leastFreeBytes) {
    return { isFull: true, message: diskFull(dataDir, `${Math.floor(free / megabyte)} MB free`).message };
  }
  if (free >= minFreeMb * megabyte) return undefined;
  // Without what is free at this second: where it is told again and again, another number is no news.
  const message = `The disk of ${dataDir} has less than ${minFreeMb} MB free (DARKROOM_MIN_FREE_MB): free some space there, or set that lower`;
  return { isFull: false, message };
}

/**
 * Why nothing more may be started on a disk that fills up, in words; undefined where there is room. Asked several times a
 * second, it looks every two seconds.
 */
export function createRoomGuard(input: RoomInput & { readonly now?: () => number }): () => Promise<string | undefined> {
  const { now = Date.now } = input;
  let last: { readonly at: number; readonly lack: Promise<Lack | undefined> } | undefined;
  return async () => {
    if (last === undefined || now() - last.at >= lookEveryMs) last = { at: now(), lack: lackOfRoom(input) };
    return (await last.lack)?.message;
  };
}

/**
 * Says once when the disk is full or short of room, and once when it is not any more, until the signal. Looked at from
 * outside, because a database without room cannot say anything, and neither can the engine behind it.
 */
export async function watchRoom(input: RoomInput, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  let said = 'room';
  for (; !signal.aborted; await pause(lookEveryMs, signal)) {
    const lack = await lackOfRoom(input);
    const state = lack === undefined ? 'room' : lack.isFull ? 'full' : 'low';
    if (state === said) continue;
    if (lack?.isFull === true) say(`${lack.message}. Photos wait; nothing is lost.`);
    else if (lack !== undefined) say(`${lack.message}. No photo of the backlog is started until then.`);
    else say(`There is room on the disk of ${input.dataDir} again; work goes on.`);
    said = state;
  }
}
