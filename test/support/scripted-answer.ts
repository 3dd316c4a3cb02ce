import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { VisionApi } from '../../domain/vision-host.ts';
import { bodyChunks } from './scripted-answer-body.ts';

/** What the host does with one call. Left out: a whole answer at once, its text made from the picture's hash. */
export const scriptedAnswerSchema = z.strictObject({
  /** Silence before the headers, as while a real host queues, loads or reads the picture. */
  firstByteMs: z.number().optional(),
  /** Silence between the headers and the first line (some proxies send headers early). */
  headersFirstMs: z.number().optional(),
  text: z.string().optional(),
  pieces: z.array(z.string()).optional(),
  /** Pause before each piece or chunk after the first. */
  pieceMs: z.number().optional(),
  status: z.number().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Sent as it is, instead of an answer. */
  body: z.string().optional(),
  /** The same in bytes: chunks in base64, `pieceMs` apart. */
  chunks: z.array(z.string()).optional(),
  /** The body is cut into chunks of so many bytes, wherever those end. */
  chunkBytes: z.number().optional(),
  /** The body is compressed, as some proxies do unasked. */
  encoding: z.enum(['gzip', 'deflate', 'br', 'zstd']).optional(),
  /** The connection is reset at this stage. */
  reset: z.enum(['before-headers', 'after-headers', 'mid-body', 'after-done']).optional(),
  /** How the body ends: cleanly but without `done: true` (or `finish_reason`), inside a line, with an error line, or never. */
  end: z.enum(['without-done', 'half-line', 'error-line', 'never']).optional(),
  errorText: z.string().optional(),
  /** Ollama's done_reason, OpenAI's finish_reason. */
  doneReason: z.string().optional(),
  thinking: z.string().optional(),
  refusal: z.string().optional(),
  crlf: z.boolean().optional(),
});
export type ScriptedAnswer = z.infer<typeof scriptedAnswerSchema>;

export interface Playing {
  readonly api: VisionApi;
  readonly answer: ScriptedAnswer;
  readonly model: string;
  /** Used where the answer has no text of its own. */
  readonly text: string;
  readonly simulated: boolean;
  readonly response: ServerResponse;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** Plays one answer. True where the client got the whole of it, the line that says that it is whole included. */
export async function playAnswer(playing: Playing): Promise<boolean> {
  const { api, answer, response, signal } = playing;
  await pause(answer.firstByteMs, signal);
  if (answer.reset === 'before-headers') return cutOff(response);
  const stream = { ollama: 'application/x-ndjson', openai: 'text/event-stream' }[api];
  const headers = {
    'content-type': answer.status === undefined ? stream : 'application/json; charset=utf-8',
    ...(playing.simulated ? { 'x-darkroom-simulated': '1' } : {}),
    ...(answer.encoding === undefined ? {} : { 'content-encoding': answer.encoding }),
    ...answer.headers,
  };
  response.writeHead(answer.status ?? 200, headers);
  if (answer.headersFirstMs !== undefined || answer.reset === 'after-headers') response.flushHeaders();
  if (answer.reset === 'after-headers') return await cutOffLater(response, signal);
  await pause(answer.headersFirstMs, signal);
  return await playBody(playing);
}

async function playBody({ api, answer, model, text, response, signal }: Playing): Promise<boolean> {
  const chunks = bodyChunks({ api, answer, model, text });
  const whole = answer.body === undefined && answer.end === undefined;
  const timed = answer.pieceMs !== undefined || answer.chunkBytes !== undefined;
  // One write where nothing is to be timed or cut: this is the way of the benches.
  if (!timed && answer.end === undefined && answer.reset === undefined) {
    response.end(Buffer.concat(chunks));
    return whole;
  }
  const until = answer.reset === 'mid-body' ? Math.ceil(chunks.length / 2) : chunks.length;
  for (const [index, chunk] of chunks.slice(0, until).entries()) {
    if (index > 0) await pause(answer.pieceMs, signal);
    response.write(chunk);
  }
  if (answer.reset !== undefined) return await cutOffLater(response, signal);
  if (answer.end === 'never') {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return false;
  }
  response.end();
  return whole;
}

function cutOff(response: ServerResponse): false {
  response.socket?.resetAndDestroy();
  return false;
}

/** A reset overtakes bytes that the client has not read yet; a moment makes the stage certain. */
async function cutOffLater(response: ServerResponse, signal: AbortSignal): Promise<false> {
  await pause(50, signal);
  return cutOff(response);
}

/** Rejects when the client is gone: whatever was planned for it is off. */
const pause = async (ms: number | undefined, signal: AbortSignal): Promise<void> => {
  if (ms !== undefined && ms > 0) await sleep(ms, undefined, { signal });
};
