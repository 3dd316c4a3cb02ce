import { isDomainError } from '../domain/errors.ts';
import { looseLibrary } from '../domain/library.ts';
import { rawPathOf } from '../domain/paths.ts';
import type { LibraryRecord } from '../domain/ports.ts';
import type { Selection } from '../domain/prioritize.ts';
import { ignoredPatterns } from './host-report.ts';
import type { Opened } from './open.ts';

/** Files looked at and added at a time. */
const pageSize = 500;

export interface LookDeps extends Pick<Opened, 'facts' | 'openFolder'> {
  readonly assets: Pick<Opened['assets'], 'register'>;
}

export interface Look {
  readonly selection: Selection;
  readonly libraries: readonly LibraryRecord[];
  /** Files so far. */
  readonly onPage: (seen: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Adds the photos of these folders to the database: the pass through a library gets to them only when its window has room.
 * Rows alone start nothing. Returns, in words, what could not be looked at.
 */
export async function lookThrough(deps: LookDeps, { selection, libraries, onPage, signal }: Look): Promise<string[]> {
  const troubles: string[] = [];
  const globs = await ignoredPatterns(deps);
  let seen = 0;
  for (const { libraryId, prefix } of selection.kind === 'folders' ? selection.folders : []) {
    const library = libraries.find(
      ({ id, name, kind }) => id === libraryId && name !== looseLibrary && kind === undefined,
    );
    const below = rawPathOf(prefix.replace(/\/$/, ''));
    // Without the patterns nobody knows what is to be left out.
    if (library === undefined || below === undefined || globs === undefined) continue;
    try {
      for await (const count of addAll(deps, { library, below, globs, signal })) onPage((seen += count));
    } catch (error) {
      if (signal.aborted) break;
      if (!isDomainError(error)) throw error;
      troubles.push(error.message);
    }
  }
  return troubles;
}

interface Part {
  readonly library: LibraryRecord;
  readonly below: Uint8Array;
  readonly globs: readonly string[];
  readonly signal: AbortSignal;
}

async function* addAll({ openFolder, assets }: LookDeps, { library, below, globs, signal }: Part) {
  const folder = await openFolder(library.root, globs);
  let cursor: string | undefined;
  do {
    const page = await folder.page({ cursor, limit: pageSize, signal, below });
    await assets.register(library, page.files, '');
    yield page.files.length;
    cursor = page.next;
  } while (cursor !== undefined);
}
