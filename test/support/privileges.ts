import { chmod } from 'node:fs/promises';

/** The user `nobody` of every Linux. */
const nobody = 65_534;

/**
 * Runs `body` while nobody may touch `path`, as an ordinary user also where the tests run as root, whom no permission
 * stops.
 */
export async function whileLocked<T>(path: string, body: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  await chmod(path, 0);
  if (isRoot) process.seteuid?.(nobody);
  try {
    return await body();
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(path, 0o700);
  }
}
