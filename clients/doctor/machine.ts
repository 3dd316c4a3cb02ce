import { execFile } from 'node:child_process';
import { readFile, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { openFolder } from '../../adapters/folder/open-folder.ts';
import type { Finding } from '../../domain/checkup.ts';
import { lackOfRoom } from '../../runtime/disk-room.ts';

const lowSpaceBytes = 2 * 1024 ** 3;
const fewWatches = 65_536;

export const nodeVersion = async (): Promise<Finding[]> => [
  { about: 'Node', level: 'ok', detail: `${process.versions.node} on ${process.platform} ${process.arch}` },
];

/** exiftool is a Perl program; without Perl dates and places are read by sharp's metadata, which knows fewer files. */
export async function perl(signal: AbortSignal): Promise<Finding[]> {
  try {
    const { stdout } = await promisify(execFile)('perl', ['-e', 'print $^V'], { signal, timeout: 5_000 });
    return [{ about: 'Perl (for exiftool)', level: 'ok', detail: stdout }];
  } catch {
    const todo = 'Install it (Debian: apt install perl). Until then dates and cameras come from the EXIF block alone.';
    return [{ about: 'Perl (for exiftool)', level: 'note', detail: 'not found', todo }];
  }
}

export async function diskSpace(dataDir: string, minFreeMb: number): Promise<Finding[]> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const about = 'data folder';
  const detail = `${dataDir}, ${(free / 1024 ** 3).toFixed(1)} GB free`;
  const lack = await lackOfRoom({ dataDir, minFreeMb });
  if (lack?.isFull === false) {
    const waits = `${detail}: photos of the backlog wait`;
    const todo = `Free some space, or set DARKROOM_MIN_FREE_MB (${minFreeMb}) lower, or DARKROOM_DATA_DIR to another disk.`;
    return [{ about, level: 'wrong', detail: waits, todo }];
  }
  if (lack === undefined && free >= lowSpaceBytes) return [{ about, level: 'ok', detail }];
  const todo = 'Free some space, or set DARKROOM_DATA_DIR to a folder on another disk.';
  return [{ about, level: 'wrong', detail, todo }];
}

export async function libraryFolder(root: string, dataDir: string, globs: readonly string[]): Promise<Finding[]> {
  try {
    const { notices } = await openFolder(root, { dataDir, globs });
    return [{ about: 'library', level: 'ok', detail: [root, ...notices].join('. ') }];
  } catch (error) {
    return [{ about: 'library', level: 'away', detail: error instanceof Error ? error.message : String(error) }];
  }
}

/** Each watched folder costs a watch; where they run out, a tree is scanned instead. */
export async function watches(): Promise<Finding[]> {
  const text = await readFile('/proc/sys/fs/inotify/max_user_watches', 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const limit = Number(text);
  const about = 'file watches';
  if (limit >= fewWatches) return [{ about, level: 'ok', detail: `${limit} allowed` }];
  const todo =
    'For large libraries: sudo sysctl fs.inotify.max_user_watches=524288. Until then large trees are scanned.';
  return [{ about, level: 'note', detail: `only ${limit} allowed`, todo }];
}
