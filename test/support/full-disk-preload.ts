import { existsSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Loaded into every node process of an `up` by NODE_OPTIONS: see full-disk.ts. */
const { FULL_DISK_FOLDER: folder = '', FULL_DISK_MARK: mark = '' } = process.env;
const { statfs, writeFile } = files;

const isFull = (path: unknown): boolean => folder !== '' && String(path).startsWith(folder) && existsSync(mark);

Object.assign(files, {
  writeFile: async (...args: Parameters<typeof writeFile>) => {
    if (isFull(args[0])) {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    await writeFile(...args);
  },
  statfs: async (path: string) => {
    const found = await statfs(path);
    return isFull(path) ? Object.assign(found, { bavail: 0 }) : found;
  },
});
syncBuiltinESMExports();
