import { endianness } from 'node:os';
import { z } from 'zod';
import { idText, wholeNumber, yesOrNo } from '../parameters.ts';
import { libraryNamed, type PeopleRoutesDeps } from '../people-api.ts';
import { type Route, route } from '../route.ts';
import { libraryQuery } from './shapes.ts';

const counts = z.object({
  model: z.string(),
  photosWithFaces: z.number(),
  photosWithoutFaces: z.number(),
  photosFailed: z.number().meta({ description: 'Pictures that the face service cannot do.' }),
  faces: z.number().meta({ description: 'Of this model, and drawn by hand.' }),
  manualFaces: z.number(),
  assignedFaces: z.number(),
  suggestedFaces: z.number(),
  people: z.number(),
  namedPeople: z.number(),
  hiddenPeople: z.number(),
});

const vectors = z.object({
  model: z.string().meta({ description: 'Vectors of different models must never be compared.' }),
  faces: z.array(
    z.object({
      faceId: z.string(),
      contentHash: z.string(),
      personId: z.string().optional().meta({ description: 'Id of the person who has it.' }),
      embedding: z.string().meta({ description: '512 float32, little-endian, in base64.' }),
    }),
  ),
  next: z.string().optional().meta({ description: 'For `after`; absent at the end.' }),
});

/** Figures and vectors of all faces. */
export const manyFacesRoutes = ({ api }: PeopleRoutesDeps): readonly Route[] => [
  route({
    method: 'GET',
    path: '/faces/stats',
    access: 'token',
    tag: 'Faces',
    summary: 'How many faces and people are known',
    description: 'Photos are counted by their bytes: copies count once. People who were merged count as one.',
    query: z.strictObject({ library: libraryQuery }),
    returns: { json: counts },
    problems: ['library-missing'],
    examples: [{ query: { library: 'pictures' }, answer: exampleCounts }],
    async answer({ query }) {
      const people = await api();
      const library = await libraryNamed(people, query.library);
      return { json: { model: people.model, ...(await people.persons.stats({ model: people.model, ...library })) } };
    },
  }),
  route({
    method: 'GET',
    path: '/faces/embeddings',
    access: 'token',
    tag: 'Faces',
    summary: 'Vectors of faces, by page',
    description:
      'In the order of their ids. For all of them go on with `after`, which costs the same for every page; `offset` passes over ' +
      'what comes before.',
    query: z.strictObject({
      library: libraryQuery,
      unassigned: yesOrNo(false).meta({ description: 'Only those that nobody has.' }),
      limit: wholeNumber({ least: 1, most: 1_000, usual: 200 }),
      offset: wholeNumber({ least: 0, most: 100_000_000, usual: 0 }),
      after: idText('the last face of the page before').optional(),
    }),
    returns: { json: vectors },
    problems: ['library-missing'],
    examples: [
      {
        query: { unassigned: 'true', limit: '200', after: '240' },
        answer: {
          model: 'buffalo_l',
          faces: [{ faceId: '241', contentHash: '9f86d081884c7d65…', embedding: 'zczMPQAAgL8…' }],
          next: '241',
        },
      },
    ],
    async answer({ query: { library, unassigned, limit, offset, after } }) {
      const people = await api();
      const { model } = people;
      const page = await people.vectors.page({
        model,
        unassigned,
        limit: limit + 1,
        offset,
        ...(await libraryNamed(people, library)),
        ...(after !== undefined && { after }),
      });
      const these = page.slice(0, limit);
      const last = page.length > limit ? these.at(-1) : undefined;
      const faces = these.map(({ faceId, contentHash, personId, embedding }) => ({
        faceId,
        contentHash,
        ...(personId !== undefined && { personId }),
        embedding: base64Of(embedding),
      }));
      return { json: { model, faces, ...(last && { next: last.faceId }) } };
    },
  }),
];

const isBig = endianness() === 'BE';

function base64Of(embedding: Float32Array): string {
  const bytes = Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength);
  return (isBig ? Buffer.from(bytes).swap32() : bytes).toString('base64');
}

const exampleCounts: z.input<typeof counts> = {
  model: 'buffalo_l',
  photosWithFaces: 5_120,
  photosWithoutFaces: 2_400,
  photosFailed: 3,
  faces: 9_300,
  manualFaces: 12,
  assignedFaces: 8_100,
  suggestedFaces: 240,
  people: 160,
  namedPeople: 41,
  hiddenPeople: 2,
};
