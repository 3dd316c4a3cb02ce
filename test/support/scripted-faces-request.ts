import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { z } from 'zod';

/** One picture as it was sent, without its bytes. */
export interface FaceCall {
  readonly path: string;
  /** SHA-256 of the JPEG as it came. */
  readonly picture: string;
  /** Pixels; undefined where it is no picture. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly model: string;
  readonly minScore: number | undefined;
  readonly authorization: string | undefined;
  /** How many requests came over this connection before. */
  readonly usedBefore: number;
}

const task = z.object({ modelName: z.string() });
const entries = z.strictObject({
  'facial-recognition': z.strictObject({
    detection: task.extend({ options: z.strictObject({ minScore: z.number() }) }),
    recognition: task,
  }),
});

/** The form as its fields and its picture. Throws where it is none, or lacks what the real service wants. */
export async function readFaceCall(request: IncomingMessage, usedBefore: number): Promise<FaceCall> {
  const { url: path = '', headers } = request;
  const form = await new Response(await buffer(request), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  }).formData();
  const image = form.get('image');
  if (!(image instanceof File)) throw new Error('there is no file named image');
  const bytes = Buffer.from(await image.arrayBuffer());
  const size = await sharp(bytes)
    .metadata()
    .then(({ width, height }) => ({ width, height }))
    .catch(() => undefined);
  return {
    path,
    picture: hash('sha256', bytes),
    size,
    ...(path.endsWith('/predict') ? immichFields(form) : genericFields(form)),
    authorization: headers.authorization,
    usedBefore,
  };
}

const textOf = (form: FormData, name: string): string => z.string().parse(form.get(name));

function immichFields(form: FormData): Pick<FaceCall, 'model' | 'minScore'> {
  const { 'facial-recognition': asked } = entries.parse(JSON.parse(textOf(form, 'entries')));
  if (asked.detection.modelName !== asked.recognition.modelName) throw new Error('two models in one task');
  return { model: asked.detection.modelName, minScore: asked.detection.options.minScore };
}

function genericFields(form: FormData): Pick<FaceCall, 'model' | 'minScore'> {
  const minScore = form.get('min_score');
  return { model: textOf(form, 'model'), minScore: minScore === null ? undefined : z.coerce.number().parse(minScore) };
}
