import { z } from 'zod';
import type { Person } from '../../../domain/person.ts';
import { personOf } from '../../people.ts';
import { exampleFace, faceOfPersonShape, libraryQuery } from '../faces/shapes.ts';
import { tagsOf } from '../etag.ts';
import { idPath, idText, wholeNumber } from '../parameters.ts';
import { libraryNamed, orProblem, type PeopleApi, type PeopleRoutesDeps } from '../people-api.ts';
import { type Route, route } from '../route.ts';
import {
  changeOf,
  changeShape,
  exampleListed,
  exampleMerge,
  examplePerson,
  listedPersonShape,
  mergeAnswer,
  mergeShape,
  personShape,
} from './shapes.ts';

const params = idPath('the person');
const there = ['person-missing', 'person-merged'] as const;
const example = { id: '17' };
const wholeShape = listedPersonShape
  .extend({ merges: z.array(mergeShape).meta({ description: 'That this person is part of, the newest first.' }) })
  .meta({ id: 'PersonWhole' });

/** One person. */
export const onePersonRoutes = ({ api }: PeopleRoutesDeps): readonly Route[] => [
  route({
    method: 'GET',
    path: '/persons/:id',
    access: 'token',
    tag: 'People',
    summary: 'All that is known of a person',
    params,
    returns: { json: wholeShape },
    problems: there,
    examples: [{ params: example, answer: { ...exampleListed, merges: [exampleMerge] } }],
    async answer({ params: { id } }) {
      const people = await api();
      const [seen, merges] = await Promise.all([seenOf(people, id), people.merges.mergesOf(id)]);
      return { json: { ...seen, merges: merges.map(mergeAnswer) } };
    },
  }),
  route({
    method: 'PATCH',
    path: '/persons/:id',
    access: 'token',
    tag: 'People',
    summary: 'Change what is said of a person',
    description:
      'What is left out stays. A name that is given, changed or hidden marks the photos in folders that were described before; ' +
      '`darkroom backfill <library> --redo people` describes them again.',
    params,
    body: changeShape,
    returns: { json: personShape },
    problems: [...there, 'name-taken', 'name-invalid', 'value-invalid', 'face-missing'],
    examples: [{ params: example, body: { name: 'Anna Berg' }, answer: examplePerson }],
    answer: async ({ params: { id }, body }) => ({
      json: await (await api()).persons.change(id, changeOf(body)),
    }),
  }),
  route({
    method: 'DELETE',
    path: '/persons/:id',
    access: 'token',
    tag: 'People',
    summary: 'Delete a person',
    description:
      'And those who were merged into them, for good. set_null: their faces stay and belong to nobody. delete: their faces go, ' +
      'too, also those that people drew.',
    params,
    query: z.strictObject({ cascade: z.enum(['set_null', 'delete']).default('set_null') }),
    returns: {
      json: z.object({
        faces: z.number().meta({ description: 'They had so many.' }),
        manualFaces: z.number().meta({ description: 'Of these, drawn by hand.' }),
        cascade: z.enum(['set_null', 'delete']),
      }),
    },
    problems: there,
    examples: [
      { params: example, query: { cascade: 'set_null' }, answer: { faces: 34, manualFaces: 1, cascade: 'set_null' } },
    ],
    async answer({ params: { id }, query: { cascade } }) {
      const people = await api();
      const removed = await people.persons.remove(id, cascade);
      if (removed !== undefined) return { json: { ...removed, cascade } };
      throw await personOf(people, { id }).then(notThere, (error: unknown) => error);
    },
  }),
  route({
    method: 'GET',
    path: '/persons/:id/faces',
    access: 'token',
    tag: 'People',
    summary: 'The faces of a person, by page',
    params,
    query: z.strictObject({
      library: libraryQuery,
      limit: wholeNumber({ least: 1, most: 1_000, usual: 100 }),
      after: idText('the last face of the page before').optional(),
    }),
    returns: {
      json: z.object({
        faces: z.array(faceOfPersonShape),
        next: z.string().optional().meta({ description: 'For `after`; absent at the end.' }),
      }),
    },
    problems: [...there, 'library-missing'],
    examples: [
      {
        params: example,
        query: { limit: '1' },
        answer: {
          faces: [{ ...exampleFace, asset: { assetId: '900', library: 'pictures', path: '2024/Norway/IMG_2031.jpg' } }],
          next: '240',
        },
      },
    ],
    async answer({ params: { id: personId }, query: { library, limit, after } }) {
      const people = await api();
      await personOf(people, { id: personId });
      const named = await libraryNamed(people, library);
      const found = await people.persons.faces({
        personId,
        limit: limit + 1,
        ...named,
        ...(after !== undefined && { after }),
      });
      const faces = found.slice(0, limit);
      const last = found.length > limit ? faces.at(-1) : undefined;
      return { json: { faces: faces, ...(last && { next: last.faceId }) } };
    },
  }),
  route({
    method: 'GET',
    path: '/persons/:id/cover',
    access: 'token',
    tag: 'People',
    summary: 'The face that stands for a person',
    description:
      'Cut out of a photo: the face that somebody chose for it, or else the largest and surest one. `ETag` is the same as long as ' +
      'that is: with `If-None-Match` it is 304.',
    params,
    returns: { bytes: 'image/jpeg' },
    problems: [...there, 'face-missing', 'photo-gone', 'photo-changed', 'photo-locked', 'picture-unreadable'],
    examples: [{ params: example }],
    async answer({ params: { id }, header, signal }) {
      const has = tagsOf(header('if-none-match'));
      const known = (tag: string) => has.has(`"${tag}"`);
      const { tag, jpeg } = await orProblem((await api()).photos.cover(id, { known, signal }));
      const headers = { etag: `"${tag}"`, 'cache-control': 'private, no-cache' };
      return jpeg === undefined ? { status: 304, headers } : { bytes: jpeg, headers };
    },
  }),
];

/** A person who was made between two looks is not there for the one who asked first. */
const notThere = ({ personId }: Person): Error => new Error(`Person ${personId} came and went.`);

/** Throws PeopleError. */
async function seenOf(people: PeopleApi, id: string) {
  const person = await personOf(people, { id });
  const [seen] = await people.persons.list({ ids: [id], withHidden: true, limit: 1 });
  return seen ?? { ...person, faces: 0, photos: 0, libraries: [] };
}
