import { z } from 'zod';
import { answerSuggestions, faceMissing, giveFace } from '../../people.ts';
import { idPath } from '../parameters.ts';
import type { PeopleRoutesDeps } from '../people-api.ts';
import { type Route, route } from '../route.ts';
import { exampleFace, faceShape, whoShape } from './shapes.ts';

const change = z.union([
  z.strictObject({ person: whoShape.nullable().meta({ description: 'null: it is nobody that is known.' }) }),
  z.strictObject({
    suggestion: z.enum(['accept', 'reject']).meta({ description: 'Is it the one whom it was suggested for?' }),
  }),
]);

/** One face. */
export const oneFaceRoutes = ({ api }: PeopleRoutesDeps): readonly Route[] => [
  route({
    method: 'PATCH',
    path: '/image/faces/:id',
    access: 'token',
    tag: 'Faces',
    summary: 'Say whose a face is',
    description: 'What a person says of a face is not changed by programs.',
    params: idPath('the face'),
    body: change,
    returns: { json: faceShape },
    problems: ['face-missing', 'person-missing', 'person-merged', 'name-invalid'],
    examples: [
      {
        title: 'It is Anna',
        params: { id: '240' },
        body: { person: { name: 'Anna Berg' } },
        answer: { ...exampleFace, assignedBy: 'person' },
      },
      { title: 'The suggestion was right', params: { id: '240' }, body: { suggestion: 'accept' }, answer: exampleFace },
    ],
    async answer({ params: { id }, body }) {
      const people = await api();
      if ('suggestion' in body) await answerSuggestions(people, { [body.suggestion]: [id] });
      else await giveFace(people, id, body.person);
      const face = await people.faces.find(id);
      if (face === undefined) throw faceMissing(id);
      return { json: face };
    },
  }),
  route({
    method: 'DELETE',
    path: '/image/faces/:id',
    access: 'token',
    tag: 'Faces',
    summary: 'Delete a face',
    description: 'For what is no face. A photo whose last one goes is noted as one without faces.',
    params: idPath('the face'),
    returns: { nothing: true },
    problems: ['face-missing'],
    examples: [{ params: { id: '240' } }],
    async answer({ params: { id } }) {
      if ((await (await api()).faces.remove([id])) === 0) throw faceMissing(id);
      return { status: 204 };
    },
  }),
];
