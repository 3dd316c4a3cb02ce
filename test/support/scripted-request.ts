import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

const chatBody = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  think: z.unknown().optional(),
  keep_alive: z.unknown().optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string(), images: z.array(z.string()).optional() })),
});

/** One `/api/chat` as it came, without the picture's bytes. */
export interface ChatCall {
  readonly model: string;
  readonly prompt: string;
  readonly think: unknown;
  readonly keepAlive: unknown;
  readonly stream: boolean | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  /** SHA-256 of the JPEG as it came, 64 hex digits; of nothing where none came. */
  readonly picture: string;
  readonly pictureBytes: number;
  readonly authorization: string | undefined;
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

const marker = '"images":["';

/**
 * Reads a chat request. The picture, nearly all of the body, is cut out before the rest is parsed as JSON: that way the
 * host costs a bench next to nothing. Throws where it is no chat request with one picture at most.
 */
export function parseChat(body: Buffer, authorization: string | undefined): ChatCall {
  const from = body.indexOf(marker);
  const start = from + marker.length;
  const end = from < 0 ? -1 : body.indexOf('"', start);
  const small = end < 0 ? body : Buffer.concat([body.subarray(0, start), body.subarray(end)]);
  const { model, stream, think, keep_alive, options, messages } = chatBody.parse(JSON.parse(small.toString('utf8')));
  if (messages.flatMap((message) => message.images ?? []).length > 1) throw new Error('more than one picture');
  const picture = end < 0 ? Buffer.alloc(0) : Buffer.from(body.toString('latin1', start, end), 'base64');
  return {
    model,
    prompt: messages.at(-1)?.content ?? '',
    think,
    keepAlive: keep_alive,
    stream,
    options: options ?? {},
    picture: hash('sha256', picture),
    pictureBytes: picture.length,
    authorization,
  };
}
