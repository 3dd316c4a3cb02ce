import { readdir, readFile } from 'node:fs/promises';

/** What the system says of its limits; undefined where it does not (no /proc). */
export interface SystemLimits {
  readonly maxUserWatches?: number;
  readonly maxUserInstances?: number;
  /** Open files of this process, and how many it may have. */
  readonly openFiles?: number;
  readonly maxOpenFiles?: number;
}

/**
 * What to type so that `folders` folders can be watched, after a watch failed with `code`. One sentence, with the
 * command as it has to be typed.
 */
export function watchAdvice(code: string, folders: number, limits: SystemLimits): string {
  const { maxUserWatches = 0, maxUserInstances = 128, openFiles = 0, maxOpenFiles = Infinity } = limits;
  if (code === 'ENFILE') return sysctl('fs.file-max', 2_097_152);
  if (code === 'EMFILE' && openFiles >= maxOpenFiles * 0.9) {
    return `To watch it instead, start Darkroom with more open files: ulimit -n ${nextPowerOfTwo(maxOpenFiles + folders)}`;
  }
  if (code === 'EMFILE') return sysctl('fs.inotify.max_user_instances', nextPowerOfTwo(maxUserInstances + 1));
  // All that is allowed now is in use by somebody; a quarter more than our own folders, because libraries grow.
  return sysctl('fs.inotify.max_user_watches', nextPowerOfTwo(Math.max(524_288, maxUserWatches + folders * 1.25)));
}

const sysctl = (key: string, value: number): string =>
  `To watch it instead: sudo sysctl ${key}=${value} (to keep it, put ${key}=${value} into /etc/sysctl.d/60-darkroom.conf), ` +
  'then start Darkroom again';

const nextPowerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(least));

export async function readSystemLimits(): Promise<SystemLimits> {
  const text = (path: string) => readFile(path, 'utf8').catch(() => '');
  const number = (value: string | undefined) =>
    value === undefined || !/^\d+$/.test(value.trim()) ? undefined : Number(value);
  const maxUserWatches = number(await text('/proc/sys/fs/inotify/max_user_watches'));
  const maxUserInstances = number(await text('/proc/sys/fs/inotify/max_user_instances'));
  const maxOpenFiles = number(/^Max open files\s+(\d+)/m.exec(await text('/proc/self/limits'))?.[1]);
  // Listing needs an open file itself: where there is none left, that is the answer.
  const openFiles = await readdir('/proc/self/fd').then(
    (found) => found.length,
    () => maxOpenFiles,
  );
  return {
    ...(maxUserWatches !== undefined && { maxUserWatches }),
    ...(maxUserInstances !== undefined && { maxUserInstances }),
    ...(maxOpenFiles !== undefined && { maxOpenFiles }),
    ...(openFiles !== undefined && { openFiles }),
  };
}
