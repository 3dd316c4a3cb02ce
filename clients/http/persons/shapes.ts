import { z } from 'zod';
import type { PersonChange } from '../../../domain/person.ts';
import type { Merge } from '../../../domain/person-store.ts';

/** Shapes of people, as they go in and out. */

const fields = {
  personId: z.string(),
  name: z.string().optional().meta({ description: 'Absent while nobody has named them.' }),
  notes: z.string(),
  entityId: z.string().optional().meta({ description: 'What another system calls them.' }),
  birthDate: z.string().optional().meta({ description: '1984-02-29: prompts tell the age.' }),
  hidden: z.boolean().meta({ description: 'Shown nowhere unless asked for, and told to no model.' }),
  coverFace: z.string().optional().meta({ description: 'The face that a person chose to stand for them.' }),
};

export const personShape = z.object(fields).meta({ id: 'Person' });

export const listedPersonShape = z
  .object({
    ...fields,
    faces: z.number(),
    photos: z.number().meta({ description: 'That are there, in all libraries or in the one that was asked for.' }),
    libraries: z.array(z.object({ library: z.string(), photos: z.number() })),
  })
  .meta({ id: 'PersonSeen' });

const party = z.object({ personId: z.string(), name: z.string().optional() });

export const mergeShape = z
  .object({
    mergeId: z.string(),
    source: party.meta({ description: 'Who became the other one.' }),
    target: party,
    faces: z.number().meta({ description: 'That were moved.' }),
    at: z.string(),
    undone: z.string().optional().meta({ description: 'When it was taken back; absent while it holds.' }),
  })
  .meta({ id: 'Merge' });

const text = z.string().max(20_000);
const birthDate = z.string().max(10).meta({ description: '1984-02-29' });

/** What is said of a person; what is left out stays as it is. */
export const changeShape = z.strictObject({
  name: text.nullable().optional().meta({ description: 'One line of 1 to 200 characters; null takes it away.' }),
  notes: text.optional(),
  entityId: text.nullable().optional(),
  birthDate: birthDate.nullable().optional(),
  hidden: z.boolean().optional(),
  coverFace: z.string().max(18).nullable().optional().meta({ description: 'A face of theirs.' }),
});

/** Of somebody who is new; nobody has a face before they are there. */
export const newPersonShape = changeShape.omit({ coverFace: true });

/** Absent and undefined are the same to whoever sends JSON. */
export function changeOf(said: z.output<typeof changeShape>): PersonChange {
  const { name, notes, entityId, birthDate: born, hidden, coverFace } = said;
  return {
    ...(name !== undefined && { name }),
    ...(notes !== undefined && { notes }),
    ...(entityId !== undefined && { entityId }),
    ...(born !== undefined && { birthDate: born }),
    ...(hidden !== undefined && { hidden }),
    ...(coverFace !== undefined && { coverFace }),
  };
}

export const mergeAnswer = ({ at, undone, ...merge }: Merge): z.input<typeof mergeShape> => ({
  ...merge,
  at: new Date(at).toISOString(),
  ...(undone !== undefined && { undone: new Date(undone).toISOString() }),
});

export const examplePerson: z.input<typeof personShape> = {
  personId: '17',
  name: 'Anna Berg',
  notes: '',
  birthDate: '1984-02-29',
  hidden: false,
};

export const exampleListed: z.input<typeof listedPersonShape> = {
  ...examplePerson,
  faces: 34,
  photos: 20,
  libraries: [{ library: 'pictures', photos: 20 }],
};

export const exampleMerge: z.input<typeof mergeShape> = {
  mergeId: '5',
  source: { personId: '21' },
  target: { personId: '17', name: 'Anna Berg' },
  faces: 12,
  at: '2026-11-22T10:00:00.000Z',
};
