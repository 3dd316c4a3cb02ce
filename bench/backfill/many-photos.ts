import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeJpeg } from '../../test/support/photos.ts';

const longAgo = new Date(Date.now() - 3_600_000);

/** One photo whose bytes no other one has: what stands behind the end of a JPEG changes its hash and nothing that is seen. */
export async function writePhoto(file: string, jpeg: Buffer, nth: number, at?: Date): Promise<void> {
  await writeFile(file, Buffer.concat([jpeg, Buffer.from(`photo ${nth}`)]));
  if (at !== undefined) await utimes(file, at, at);
}

/** Folders `f00`, `f01` … of so many photos each, as if copied there an hour ago. */
export async function makeFolders(root: string, folders: number, each: number): Promise<Buffer> {
  const jpeg = await makeJpeg(1);
  for (let folder = 0; folder < folders; folder += 1) {
    const name = path.join(root, `f${String(folder).padStart(2, '0')}`);
    await mkdir(name, { recursive: true });
    for (let nth = 0; nth < each; nth += 1) {
      await writePhoto(path.join(name, `IMG_${String(nth).padStart(4, '0')}.jpg`), jpeg, folder * each + nth, longAgo);
    }
  }
  return jpeg;
}
