import type { BigIntStats } from 'node:fs';
import type { FileStat } from '../../domain/asset.ts';

/**
 * Every adapter that looks at files turns stats into `FileStat` here: whole milliseconds (the fraction that `Stats` has
 * and `BigIntStats` has not would make the same file look changed) and the inode in full.
 */
export const toFileStat = (stats: BigIntStats): FileStat => ({
  size: Number(stats.size),
  mtimeMs: Number(stats.mtimeMs),
  ctimeMs: Number(stats.ctimeMs),
  inode: String(stats.ino),
});
