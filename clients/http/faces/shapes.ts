import { z } from 'zod';
import { shortText } from '../parameters.ts';

/** Shapes of faces, as they go in and out. */

const part = z.number().min(0).max(1);

export const boxShape = z.strictObject({ x: part, y: part, width: part, height: part }).meta({
  id: 'Box',
  description: 'Parts of the upright picture, 0 to 1, from its left and top edge. It lies inside the picture.',
});

/** Somebody by id, or by a name: where nobody has it, somebody new gets it. */
export const whoShape = z
  .union([
    z.strictObject({ id: z.string().regex(/^\d{1,18}$/) }),
    z.strictObject({ name: z.string().min(1).max(1_000) }),
  ])
  .meta({ id: 'Who', description: 'A person by id, or by name; where nobody has the name, somebody new gets it.' });

const whose = {
  personId: z.string(),
  name: z.string().optional().meta({ description: 'Absent while nobody has named them.' }),
};

export const faceShape = z
  .object({
    faceId: z.string(),
    contentHash: z.string().meta({ description: 'SHA-256 of the photo: copies share their faces.' }),
    model: z.string(),
    source: z.enum(['model', 'manual']).meta({ description: 'manual: a person drew it.' }),
    box: boxShape,
    score: z.number().optional().meta({ description: 'How sure the service is, 0 to 1.' }),
    hasVector: z.boolean().meta({ description: 'Without one it is like no other face.' }),
    person: z
      .object({ ...whose, hidden: z.boolean() })
      .optional()
      .meta({ description: 'Absent where nobody has it.' }),
    assignedBy: z.enum(['person', 'cluster', 'tags']).optional(),
    suggestion: z
      .object({ ...whose, cosine: z.number() })
      .optional()
      .meta({ description: 'Whom it is like, where nobody has it.' }),
  })
  .meta({ id: 'Face' });

export const exampleFace: z.input<typeof faceShape> = {
  faceId: '240',
  contentHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  model: 'buffalo_l',
  source: 'model',
  box: { x: 0.41, y: 0.2, width: 0.12, height: 0.18 },
  score: 0.93,
  hasVector: true,
  person: { personId: '17', name: 'Anna Berg', hidden: false },
  assignedBy: 'cluster',
};

export const faceOfPersonShape = faceShape
  .extend({
    asset: z
      .object({ assetId: z.string(), library: z.string(), path: z.string() })
      .optional()
      .meta({ description: 'A photo that it is on; absent where none is there any more.' }),
  })
  .meta({ id: 'FaceOfPerson' });

export const libraryQuery = shortText(200)
  .optional()
  .meta({ description: 'Name of a library; all of them unless told.' });

/** Which photo is meant. */
export const photoQuery = {
  library: shortText(200).meta({ description: 'Name of the library.' }),
  path: shortText(4_096).meta({
    description: 'Path below the library, as it is shown; of a photo in an Immich also its id there.',
  }),
};
