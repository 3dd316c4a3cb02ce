import { execFile } from 'node:child_process';
import { open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { errorCode } from '../../domain/errors.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface SmallDisk {
  readonly folder: string;
  /** A file system of its own where one may be mounted; else a folder whose disk is said to be full by node's own calls. */
  readonly real: boolean;
  /** For the processes that work on it. */
  readonly env: Readonly<Record<string, string>>;
  fill(): Promise<void>;
  free(): Promise<void>;
}

const run = promisify(execFile);
const megabytes = 400;

/** A folder that is a small disk of its own, and goes with the test. */
export async function smallDisk(t: TestContext): Promise<SmallDisk> {
  const folder = await makeTemporaryFolder();
  const options = `size=${megabytes}m,mode=711`;
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
  t.after(async () => {
    if (mounted) await run('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true });
    await rm(markOf(folder), { force: true });
  });
  return mounted ? realDisk(folder) : simulatedDisk(folder);
}

function realDisk(folder: string): SmallDisk {
  const ballast = path.join(folder, 'ballast');
  return { folder, real: true, env: {}, fill: () => writeUntilFull(ballast), free: () => rm(ballast) };
}

async function writeUntilFull(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (let size = 1_048_576; size >= 1; size = Math.floor(size / 16)) await writeWhilePossible(handle, size);
  } finally {
    await handle.close();
  }
}

async function writeWhilePossible(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<void> {
  const zeros = Buffer.alloc(size);
  try {
    for (;;) await handle.write(zeros);
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC') throw error;
  }
}

const markOf = (folder: string): string => `${folder}.full`;

/** Where nothing may be mounted: node's calls fail below the folder as long as a mark lies beside it. Servers are not touched. */
function simulatedDisk(folder: string): SmallDisk {
  const mark = markOf(folder);
  const preload = fileURLToPath(new URL('./full-disk-preload.ts', import.meta.url));
  const env = { NODE_OPTIONS: `--import=${preload}`, FULL_DISK_FOLDER: folder, FULL_DISK_MARK: mark };
  return { folder, real: false, env, fill: () => writeFile(mark, ''), free: () => rm(mark) };
}
