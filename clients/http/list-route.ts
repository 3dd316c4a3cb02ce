import { z } from 'zod';
import { assetStates } from '../../domain/asset.ts';
import type { PhotoCursor } from '../../domain/search.ts';
import { photoAsJson } from '../commands/search.ts';
import { photoQuery } from '../photo-query.ts';
import { type GetApi, libraryNamed } from './engine-api.ts';
import { shortText, wholeNumber } from './parameters.ts';
import { harbour, photoShape } from './photo-shapes.ts';
import { problem } from './problems.ts';
import { type Route, route } from './route.ts';

const day = (which: string) =>
  shortText(10)
    .optional()
    .meta({ description: `Taken ${which}: a day, a month or a year (2024-05-31, 2024-05, 2024).` });

const listQuery = z.strictObject({
  q: shortText(200).optional().meta({
    description:
      'Words that are all in the description or in the name of somebody on it, at most 12; `"a phrase"`; `-not this`.',
  }),
  person: shortText(200)
    .optional()
    .meta({ description: 'Somebody on it: the id of a person, or a name or a part of it.' }),
  library: shortText(200).optional().meta({ description: 'The name of a library.' }),
  state: z.enum(assetStates).optional().meta({ description: 'Any but `gone` where it is absent.' }),
  from: day('then or later'),
  to: day('then or before'),
  limit: wholeNumber({ least: 1, most: 500, usual: 50 }),
  cursor: shortText(200)
    .optional()
    .meta({ description: 'The `next` of the page before; with the same other parameters.' }),
});

/** What `darkroom search` finds, and all others. */
export const listRoute = (api: GetApi): Route =>
  route({
    method: 'GET',
    path: '/assets',
    access: 'token',
    tag: 'Photos',
    summary: 'Photos, all or those that fit',
    description:
      'Words are found in all their forms, in the language of the description. With `q` or `person` the newest come first, ' +
      'otherwise the order is that in which they became known.',
    query: listQuery,
    returns: {
      json: z.object({
        photos: z.array(photoShape),
        next: z.string().optional().meta({ description: 'The cursor of the next page; absent on the last one.' }),
        notSearchableYet: z.number().optional().meta({
          description: 'Older descriptions that `q` does not find yet: the engine goes through them.',
        }),
      }),
    },
    problems: ['library-missing', 'cursor-invalid', 'not-possible'],
    examples: [
      {
        title: 'Search',
        query: { q: 'harbour "red boat"', from: '2024', limit: '20' },
        answer: { photos: [{ ...harbour, snippet: 'in front of a red boat in the old harbour' }] },
      },
      {
        title: 'What needs somebody',
        query: { state: 'parked', library: 'pictures', limit: '2' },
        answer: {
          photos: [
            {
              assetId: '9',
              library: 'pictures',
              path: 'torn.jpg',
              file: '/home/anna/pictures/torn.jpg',
              state: 'parked',
              people: [],
            },
          ],
        },
      },
    ],
    async answer({ query: { q, person, library, state, from, to, limit, cursor } }) {
      const at = await api();
      const { search } = at.opened;
      const after = cursor === undefined ? undefined : cursorOf(cursor);
      const name = await libraryNamed(at, library);
      const question = await photoQuery(search, { words: q, person, from, to });
      const { photos, next } = await search.find({
        ...question,
        limit,
        ...(name !== undefined && { library: name }),
        ...(state !== undefined && { state }),
        ...(after !== undefined && { after }),
      });
      const left = q === undefined ? 0 : await search.unsearchable();
      return {
        json: {
          photos: photos.map(photoAsJson),
          ...(next !== undefined && { next: cursorText(next) }),
          ...(left > 0 && { notSearchableYet: left }),
        },
      };
    },
  });

const cursorText = ({ assetId, takenAt }: PhotoCursor): string =>
  Buffer.from(JSON.stringify(takenAt === undefined ? [assetId] : [assetId, takenAt])).toString('base64url');

const cursorShape = z.union([
  z.tuple([z.string().regex(/^\d{1,18}$/)]).transform(([assetId]): PhotoCursor => ({ assetId })),
  z
    .tuple([z.string().regex(/^\d{1,18}$/), z.string().max(40).nullable()])
    .transform(([assetId, takenAt]): PhotoCursor => ({ assetId, takenAt })),
]);

function cursorOf(text: string): PhotoCursor {
  try {
    return cursorShape.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    throw problem('cursor-invalid', 'The cursor is not one that a page gave out. Begin without one.');
  }
}
