import { z } from 'zod';
import { orProblem, type PeopleRoutesDeps } from '../people-api.ts';
import { type Route, route } from '../route.ts';
import { boxShape, exampleFace, faceShape, photoQuery, whoShape } from './shapes.ts';

const place = { library: 'pictures', path: '2024/Norway/IMG_2031.jpg' } as const;
const placeProblems = ['library-missing', 'photo-missing', 'photo-gone'] as const;
const pictureProblems = [...placeProblems, 'photo-changed', 'photo-locked', 'picture-unreadable'] as const;

const facesShape = z.object({
  status: z.enum(['unknown', 'detected', 'no_faces', 'failed']).meta({
    description: 'What the model found. unknown: it has not looked yet · failed: it cannot do this picture.',
  }),
  reason: z.string().optional().meta({ description: 'Why it failed.' }),
  faces: z.array(faceShape),
});

/** Faces of one photo. */
export const photoFacesRoutes = ({ api }: PeopleRoutesDeps): readonly Route[] => [
  route({
    method: 'GET',
    path: '/image/faces',
    access: 'token',
    tag: 'Faces',
    summary: 'The faces on a photo, from left to right',
    query: z.strictObject(photoQuery),
    returns: { json: facesShape },
    problems: placeProblems,
    examples: [{ query: place, answer: { status: 'detected', faces: [exampleFace] } }],
    async answer({ query }) {
      const { detection, faces } = await orProblem((await api()).photos.faces(query));
      const status = detection === undefined ? ('unknown' as const) : detection.status;
      const reason = detection?.status === 'failed' ? detection.reason : undefined;
      return { json: { status, reason, faces: [...faces] } };
    },
  }),
  route({
    method: 'POST',
    path: '/image/faces',
    access: 'token',
    tag: 'Faces',
    summary: 'Draw a face by hand',
    description:
      'The face service looks at what lies in the box and a tenth around it. Where none is set up, or it sees no face there, the ' +
      'face is kept without a vector and is like no other; `vector` says so. The same box again is the same face.',
    query: z.strictObject(photoQuery),
    body: z.strictObject({ box: boxShape, person: whoShape.optional() }),
    returns: {
      status: 201,
      json: z.object({
        face: faceShape,
        vector: z.enum(['kept', 'no-service', 'no-face', 'refused']).meta({
          description:
            'no-service: none is set up · no-face: it sees none there · refused: it cannot do this part of the picture.',
        }),
      }),
    },
    problems: [...pictureProblems, 'face-invalid', 'person-missing', 'person-merged', 'name-invalid'],
    examples: [
      {
        query: place,
        body: { box: { x: 0.41, y: 0.2, width: 0.12, height: 0.18 }, person: { name: 'Anna Berg' } },
        answer: { face: { ...exampleFace, source: 'manual', assignedBy: 'person' }, vector: 'kept' },
      },
    ],
    async answer({ query, body: { box, person: who }, signal }) {
      const { face, vector } = await orProblem((await api()).photos.draw({ ...query, box, who, signal }));
      return { json: { face: face, vector } };
    },
  }),
  route({
    method: 'POST',
    path: '/image/faces/rerun',
    access: 'token',
    tag: 'Faces',
    summary: 'Look for faces on a photo again',
    description:
      'Faces of the model that are found again stay the same faces, with their people; others of it go. Faces that people drew stay.',
    query: z.strictObject(photoQuery),
    returns: {
      json: z.object({
        kept: z.number(),
        added: z.number(),
        removed: z.number(),
        faces: z.array(faceShape),
      }),
    },
    problems: [...pictureProblems, 'face-service-missing'],
    examples: [{ query: place, answer: { kept: 1, added: 0, removed: 1, faces: [exampleFace] } }],
    async answer({ query, signal }) {
      const { faces, ...result } = await orProblem((await api()).photos.rerun({ ...query, signal }));
      return { json: { ...result, faces: [...faces] } };
    },
  }),
];
