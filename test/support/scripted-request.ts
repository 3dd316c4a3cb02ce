import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { VisionApi } from '../../domain/vision-host.ts';

const ollamaBody = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  think: z.unknown().optional(),
  keep_alive: z.unknown().optional(),
  format: z.unknown().optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string(), images: z.array(z.string()).optional() })),
});

const part = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) }),
]);
const openaiBody = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  response_format: z.unknown().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.array(part) })),
});

/** One call as it came, without the picture's bytes. */
export interface ChatCall {
  readonly model: string;
  readonly prompt: string;
  readonly think: unknown;
  readonly keepAlive: unknown;
  readonly stream: boolean | undefined;
  /** Ollama's options; of OpenAI's API the fields beside these. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `format` of Ollama, `response_format` of OpenAI. */
  readonly format: unknown;
  /** SHA-256 of the JPEG as it came, 64 hex digits; of nothing where none came. */
  readonly picture: string;
  readonly pictureBytes: number;
  readonly authorization: string | undefined;
  /** No messages: the model is to be loaded. */
  readonly isLoad: boolean;
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

const markers = { ollama: '"images":["', openai: '"url":"data:image/jpeg;base64,' };

/**
 * Reads a chat request. The picture, nearly all of the body, is cut out before the rest is parsed as JSON: that way the
 * host costs a bench next to nothing. Throws where it is no chat request with one picture at most.
 */
export function parseChat(api: VisionApi, body: Buffer, authorization: string | undefined): ChatCall {
  const marker = markers[api];
  const from = body.indexOf(marker);
  const start = from + marker.length;
  const end = from < 0 ? -1 : body.indexOf('"', start);
  const small = end < 0 ? body : Buffer.concat([body.subarray(0, start), body.subarray(end)]);
  const picture = end < 0 ? Buffer.alloc(0) : Buffer.from(body.toString('latin1', start, end), 'base64');
  const json: unknown = JSON.parse(small.toString('utf8'));
  const { pictures, ...fields } = api === 'ollama' ? ollamaFields(json) : openaiFields(json);
  if (pictures > 1) throw new Error('more than one picture');
  return { ...fields, picture: hash('sha256', picture), pictureBytes: picture.length, authorization };
}

function ollamaFields(json: unknown) {
  const { model, stream, think, keep_alive, format, options, messages } = ollamaBody.parse(json);
  const pictures = messages.flatMap((message) => message.images ?? []).length;
  const prompt = messages.at(-1)?.content ?? '';
  const isLoad = messages.length === 0;
  return { model, prompt, think, keepAlive: keep_alive, stream, options: options ?? {}, format, isLoad, pictures };
}

function openaiFields(json: unknown) {
  const { model, stream, response_format: format, messages, ...options } = openaiBody.parse(json);
  const parts = messages.flatMap(({ content }) => content);
  const pictures = parts.filter(({ type }) => type === 'image_url').length;
  const prompt = parts.map((one) => (one.type === 'text' ? one.text : '')).join('');
  return { model, prompt, think: undefined, keepAlive: undefined, stream, options, format, isLoad: false, pictures };
}
