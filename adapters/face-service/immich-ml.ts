import { z } from 'zod';
import type { DetectInput } from '../../domain/face.ts';
import { hostPath } from '../vision-http/connections.ts';
import { parseJson } from '../vision-http/error-text.ts';
import { type Asking, type Dialect, wrongShape } from './dialect.ts';
import type { ToldFace, ToldPicture } from './faces.ts';
import { immichMlKind } from './kind.ts';

const numbers = z.array(z.unknown());
/** A text that holds the JSON of a list (sheet, section 6). */
const embedding = z.union([z.string().transform(parseJson).pipe(numbers), numbers]);
const corner = z.number();
const answer = z.object({
  'facial-recognition': z.array(
    z.object({
      boundingBox: z.object({ x1: corner, y1: corner, x2: corner, y2: corner }),
      score: z.number().optional().catch(undefined),
      embedding,
    }),
  ),
  imageWidth: z.number().optional(),
  imageHeight: z.number().optional(),
});

/** Immich's machine-learning service. It has no word for “this picture”: it says 500 to those and to its own troubles. */
export const immichMl: Dialect = {
  kind: immichMlKind,
  // With a little room: it ends itself 300 s after its last call, and loads the model anew (sheet, section 6).
  forgetsModelAfterMs: 240_000,
  detect,
  // It makes no vectors without looking for faces itself; the one that was marked is in the middle of what was cut.
  embed: async (asking, input) => faceInTheMiddle((await detect(asking, input)).faces, input)?.embedding,
  async look(ask, host) {
    const answered = await ask('GET', hostPath(host, '/ping'));
    const isPong = answered.status === 200 && /^"?pong"?$/.test(answered.text.trim());
    return { answered, probe: isPong ? { state: 'ready', simulated: answered.simulated } : undefined };
  },
};

/** `minScore` is sent always: since 3.2 there is no default (sheet, section 6). */
async function detect({ call, host, model, minScore }: Asking, { jpeg, signal }: DetectInput): Promise<ToldPicture> {
  const detection = { modelName: model, options: { minScore } };
  const entries = { 'facial-recognition': { detection, recognition: { modelName: model } } };
  const json = await call({ path: '/predict', fields: { entries: JSON.stringify(entries) }, jpeg, signal });
  const { data, error } = answer.safeParse(json);
  if (data === undefined) throw wrongShape(immichMlKind, host, error);
  const faces = data['facial-recognition'].map(({ boundingBox: { x1, y1, x2, y2 }, ...face }): ToldFace => ({
    ...face,
    corners: [x1, y1, x2, y2],
  }));
  return { faces, width: data.imageWidth, height: data.imageHeight };
}

/** Of the faces that lie over the middle of the picture the largest: a neighbour in a corner is somebody else. */
function faceInTheMiddle(faces: readonly ToldFace[], { width, height }: DetectInput): ToldFace | undefined {
  const area = ({ corners: [left, top, right, bottom] }: ToldFace) => (right - left) * (bottom - top);
  return faces
    .filter(
      ({ corners: [left, top, right, bottom] }) =>
        left <= width / 2 && right >= width / 2 && top <= height / 2 && bottom >= height / 2,
    )
    .toSorted((a, b) => area(b) - area(a))[0];
}
