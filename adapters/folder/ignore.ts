import { realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import type { Ignored } from '../../domain/ports.ts';

/**
 * The rule that the walk, the watcher and the scanner share. Called, it says what is left out by its name; `excluded`
 * says the same but lets a leading dot pass: a link that a person can see may lead into a hidden folder (git-annex
 * keeps every photo in one), never into what the person, the NAS or Darkroom has put aside.
 * `.nomedia` is not in here: only the file system knows it.
 */
export type IgnoreRule = Ignored & { readonly excluded: Ignored };

/** Thumbnails and the bin of a Synology NAS. */
const putAside = new Set(['@eaDir', '#recycle']);

/**
 * Paths are relative to the root, `/`-separated, as `showPath` shows them. A glob without a slash matches a name at any
 * depth, one with a slash matches the whole path from the root; a trailing slash matches folders only. What is below an
 * ignored folder is ignored.
 */
export function createIgnored(options: {
  root: string;
  /** Darkroom's own data folder, absolute; it may lie inside the library. */
  dataDir?: string;
  globs?: readonly string[];
}): IgnoreRule {
  const own = options.dataDir === undefined ? [] : insidePaths(options.root, options.dataDir);
  const matchers = (options.globs ?? []).filter((glob) => glob.replaceAll('/', '') !== '').map(createMatcher);

  const excludedItself = (path: string, name: string, isDirectory: boolean) =>
    putAside.has(name) || own.includes(path) || matchers.some((matches) => matches(path, name, isDirectory));

  const anyAbove = (judge: typeof excludedItself) => (path: string, isDirectory: boolean) => {
    for (let at = 0; at < path.length;) {
      const slash = path.indexOf('/', at);
      const end = slash === -1 ? path.length : slash;
      if (judge(path.slice(0, end), path.slice(at, end), slash !== -1 || isDirectory)) return true;
      at = end + 1;
    }
    return false;
  };

  const excluded = anyAbove(excludedItself);
  const ignored = anyAbove(
    (path, name, isDirectory) => name.startsWith('.') || excludedItself(path, name, isDirectory),
  );
  return Object.assign(ignored, { excluded });
}

function createMatcher(glob: string): (path: string, name: string, isDirectory: boolean) => boolean {
  const foldersOnly = glob.endsWith('/');
  const pattern = glob.replace(/^\/+|\/+$/g, '');
  const anyDepth = !glob.replace(/\/+$/, '').includes('/');
  const matches = picomatch(pattern, { dot: true });
  return (path, name, isDirectory) => (isDirectory || !foldersOnly) && matches(anyDepth ? name : path);
}

/** Where the data folder lies inside the root, as written and as the links lead; none where it lies elsewhere. */
function insidePaths(root: string, dataDir: string): string[] {
  const pairs = [
    [resolve(root), resolve(dataDir)],
    [realPathOf(root), realPathOf(dataDir)],
  ] as const;
  return pairs.map(([from, to]) => relative(from, to)).filter((path) => path !== '' && !path.startsWith('..'));
}

/** The real path of the part that exists already: the data folder may not have been made yet. */
function realPathOf(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPathOf(parent), relative(parent, absolute));
  }
}
