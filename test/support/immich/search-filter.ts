import { z } from 'zod';
import { hasExif, settle } from './jobs.ts';
import type { AssetRow } from './rows.ts';
import type { State } from './state.ts';

/**
 * The filter of 3.2 (sheet 5.3), as far as it is played. From the specification of 3.2 and never seen on a live server:
 * that unknown keys are refused, and that `eq: ''` selects what has no description.
 */
const text = z.strictObject({
  eq: z.string().nullish(),
  ne: z.string().nullish(),
  in: z.array(z.string()).optional(),
  notIn: z.array(z.string()).optional(),
  like: z.string().optional(),
  notLike: z.string().optional(),
  startsWith: z.string().optional(),
  endsWith: z.string().optional(),
});
const instant = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value));
const date = z.strictObject({
  eq: instant.nullish(),
  ne: instant.nullish(),
  gt: instant.optional(),
  gte: instant.optional(),
  lt: instant.optional(),
  lte: instant.optional(),
});
const oneOf = z.strictObject({
  eq: z.string().nullish(),
  ne: z.string().nullish(),
  in: z.array(z.string()).optional(),
  notIn: z.array(z.string()).optional(),
});
const flag = z.strictObject({ eq: z.boolean() });
const ids = z.strictObject({
  any: z.array(z.uuid()).optional(),
  all: z.array(z.uuid()).optional(),
  none: z.array(z.uuid()).optional(),
});
const branch = z.strictObject({
  id: oneOf.optional(),
  libraryId: oneOf.optional(),
  type: oneOf.optional(),
  visibility: oneOf.optional(),
  description: text.optional(),
  originalFileName: text.optional(),
  takenAt: date.optional(),
  createdAt: date.optional(),
  updatedAt: date.optional(),
  trashedAt: date.optional(),
  isOffline: flag.optional(),
  isFavorite: flag.optional(),
  hasAlbums: flag.optional(),
  hasPeople: flag.optional(),
  hasTags: flag.optional(),
  albumIds: ids.optional(),
  personIds: ids.optional(),
  tagIds: ids.optional(),
});
export const searchFilterSchema = branch.extend({ or: z.array(branch).optional() });

type Branch = z.output<typeof branch>;
export type SearchFilter = z.output<typeof searchFilterSchema>;

export function fitsFilter(state: State, { or = [], ...own }: SearchFilter, row: AssetRow): boolean {
  settle(state, row);
  return fitsBranch(state, own, row) && (or.length === 0 || or.some((each) => fitsBranch(state, each, row)));
}

function fitsBranch(state: State, wanted: Branch, row: AssetRow): boolean {
  const albums = state.index.albumsOf(row.id);
  const people = new Set(row.faces.flatMap(({ personId }) => personId ?? []));
  // A left join: without an exif row the description is null, which is neither equal nor unequal to a text.
  const description = hasExif(row) ? row.description : null;
  return (
    fitsValue(wanted.id, row.id) &&
    fitsValue(wanted.libraryId, row.libraryId) &&
    fitsValue(wanted.type, row.type) &&
    fitsValue(wanted.visibility, row.visibility) &&
    fitsText(wanted.description, description) &&
    fitsText(wanted.originalFileName, row.originalFileName) &&
    fitsDate(wanted.takenAt, row.fileCreatedAt) &&
    fitsDate(wanted.createdAt, row.createdAt) &&
    fitsDate(wanted.updatedAt, row.updatedAt) &&
    fitsDate(wanted.trashedAt, row.deletedAt) &&
    fitsFlag(wanted.isOffline, row.isOffline) &&
    fitsFlag(wanted.isFavorite, row.isFavorite) &&
    fitsFlag(wanted.hasAlbums, albums.size > 0) &&
    fitsFlag(wanted.hasPeople, row.faces.length > 0) &&
    fitsFlag(wanted.hasTags, row.tags.length > 0) &&
    fitsIds(wanted.albumIds, albums) &&
    fitsIds(wanted.personIds, people) &&
    fitsIds(wanted.tagIds, new Set(row.tags))
  );
}

const fitsFlag = (wanted: z.output<typeof flag> | undefined, is: boolean): boolean =>
  wanted === undefined || wanted.eq === is;

function fitsIds(wanted: z.output<typeof ids> | undefined, has: ReadonlySet<string>): boolean {
  if (wanted === undefined) return true;
  const { any, all = [], none = [] } = wanted;
  return (
    (any === undefined || any.some((id) => has.has(id))) &&
    all.every((id) => has.has(id)) &&
    !none.some((id) => has.has(id))
  );
}

interface Equality<T> {
  readonly eq?: T | null | undefined;
  readonly ne?: T | null | undefined;
  readonly in?: readonly T[] | undefined;
  readonly notIn?: readonly T[] | undefined;
}

/** As SQL compares: null equals nothing but the question for null. */
function fitsValue<T>(wanted: Equality<T> | undefined, is: T | null): boolean {
  if (wanted === undefined) return true;
  const { eq, ne, in: among, notIn } = wanted;
  if (eq !== undefined && (eq === null ? is !== null : is !== eq)) return false;
  if (ne !== undefined && (ne === null ? is === null : is === null || is === ne)) return false;
  if (among !== undefined && (is === null || !among.includes(is))) return false;
  return notIn === undefined || (is !== null && !notIn.includes(is));
}

const folded = (value: string): string => value.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

function fitsText(wanted: z.output<typeof text> | undefined, is: string | null): boolean {
  if (wanted === undefined) return true;
  const { like, notLike, startsWith, endsWith, ...plain } = wanted;
  if (!fitsValue(plain, is)) return false;
  const holds = (part: string | undefined, test: (own: string, other: string) => boolean): boolean =>
    part === undefined || (is !== null && test(folded(is), folded(part)));
  return (
    holds(like, (own, part) => own.includes(part)) &&
    holds(notLike, (own, part) => !own.includes(part)) &&
    holds(startsWith, (own, part) => own.startsWith(part)) &&
    holds(endsWith, (own, part) => own.endsWith(part))
  );
}

function fitsDate(wanted: z.output<typeof date> | undefined, is: number | null): boolean {
  if (wanted === undefined) return true;
  const { gt, gte, lt, lte, ...plain } = wanted;
  if (!fitsValue(plain, is)) return false;
  if (gt === undefined && gte === undefined && lt === undefined && lte === undefined) return true;
  if (is === null) return false;
  return is > (gt ?? -Infinity) && is >= (gte ?? -Infinity) && is < (lt ?? Infinity) && is <= (lte ?? Infinity);
}
