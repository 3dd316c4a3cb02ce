import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

export interface TempFolder {
  readonly root: string;
  /** Absolute bytes of a path below the root. */
  readonly at: (path: string | Buffer) => Buffer;
  /** Writes a file, with the folders above it. */
  readonly write: (path: string | Buffer, bytes?: string) => Promise<void>;
  readonly link: (path: string, target: string) => Promise<void>;
}

/** A folder of its own for one test, removed after it. */
export async function tempFolder(t: TestContext): Promise<TempFolder> {
  const base = await mkdtemp(join(tmpdir(), 'darkroom-folder-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  const root = join(base, 'library');
  await mkdir(root);
  const at = (path: string | Buffer) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path)]);
  return {
    root,
    at,
    async write(path, bytes = 'picture') {
      const file = at(path);
      await mkdir(file.subarray(0, file.lastIndexOf('/')), { recursive: true });
      await writeFile(file, bytes);
    },
    async link(path, target) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await symlink(target, join(root, path));
    },
  };
}
