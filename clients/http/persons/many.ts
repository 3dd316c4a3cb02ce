import { z } from 'zod';
import { libraryQuery } from '../faces/shapes.ts';
import { shortText, wholeNumber, yesOrNo } from '../parameters.ts';
import { libraryNamed, type PeopleRoutesDeps } from '../people-api.ts';
import { type Route, route } from '../route.ts';
import { changeOf, exampleListed, examplePerson, listedPersonShape, newPersonShape, personShape } from './shapes.ts';

/** All people. */
export const personsRoutes = ({ api }: PeopleRoutesDeps): readonly Route[] => [
  route({
    method: 'GET',
    path: '/persons',
    access: 'token',
    tag: 'People',
    summary: 'The people on the photos',
    description:
      'Those with a name first, by it; then those whom nobody has named, most faces first. Pages go on with `offset`; people who are ' +
      'made, named or merged meanwhile may shift them.',
    query: z.strictObject({
      library: libraryQuery,
      only: z.enum(['named', 'unnamed']).optional(),
      name: shortText(200).optional().meta({ description: 'Only whose name has this in it.' }),
      hidden: yesOrNo(false).meta({ description: 'Hidden ones too.' }),
      limit: wholeNumber({ least: 1, most: 1_000, usual: 100 }),
      offset: wholeNumber({ least: 0, most: 1_000_000, usual: 0 }),
    }),
    returns: {
      json: z.object({
        persons: z.array(listedPersonShape),
        next: z.number().optional().meta({ description: 'For `offset`; absent at the end.' }),
      }),
    },
    problems: ['library-missing'],
    examples: [{ query: { library: 'pictures', only: 'named' }, answer: { persons: [exampleListed] } }],
    async answer({ query: { library, only, name: words, hidden: withHidden, limit, offset } }) {
      const people = await api();
      const found = await people.persons.list({
        withHidden,
        limit: limit + 1,
        offset,
        ...(await libraryNamed(people, library)),
        ...(only !== undefined && { only }),
        ...(words !== undefined && { words }),
      });
      const persons = found.slice(0, limit);
      return { json: { persons, ...(found.length > limit && { next: offset + limit }) } };
    },
  }),
  route({
    method: 'POST',
    path: '/persons',
    access: 'token',
    tag: 'People',
    summary: 'Make a person',
    body: newPersonShape,
    returns: { status: 201, json: personShape },
    problems: ['name-taken', 'name-invalid', 'value-invalid'],
    examples: [{ body: { name: 'Anna Berg', birthDate: '1984-02-29' }, answer: examplePerson }],
    answer: async ({ body }) => ({ json: await (await api()).persons.create(changeOf(body)) }),
  }),
];
