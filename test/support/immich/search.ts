import { z } from 'zod';
import { assetAnswer } from './answers.ts';
import { hasExif, settle } from './jobs.ts';
import type { AssetRow, UserRow } from './rows.ts';
import { fitsFilter, searchFilterSchema } from './search-filter.ts';
import { Refused } from './refused.ts';
import { atLeast, type State } from './state.ts';
import type { WireSearch } from './wire.ts';

const when = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const ids = z.array(z.uuid());

/** The fields of 2.5 and newer that are played; others are passed over, as Immich does with what it does not know. */
const searchSchema = z.object({
  size: z.int().min(1).max(1000).default(250),
  page: z.int().min(1).default(1),
  order: z.enum(['asc', 'desc']).default('desc'),
  type: z.enum(['IMAGE', 'VIDEO', 'AUDIO', 'OTHER']).optional(),
  visibility: z.enum(['archive', 'timeline', 'hidden', 'locked']).optional(),
  isOffline: z.boolean().optional(),
  isFavorite: z.boolean().optional(),
  isNotInAlbum: z.boolean().optional(),
  libraryId: z.uuid().nullish(),
  withExif: z.boolean().default(false),
  withPeople: z.boolean().default(false),
  withDeleted: z.boolean().default(false),
  createdAfter: when.optional(),
  createdBefore: when.optional(),
  takenAfter: when.optional(),
  takenBefore: when.optional(),
  updatedAfter: when.optional(),
  updatedBefore: when.optional(),
  trashedAfter: when.optional(),
  trashedBefore: when.optional(),
  description: z.string().optional(),
  originalFileName: z.string().optional(),
  id: z.uuid().optional(),
  checksum: z.string().optional(),
  albumIds: ids.optional(),
  personIds: ids.optional(),
  tagIds: ids.nullish(),
  filter: searchFilterSchema.optional(),
  cursor: z.string().optional(),
  orderBy: z
    .strictObject({
      field: z.enum(['fileCreatedAt', 'localDateTime', 'fileSizeInBytes', 'rating']).default('fileCreatedAt'),
      direction: z.enum(['asc', 'desc']).default('desc'),
    })
    .optional(),
});
type Search = z.output<typeof searchSchema>;

/** POST /search/metadata (sheet 5.3). */
export function searchMetadata(state: State, user: UserRow, body: unknown): WireSearch {
  const search = parse(state, body);
  const found = matching(state, user, search);
  const start = search.cursor === undefined ? (search.page - 1) * search.size : cursorStart(search.cursor);
  // Offset paging: rows that are added meanwhile shift what comes next (sheet 5.3).
  const rows: AssetRow[] = [];
  let [passed, more] = [0, false];
  for (const row of found) {
    if (rows.length === search.size) {
      more = true;
      break;
    }
    if (passed >= start) rows.push(row);
    passed += 1;
  }
  const asked = { exif: search.withExif, people: search.withPeople, tags: false };
  const end = start + rows.length;
  return {
    albums: { total: 0, count: 0, items: [], facets: [] },
    assets: {
      // Of this page, not of all (sheet 5.3).
      total: rows.length,
      count: rows.length,
      items: rows.map((row) => assetAnswer(state, row, asked)),
      facets: [],
      nextPage: more && usesFlatForm(search) ? String(search.page + 1) : null,
      ...(atLeast(state, '3.2') ? { nextCursor: more ? cursorOf(end) : null } : {}),
    },
  };
}

/** POST /search/statistics. */
export function searchStatistics(state: State, user: UserRow, body: unknown): { total: number } {
  let total = 0;
  for (const _ of matching(state, user, parse(state, body))) total += 1;
  return { total };
}

function parse(state: State, body: unknown): Search {
  const parsed = searchSchema.safeParse(body ?? {});
  if (!parsed.success) throw new Refused(400, 'Validation failed', parsed.error.issues);
  if (parsed.data.visibility === 'locked') throw new Refused(401, 'Elevated permission is required');
  if (atLeast(state, '3.2')) return parsed.data;
  // Before 3.2 these are unknown fields, and unknown fields are passed over in silence: the filter does not filter.
  return { ...parsed.data, filter: undefined, cursor: undefined, orderBy: undefined };
}

const usesFlatForm = ({ filter, cursor, orderBy }: Search): boolean =>
  filter === undefined && cursor === undefined && orderBy === undefined;

