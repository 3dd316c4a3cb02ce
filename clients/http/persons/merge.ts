import { z } from 'zod';
import { PeopleError } from '../../../domain/person.ts';
import { openMerges } from '../../people.ts';
import { idPath } from '../parameters.ts';
import type { PeopleApi, PeopleRoutesDeps } from '../people-api.ts';
import { problem } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { exampleMerge, examplePerson, mergeAnswer, personShape } from './shapes.ts';

const personId = z.string().regex(/^\d{1,18}$/);
const mostAtOnce = 100;
/** Each is one statement, with a limit of its own (20 s), after a look: longer than any of it, so that what was done is told. */
const longestMs = 120_000;

const mergedShape = z.object({
  done: z.boolean(),
  target: z
    .object({ before: personShape, after: personShape, faces: z.number().meta({ description: 'Before.' }) })
    .optional()
    .meta({ description: 'Absent where there is no such person.' }),
  sources: z.array(z.object({ person: personShape, faces: z.number() })).meta({
    description: 'Who become the target; those who did so before are not among them.',
  }),
  problems: z.array(z.string()).meta({ description: 'Why it could not be done, in words.' }),
  merges: z.array(z.object({ mergeId: z.string(), sourceId: z.string(), faces: z.number(), isNew: z.boolean() })),
});

/** Merging people, and taking it back. */
export const mergeRoutes = ({ api }: PeopleRoutesDeps): readonly Route[] => [
  route({
    method: 'POST',
    path: '/persons/:id/merge',
    access: 'token',
    longestMs,
    tag: 'People',
    summary: 'Say that others are this person, too',
    description:
      'All of them or none. Their faces become those of this person; a name, notes, entity id and birth date are copied where they ' +
      'are lacking. With `preview` nothing is changed. It can be taken back.',
    params: idPath('the person who stays'),
    body: z.strictObject({
      sources: z.array(personId).min(1).max(mostAtOnce).meta({ description: 'Ids of those who are this person, too.' }),
      preview: z.boolean().optional(),
    }),
    returns: { json: mergedShape },
    problems: ['person-missing', 'person-merged', 'merge-into-itself'],
    examples: [
      {
        params: { id: '17' },
        body: { sources: ['21'] },
        answer: {
          done: true,
          target: { before: examplePerson, after: examplePerson, faces: 34 },
          sources: [{ person: { personId: '21', notes: '', hidden: false }, faces: 12 }],
          problems: [],
          merges: [{ mergeId: '5', sourceId: '21', faces: 12, isNew: true }],
        },
      },
    ],
    async answer({ params: { id: target }, body: { sources, preview = false } }) {
      const { merges } = await api();
      const input = { sources, target };
      const before = await merges.preview(input);
      const done = preview ? [] : await merges.merge(input);
      const { target: kept, sources: others, problems } = before;
      return {
        json: {
          done: !preview,
          ...(kept && { target: kept }),
          sources: [...others],
          problems: [...problems],
          merges: [...done],
        },
      };
    },
  }),
  route({
    method: 'POST',
    path: '/persons/:id/unmerge',
    access: 'token',
    longestMs,
    tag: 'People',
    summary: 'Take a merge back',
    description:
      'Of a person on either side of it. Where there are several, `mergeId` says which one. Faces that somebody has assigned since ' +
      'stay where they are. A second call changes nothing.',
    params: idPath('the person'),
    body: z.strictObject({ mergeId: personId.optional().meta({ description: 'Its id; the only one unless told.' }) }),
    returns: {
      json: z.object({
        sourceId: z.string().meta({ description: 'Who is somebody of their own again.' }),
        targetId: z.string(),
        faces: z.number().meta({ description: 'That went back.' }),
        isNew: z.boolean(),
      }),
    },
    problems: ['merge-missing', 'merge-several', 'name-taken'],
    examples: [
      {
        params: { id: '17' },
        body: { mergeId: exampleMerge.mergeId },
        answer: { sourceId: '21', targetId: '17', faces: 12, isNew: true },
      },
    ],
    async answer({ params: { id }, body }) {
      const people = await api();
      return { json: await people.merges.unmerge(await mergeMeant(people, id, body.mergeId)) };
    },
  }),
];

/** Throws PeopleError merge-missing, and the problem merge-several. */
async function mergeMeant(people: PeopleApi, id: string, merge: string | undefined): Promise<string> {
  const none = () => new PeopleError('merge-missing', `Person ${id} has no such merge that could be taken back.`);
  if (merge !== undefined) {
    const all = await people.merges.mergesOf(id);
    if (all.every(({ mergeId }) => mergeId !== merge)) throw none();
    return merge;
  }
  const [only, ...others] = await openMerges(people, id);
  if (only === undefined) throw none();
  if (others.length === 0) return only.mergeId;
  const merges = [only, ...others].map(mergeAnswer);
  throw problem('merge-several', `Person ${id} has several merges: say which one, by \`mergeId\`.`, {
    more: { merges },
  });
}
