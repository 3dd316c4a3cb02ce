import type { ImmichAsset, ImmichPage, ImmichPageInput } from '../../domain/immich.ts';
import { type Place, readCursor, shortId, writeCursor } from './cursor.ts';
import { type Rows, rowsUntilNew, type SearchDeps, WrongForm } from './search.ts';
import { questionsIn, type SearchForm } from './search-form.ts';

/** The most that Immich gives at once (sheet 5.3). */
const mostRows = 1_000;

interface PagingDeps extends SearchDeps {
  /** The user whose photos they are: searches find those of partners too. */
  readonly userId: (signal: AbortSignal) => Promise<string>;
}

/**
 * Pages by the time at which photos were taken, newest first. The place in a walk is that time, and what was told at that very
 * instant, so that rows which come or go meanwhile move nothing, on every version of the server and when it is upgraded in the
 * middle. (Its own offsets shift; what the cursor of 3.2 promises about rows that are added is not written down.)
 */
export function createPaging(deps: PagingDeps): (input: ImmichPageInput) => Promise<ImmichPage> {
  let form: SearchForm = 'flat';
  let mayFilter = true;
  return async (input) => {
    // In one of none is nothing; Immich refuses an empty list, or passes over it.
    if (input.albums?.length === 0 || input.people?.length === 0) return { assets: [], next: undefined };
    const userId = await deps.userId(input.signal);
    const first = form;
    try {
      const { page, knowsFilter } = await pageIn(first, deps, input, userId);
      // One request that asks for all beats two, and version 4 will drop the flat form (sheet 5.3).
      form = knowsFilter && mayFilter ? 'filter' : 'flat';
      return page;
    } catch (error) {
      if (!(error instanceof WrongForm)) throw error;
      const { page, knowsFilter } = await otherForm(error, () => pageIn(other[first], deps, input, userId));
      form = other[first];
      // It says that it knows the filter, and refused ours: not again, each time.
      if (first === 'filter' && knowsFilter) mayFilter = false;
      return page;
    }
  };
}

const other = { flat: 'filter', filter: 'flat' } as const;

/** Where neither form will do, what the server said to the first one counts. */
const otherForm = <T>(first: WrongForm, read: () => Promise<T>): Promise<T> =>
  read().catch((second: unknown) => {
    throw second instanceof WrongForm ? (first.cause ?? second.cause ?? second) : second;
  });

async function pageIn(form: SearchForm, deps: PagingDeps, input: ImmichPageInput, userId: string) {
  const { cursor, limit, signal, takenTo, videos = false } = input;
  const place = cursor === undefined ? undefined : readCursor(cursor);
  const isNew = ({ id }: ImmichAsset): boolean => place?.seen.has(shortId(id)) !== true;
  const size = Math.min(mostRows, limit + (place?.seen.size ?? 0));
  // The millisecond behind it too: the database keeps finer times than it tells.
  const until = [takenTo, place && place.at + 1].filter((at) => at !== undefined);
  const wanted = { ...input, videos, takenTo: until.length === 0 ? undefined : Math.min(...until) };
  const found = await Promise.all(
    questionsIn(form, wanted).map((question) => rowsUntilNew(deps, { form, question, size, signal }, isNew)),
  );
  const told = firstOf(found, isNew, limit);
  return { page: pageOf(told, place, userId), knowsFilter: found.every(({ knowsFilter }) => knowsFilter) };
}

interface Told {
  readonly assets: readonly ImmichAsset[];
  readonly more: boolean;
}

/**
 * The newest rows of several answers. An answer that has more rows behind it says nothing of what is older than its last one:
 * no row from beyond that is told yet.
 */
function firstOf(found: readonly Rows[], isNew: (asset: ImmichAsset) => boolean, limit: number): Told {
  const open = found.filter(({ next }) => next !== undefined);
  const horizon = Math.max(...open.map(({ assets }) => assets.at(-1)?.fileCreatedAt ?? Number.NEGATIVE_INFINITY));
  const all = new Map(found.flatMap(({ assets }) => assets.filter(isNew).map((asset) => [asset.id, asset])));
  const inOrder = [...all.values()].sort((a, b) => b.fileCreatedAt - a.fileCreatedAt);
  const near = inOrder.filter(({ fileCreatedAt }) => fileCreatedAt >= horizon);
  const assets = near.slice(0, limit);
  return { assets, more: open.length > 0 || assets.length < inOrder.length };
}

function pageOf({ assets, more }: Told, before: Place | undefined, userId: string): ImmichPage {
  const last = assets.at(-1);
  const own = assets.filter(({ ownerId }) => ownerId === userId);
  if (!more || last === undefined) return { assets: own, next: undefined };
  // Never back up: a photo that was added in the millisecond behind the place would make what is newer be told again.
  const at = Math.min(last.fileCreatedAt, before?.at ?? last.fileCreatedAt);
  const here = assets.filter(({ fileCreatedAt }) => fileCreatedAt <= at + 1).map(({ id }) => shortId(id));
  const still = before !== undefined && before.at <= at + 1 ? before.seen : [];
  return { assets: own, next: writeCursor({ at, seen: new Set([...still, ...here]) }) };
}
