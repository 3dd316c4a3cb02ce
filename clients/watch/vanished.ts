import { showPath } from '../../domain/paths.ts';
import type { LibraryRecord } from '../../domain/ports.ts';
import { priorities } from '../../domain/queues.ts';
import type { StatusQueries } from '../../domain/status.ts';
import type { Photos } from '../photos.ts';

export interface VanishedDeps {
  readonly library: LibraryRecord;
  readonly queries: Pick<StatusQueries, 'findByPath'>;
  readonly photos: Pick<Photos, 'changed'>;
}

/**
 * A parked photo is looked at once more when its file goes: deleting a broken file is the plainest way to deal with it, and
 * `status` must not ask for it any longer. Others keep what is known of them.
 */
export function createVanished({ library, queries, photos }: VanishedDeps) {
  return async (rawPath: Uint8Array): Promise<void> => {
    const root = library.root.replace(/\/+$/, '');
    const [found] = await queries.findByPath(`${root}/${showPath(rawPath)}`, 1);
    if (found?.match !== 'exact' || found.state !== 'parked') return;
    await photos.changed({ asset: found.asset, rawPath, priority: priorities.upload }, 'the file is gone');
  };
}
