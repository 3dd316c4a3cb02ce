import { realpath, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { ConfigError, isDomainError, TransientError } from '../../domain/errors.ts';
import { answered, isAbsent, reasonOf } from '../folder/fs-calls.ts';
import { readWhole } from './read-whole.ts';

/** One of the folders of Immich's container, and where it is here (IMMICH_MEDIA_MAP). Both absolute. */
export interface MediaFolder {
  readonly theirs: string;
  readonly ours: string;
}

export interface Media {
  /** The whole file at a path as Immich's tables have it; undefined where there is none (yet). */
  read(theirPath: string, signal: AbortSignal): Promise<Buffer | undefined>;
}

/**
 * Reads files of Immich's container through folders that are mounted here, and nothing else: what a link leads out of the
 * folder is refused. Throws TransientError LibraryUnreadable where a folder is not mounted or a file is being written, and
 * ConfigError BadConfig where IMMICH_MEDIA_MAP does not cover a path.
 */
export function createMedia(folders: readonly MediaFolder[]): Media {
  const known = folders
    .map(({ theirs, ours }) => ({ theirs: withoutSlash(theirs), ours: withoutSlash(ours) }))
    .toSorted((a, b) => b.theirs.length - a.theirs.length);

  const mapped = (theirPath: string): { root: string; rest: string } => {
    const path = posix.normalize(theirPath);
    const folder = known.find(({ theirs }) => path.startsWith(theirs === '/' ? '/' : `${theirs}/`));
    if (folder === undefined || !posix.isAbsolute(path)) throw notMapped(path);
    return { root: folder.ours, rest: path.slice(folder.theirs === '/' ? 1 : folder.theirs.length + 1) };
  };

  return {
    async read(theirPath, signal) {
      const { root, rest } = mapped(theirPath);
      const path = posix.join(root, rest);
      try {
        const [realRoot, real] = [await answered(realpath(root), signal), await answered(realpath(path), signal)];
        if (!real.startsWith(realRoot === '/' ? '/' : `${realRoot}/`)) throw leadsOut(path, root);
        return await readWhole(real, signal);
      } catch (error) {
        if (!isAbsent(error)) throw signal.aborted ? error : unreadable(path, error);
        await mustBeMounted(root, rest, signal);
        return undefined;
      }
    },
  };
}

/** A preview that is not there is a wait for hours and then the photo's end, so a wrong folder must not look like one. */
async function mustBeMounted(root: string, rest: string, signal: AbortSignal): Promise<void> {
  const first = posix.join(root, rest.split('/')[0] ?? '');
  try {
    if ((await answered(stat(first), signal)).isDirectory()) return;
  } catch (error) {
    if (!isAbsent(error)) throw signal.aborted ? error : unreadable(first, error);
  }
  throw unreadable(first, new Error('there is no such folder'));
}

const withoutSlash = (path: string): string => posix.normalize(path).replace(/(?<=.)\/+$/, '');

const where = 'IMMICH_MEDIA_MAP says where the folders of Immich are here, for example /data=/mnt/immich';

function unreadable(path: string, cause: unknown): unknown {
  if (isDomainError(cause)) return cause;
  return new TransientError(
    'LibraryUnreadable',
    `${path} cannot be read: ${reasonOf(cause)}. Is the media folder of Immich mounted? ${where}.`,
    { cause },
  );
}

const notMapped = (path: string) =>
  new ConfigError(
    'BadConfig',
    `Immich keeps a preview at ${path}, which no folder of IMMICH_MEDIA_MAP covers. ${where}.`,
  );

const leadsOut = (path: string, root: string) =>
  new ConfigError(
    'BadConfig',
    `${path} is a link that leads out of ${root}, which is not followed. Name the folder behind it in IMMICH_MEDIA_MAP too.`,
  );