// Never seen on a live server: what is in a cursor of 3.2.
const cursorOf = (start: number): string => Buffer.from(JSON.stringify({ start })).toString('base64url');

function cursorStart(cursor: string): number {
  try {
    return z.object({ start: z.int() }).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))).start;
  } catch {
    throw new Refused(400, 'Invalid cursor');
  }
}

/** In order, and only as many as are asked for. */
function* matching(state: State, user: UserRow, search: Search): Generator<AssetRow> {
  // Photos of partners are among the results (sheet 5.3).
  const owners = [user.id, ...user.partners];
  const rows = state.index.candidates(owners, {
    takenFrom: search.takenAfter,
    takenTo: search.takenBefore,
    createdFrom: search.createdAfter,
  });
  const ascending = (search.orderBy?.direction ?? search.order) === 'asc';
  const inOrder = ascending ? rows.toReversed() : rows;
  for (const row of inOrder) {
    if (fits(state, search, row)) yield row;
  }
}

function fits(state: State, search: Search, row: AssetRow): boolean {
  if (!isInSight(state, search, row)) return false;
  // The inner join of withExif leaves out what has no exif row (Immich's searchAssetBuilderLegacy).
  if (usesFlatForm(search) && search.withExif && !hasExif(row)) return false;
  if (search.filter !== undefined && !fitsFilter(state, search.filter, row)) return false;
  return (
    fitsTimes(search, row) && fitsPlain(search, row) && fitsSets(state, search, row) && fitsText(state, search, row)
  );
}

/** What is in the trash or locked is told only to those who ask for it, and the locked never to a key (sheet 5.1). */
function isInSight(state: State, search: Search, row: AssetRow): boolean {
  if (row.visibility === 'locked') return false;
  // With a filter the trash is not excluded by itself (sheet 5.3).
  const trashToo =
    search.withDeleted ||
    search.isOffline === true ||
    search.trashedAfter !== undefined ||
    search.trashedBefore !== undefined ||
    search.filter !== undefined;
  if (row.deletedAt !== null && !trashToo) return false;
  if (search.visibility !== undefined) return row.visibility === search.visibility;
  // Nothing said: version 2 means the timeline, version 3 all but the locked (sheet 5.3).
  return atLeast(state, '3.0') || row.visibility === 'timeline';
}

const within = (at: number | null, from: number | undefined, to: number | undefined): boolean =>
  (from === undefined && to === undefined) || (at !== null && at >= (from ?? -Infinity) && at <= (to ?? Infinity));

const fitsTimes = (search: Search, row: AssetRow): boolean =>
  within(row.fileCreatedAt, search.takenAfter, search.takenBefore) &&
  within(row.createdAt, search.createdAfter, search.createdBefore) &&
  within(row.updatedAt, search.updatedAfter, search.updatedBefore) &&
  within(row.deletedAt, search.trashedAfter, search.trashedBefore);

const equal = <T>(wanted: T | undefined, is: T): boolean => wanted === undefined || wanted === is;

const fitsPlain = (search: Search, row: AssetRow): boolean =>
  equal(search.type, row.type) &&
  equal(search.isOffline, row.isOffline) &&
  equal(search.isFavorite, row.isFavorite) &&
  equal(search.id, row.id) &&
  equal(search.checksum, row.checksum) &&
  (search.libraryId === undefined || search.libraryId === row.libraryId);

/** All of the named albums and people, not one of them, in the flat form (Immich's inAlbums and hasPeople). */
function fitsSets(state: State, { albumIds, personIds, tagIds, isNotInAlbum }: Search, row: AssetRow): boolean {
  const albums = state.index.albumsOf(row.id);
  if (albumIds !== undefined && !albumIds.every((id) => albums.has(id))) return false;
  if (isNotInAlbum === true && albums.size > 0) return false;
  if (personIds !== undefined && !personIds.every((id) => row.faces.some(({ personId }) => personId === id))) {
    return false;
  }
  if (tagIds === null) return row.tags.length === 0;
  return tagIds === undefined || tagIds.every((id) => row.tags.includes(id));
}

/** Without regard to case and accents. */
const folded = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

const fitsText = (state: State, { description, originalFileName }: Search, row: AssetRow): boolean =>
  (description === undefined || folded(settle(state, row).description).includes(folded(description))) &&
  (originalFileName === undefined || folded(row.originalFileName).includes(folded(originalFileName)));
