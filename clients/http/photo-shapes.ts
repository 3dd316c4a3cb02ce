import { z } from 'zod';
import { assetStates } from '../../domain/asset.ts';

const state = z.enum(assetStates).meta({ description: 'What has become of it (see docs/http-api.md).' });
const time = z.number().meta({ description: 'Milliseconds since 1970.' });

const personShape = z.object({ personId: z.string(), name: z.string() });

/** As `darkroom search --json` tells of one. */
export const photoShape = z
  .object({
    assetId: z.string(),
    library: z.string(),
    path: z.string().meta({ description: 'Below the folder of its library; of an Immich its id and its file name.' }),
    file: z.string().optional().meta({ description: 'The whole path, for a photo in a folder.' }),
    page: z.string().optional().meta({ description: 'Where it is in the web app of its Immich.' }),
    state,
    takenAt: z.string().optional().meta({ description: 'Local time, as the camera wrote it.' }),
    description: z.string().optional(),
    snippet: z.string().optional().meta({ description: 'Where the words stand that were searched for.' }),
    people: z.array(personShape).meta({ description: 'With a name and not hidden.' }),
  })
  .meta({ id: 'Photo' });

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });

const faceShape = z
  .object({
    faceId: z.string(),
    source: z.enum(['model', 'manual']),
    box: box.meta({ description: 'Parts of the upright picture, 0 to 1, from its left and top edge.' }),
    score: z.number().optional(),
    person: z.object({ personId: z.string(), name: z.string().optional(), hidden: z.boolean() }).optional(),
    suggestion: z.object({ personId: z.string(), name: z.string().optional(), cosine: z.number() }).optional(),
  })
  .meta({ id: 'FaceOnPhoto' });

const answerShape = z.object({
  model: z.string(),
  host: z.string(),
  simulated: z.boolean(),
  tags: z.array(z.string()).optional(),
  textInImage: z.string().optional(),
  safety: z.string().optional(),
  promptTokens: z.number().optional(),
  answerTokens: z.number().optional(),
  totalMs: z.number(),
  created: time,
  recipeHash: z.string(),
});

const contentShape = z.object({
  hash: z.string().meta({ description: 'SHA-256 of its bytes.' }),
  bytes: z.number(),
  kind: z.string(),
  width: z.number(),
  height: z.number(),
  capture: z.object({
    camera: z.string().optional(),
    latitude: z.number().optional(),
    longitude: z.number().optional(),
    keywords: z.array(z.string()).optional(),
    caption: z.string().optional(),
  }),
});

export const wholePhotoShape = photoShape
  .omit({ snippet: true })
  .extend({
    waitingReason: z.string().optional(),
    waitingSince: time.optional(),
    skipReason: z.string().optional(),
    content: contentShape.optional(),
    answer: answerShape.optional().meta({ description: 'How the description came about.' }),
    faces: z.array(faceShape),
    published: z
      .object({ state: z.string(), writtenAt: time.optional(), verifiedAt: time.optional() })
      .optional()
      .meta({ description: 'What became of the text in Immich.' }),
    failure: z
      .object({ step: z.string(), code: z.string(), reason: z.string(), at: time })
      .optional()
      .meta({ description: 'Why it is parked.' }),
    story: z.array(z.object({ step: z.string(), at: time, note: z.string() })),
    open: z.boolean().meta({ description: 'A run is open.' }),
    workflowId: z.string(),
    webUi: z.string().optional(),
  })
  .meta({ id: 'WholePhoto' });

const eta = z.object({ ms: z.number(), hosts: z.number(), unmeasured: z.number() });

export const libraryShape = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['folder', 'immich']),
    root: z.string().meta({ description: 'Its folder, or the address of its Immich.' }),
    counts: z.record(z.enum(assetStates), z.number()).meta({ description: 'Photos by state.' }),
    scanning: z.boolean().meta({ description: 'A pass goes through it.' }),
    inFolder: z.number().optional(),
    heldBack: z.string().optional().meta({ description: 'Why nothing more is started.' }),
    eta: eta.optional(),
  })
  .meta({ id: 'Library' });

/** Counts as an example shows them. */
export const someCounts = { new: 0, open: 2, waiting: 0, done: 1190, parked: 1, gone: 3, unsupported: 12, skipped: 0 };

/** A photo as examples show it. */
export const anna = { personId: '7', name: 'Anna' };

export const harbour = {
  assetId: '1204',
  library: 'pictures',
  path: '2024/IMG_2031.jpg',
  file: '/home/anna/pictures/2024/IMG_2031.jpg',
  state: 'done',
  takenAt: '2024-05-31T18:04:00',
  description: 'Anna stands in front of a red boat in the old harbour.',
  people: [anna],
} as const;
