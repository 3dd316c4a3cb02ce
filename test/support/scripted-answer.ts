import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** What the host does with one `/api/chat`. Left out: a whole answer at once, its text made from the picture's hash. */
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
  /** The connection is reset at this stage. */
  reset: z.enum(['before-headers', 'after-headers', 'mid-body', 'after-done']).optional(),
  /** How the body ends: cleanly but without `done: true`, inside a line, with an error line, or never. */
  end: z.enum(['without-done', 'half-line', 'error-line', 'never']).optional(),
  errorText: z.string().optional(),
  doneReason: z.string().optional(),
  thinking: z.string().optional(),
  crlf: z.boolean().optional(),
});
export type ScriptedAnswer = z.infer<typeof scriptedAnswerSchema>;

export interface Playing {
  readonly answer: ScriptedAnswer;
  readonly model: string;
  /** Used where the answer has no text of its own. */
  readonly text: string;
  readonly simulated: boolean;
  readonly response: ServerResponse;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** Plays one answer. True where the client got the whole of it, `done: true` included. */
export async function playAnswer(playing: Playing): Promise<boolean> {
  const { answer, response, signal } = playing;
  await pause(answer.firstByteMs, signal);
  if (answer.reset === 'before-headers') return cutOff(response);
  const headers = {
    'content-type': answer.status === undefined ? 'application/x-ndjson' : 'application/json; charset=utf-8',
    ...(playing.simulated ? { 'x-darkroom-simulated': '1' } : {}),
    ...answer.headers,
  };
  response.writeHead(answer.status ?? 200, headers);
  if (answer.body !== undefined) {
    response.end(answer.body);
    return false;
  }
  if (answer.headersFirstMs !== undefined || answer.reset === 'after-headers') response.flushHeaders();
  if (answer.reset === 'after-headers') return await cutOffLater(response, signal);
  await pause(answer.headersFirstMs, signal);
  return await playBody(playing);
}

async function playBody({ answer, model, text, response, signal }: Playing): Promise<boolean> {
  const chunks = answer.chunks?.map((chunk) => Buffer.from(chunk, 'base64')) ?? answerLines(answer, model, text);
  // One write where nothing is to be timed or cut: this is the way of the benches.
  if (answer.pieceMs === undefined && answer.end === undefined && answer.reset === undefined) {
    response.end(typeof chunks[0] === 'string' ? chunks.join('') : Buffer.concat(chunks.map((c) => Buffer.from(c))));
    return true;
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
  return answer.end === undefined;
}

function answerLines(answer: ScriptedAnswer, model: string, text: string): string[] {
  const eol = answer.crlf === true ? '\r\n' : '\n';
  const created_at = '2026-11-21T00:00:00Z';
  const pieces = answer.pieces ?? [answer.text ?? text];
  const lines = pieces.map((content) => ({ content }));
  const thinking = answer.thinking === undefined ? [] : [{ content: '', thinking: answer.thinking }];
  const open = [...thinking, ...lines].map((message) =>
    JSON.stringify({ model, created_at, message: { role: 'assistant', ...message }, done: false }),
  );
  const done = JSON.stringify({
    model,
    created_at,
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: answer.doneReason ?? 'stop',
    total_duration: 5_000_000,
    load_duration: 1_000_000,
    prompt_eval_count: 1024,
    prompt_eval_duration: 2_000_000,
    eval_count: 12,
    eval_duration: 2_000_000,
  });
  const last = {
    'without-done': [],
    'half-line': [done.slice(0, 25)],
    'error-line': [
      JSON.stringify({ error: answer.errorText ?? 'an error was encountered while running the model' }) + eol,
    ],
    never: [],
  };
  return [...open.map((line) => line + eol), ...(answer.end === undefined ? [done + eol] : last[answer.end])];
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
