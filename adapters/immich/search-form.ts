import { z } from 'zod';
import type { ImmichPageInput } from '../../domain/immich.ts';

/** Which rows one request asks for; milliseconds since 1970, both bounds inclusive. */
export interface Wanted extends Pick<ImmichPageInput, 'createdAfter' | 'takenFrom' | 'albums' | 'people'> {
  readonly takenTo: number | undefined;
  readonly videos: boolean;
}

/** One of the questions that a form needs for all that is wanted. */
export type Question = (page: string | undefined, size: number) => object;

/**
 * How a search is asked (sheet 5.3). `flat` is understood by every version from 2.5 to 3.2, takes one visibility and wants a
 * photo to be in all albums that are named: more questions, whose rows are merged. `filter` came with 3.2 and asks it all at
 * once; older servers pass over it in silence and answer with everything.
 */
export type SearchForm = 'flat' | 'filter';

export const questionsIn = (form: SearchForm, wanted: Wanted): readonly Question[] =>
  form === 'flat' ? flatQuestions(wanted) : [filterQuestion(wanted)];

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());
const include = { withExif: true, withPeople: true, withStacked: true };

function flatQuestions({ videos, createdAfter, takenFrom, takenTo, albums, people }: Wanted): readonly Question[] {
  const each = (ids: readonly string[] | undefined) => ids?.map((id) => [id]) ?? [undefined];
  const all = ['timeline', 'archive'].flatMap((visibility) =>
    each(albums).flatMap((albumIds) => each(people).map((personIds) => ({ visibility, albumIds, personIds }))),
  );
  return all.map((part) => (page, size) => ({
    ...include,
    ...part,
    // One type or all of them: sounds and other files are left out by the rules that leave out trash too.
    type: videos ? undefined : 'IMAGE',
    createdAfter: iso(createdAfter),
    takenAfter: iso(takenFrom),
    takenBefore: iso(takenTo),
    order: 'desc',
    page: page === undefined ? 1 : Number(page),
    size,
  }));
}

function filterQuestion({ videos, createdAfter, takenFrom, takenTo, albums, people }: Wanted): Question {
  const filter = {
    visibility: { in: ['timeline', 'archive'] },
    type: videos ? { in: ['IMAGE', 'VIDEO'] } : { eq: 'IMAGE' },
    // The trash is not left out by itself here.
    trashedAt: { eq: null },
    ...(createdAfter !== undefined && { createdAt: { gte: iso(createdAfter) } }),
    ...((takenFrom !== undefined || takenTo !== undefined) && { takenAt: { gte: iso(takenFrom), lte: iso(takenTo) } }),
    ...(albums !== undefined && { albumIds: { any: albums } }),
    ...(people !== undefined && { personIds: { any: people } }),
  };
  const orderBy = { field: 'fileCreatedAt', direction: 'desc' };
  return (cursor, size) => ({ ...include, filter, orderBy, ...(cursor !== undefined && { cursor }), size });
}

/** `nextCursor` is there, null at the end, where the server knows the filter. */
export const searchAnswer = z.object({
  assets: z.object({
    items: z.array(z.unknown()),
    nextPage: z.union([z.string(), z.number().transform(String)]).nullish(),
    nextCursor: z.string().nullish(),
  }),
});
