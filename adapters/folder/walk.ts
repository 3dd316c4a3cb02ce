import { isDomainError } from '../../domain/errors.ts';
import type { FoundFile, WalkPage } from '../../domain/ports.ts';
import { isAbsent, reasonOf } from './fs-calls.ts';
import { asBuffer, below, components, rootPath, shown } from './raw-path.ts';
import { type Entry, type Listing, rootAway, type Tree } from './tree.ts';

/**
 * Names looked at in one page: a tree with millions of other files ends a page after some seconds, with no files in it
 * but with a cursor, so that whoever pages can heartbeat and be cancelled.
 */
const maxExamined = 5_000;
/** Problems enter Temporal's history with the page. */
const maxProblems = 5;

interface Page {
  readonly tree: Tree;
  readonly limit: number;
  readonly maxExamined: number;
  readonly signal: AbortSignal | undefined;
  readonly files: FoundFile[];
  readonly problems: string[];
  examined: number;
  last: Buffer;
}

/**
 * One page in the order of the paths' components, by bytes, folders in their place among the files. A place in this
 * order does not depend on whether a name is a file or a folder, or is still there, so the cursor is the path that was
 * looked at last, and goes on being right while files come and go. Per depth, one folder's names are in memory.
 */
export async function walkPage(
  tree: Tree,
  input: { cursor: string | undefined; limit: number; signal?: AbortSignal; maxExamined?: number },
): Promise<WalkPage> {
  const { cursor, signal } = input;
  const page: Page = {
    tree,
    limit: Math.max(1, input.limit),
    maxExamined: input.maxExamined ?? maxExamined,
    signal,
    files: [],
    problems: [],
    examined: 0,
    last: rootPath,
  };
  const before = await tree.identity(signal);
  const more = await visit(page, rootPath, cursor === undefined ? [] : components(Buffer.from(cursor, 'base64url')));
  // An unmounted share leaves an empty folder behind, which must not pass for the end of the library.
  if ((await tree.identity(signal)) !== before) throw rootAway(tree.root, 'it was mounted or unmounted meanwhile');
  return {
    files: page.files,
    next: more ? page.last.toString('base64url') : undefined,
    problems: inShort(page.problems),
  };
}

/** The part of the walk that lies in one folder: its names follow each other, and a cursor at the folder itself is before them. */
export async function walkBelow(
  tree: Tree,
  input: Parameters<typeof walkPage>[1] & { readonly below: Buffer },
): Promise<WalkPage> {
  const start = input.below.toString('base64url');
  const page = await walkPage(tree, { ...input, cursor: input.cursor ?? start });
  const inside = Buffer.concat([input.below, Buffer.from('/')]);
  const isIn = (path: Uint8Array) =>
    input.below.equals(path) || inside.equals(path.subarray(0, inside.length)) || input.below.length === 0;
  const isOver = page.next === undefined || !isIn(Buffer.from(page.next, 'base64url'));
  return {
    files: page.files.filter(({ rawPath }) => isIn(rawPath)),
    next: isOver ? undefined : page.next,
    problems: page.problems,
  };
}

/** Walks one folder strictly after `after`, which is relative to it (empty: from its beginning). True where the page is full. */
async function visit(page: Page, folder: Buffer, after: readonly Buffer[]): Promise<boolean> {
  const { entries, noMedia } = await list(page, folder);
  if (noMedia) {
    if (folder.length === 0)
      page.problems.push(`${page.tree.root} holds a file .nomedia, so nothing in it is looked at`);
    return false;
  }
  const [name, ...rest] = after;
  for (const entry of name === undefined ? entries : entries.slice(firstFrom(entries, name))) {
    const resumed = name !== undefined && entry.name.equals(name);
    if (resumed && entry.type === 'file') continue;
    if (await take(page, { path: below(folder, entry.name), entry, resumed, rest: resumed ? rest : [] })) return true;
  }
  return false;
}

interface Step {
  readonly path: Buffer;
  readonly entry: Entry;
  /** The cursor points at this entry or into it: itself it was counted by an earlier page. */
  readonly resumed: boolean;
  readonly rest: readonly Buffer[];
}

async function take(page: Page, { path, entry, resumed, rest }: Step): Promise<boolean> {
  page.signal?.throwIfAborted();
  if (!resumed) {
    if (page.files.length >= page.limit || page.examined >= page.maxExamined) return true;
    page.examined += 1;
    page.last = path;
  }
  const look = await page.tree.look(path, { type: entry.type, signal: page.signal });
  if (look.kind === 'folder') return await visit(page, path, rest);
  if (resumed) return false;
  if (look.kind !== 'nothing') page.files.push({ rawPath: asBuffer(path), kind: look.kind, stat: look.stat });
  else if (look.problem !== undefined) page.problems.push(look.problem);
  return false;
}

async function list({ tree, signal, problems }: Page, folder: Buffer): Promise<Listing> {
  try {
    return await tree.entries(folder, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (isDomainError(error)) throw error;
    if (folder.length === 0) throw rootAway(tree.root, reasonOf(error), error);
    // A folder that vanished meanwhile is no problem, unless the whole share did: identity() is asked again at the end.
    if (!isAbsent(error)) problems.push(`${shown(folder)}: ${reasonOf(error)}`);
    return { entries: [], noMedia: false };
  }
}

/** Index of the first entry not before `name`: a folder of 100,000 files is passed over 500 times. */
function firstFrom(entries: readonly Entry[], name: Buffer): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && Buffer.compare(entry.name, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inShort(problems: readonly string[]): readonly string[] {
  if (problems.length <= maxProblems) return problems;
  const shownFew = problems.slice(0, maxProblems - 1);
  return [...shownFew, `… and ${problems.length - shownFew.length} more that could not be looked at`];
}
