import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { VisionApi } from '../../domain/vision-host.ts';
import type { ScriptedAnswer } from './scripted-answer.ts';

interface Written {
  readonly api: VisionApi;
  readonly answer: ScriptedAnswer;
  readonly model: string;
  readonly text: string;
}

const compress = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };

/** The body of an answer in the chunks in which it is sent: one per line, or as the script cuts it. */
export function bodyChunks({ api, answer, model, text }: Written): readonly Buffer[] {
  const { chunks, body, encoding, chunkBytes } = answer;
  const made =
    chunks?.map((chunk) => Buffer.from(chunk, 'base64')) ??
    (body === undefined ? lines[api](answer, model, text) : [body]).map((line) => Buffer.from(line));
  if (encoding === undefined && chunkBytes === undefined) return made;
  const plain = Buffer.concat(made);
  const bytes = encoding === undefined ? plain : compress[encoding](plain);
  const size = chunkBytes ?? bytes.length;
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_none, index) => bytes.subarray(index * size, (index + 1) * size));
}

const lines = { ollama: ollamaLines, openai: openaiEvents } as const;

/** As measured (ollama-measured, “Stream shape”). */
function ollamaLines(answer: ScriptedAnswer, model: string, text: string): string[] {
  const eol = answer.crlf === true ? '\r\n' : '\n';
  const created_at = '2026-11-21T00:00:00Z';
  const pieces = answer.pieces ?? [answer.text ?? text];
  const thinking = answer.thinking === undefined ? [] : [{ content: '', thinking: answer.thinking }];
  const open = [...thinking, ...pieces.map((content) => ({ content }))].map((message) =>
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
  const error = JSON.stringify({ error: answer.errorText ?? 'an error was encountered while running the model' });
  return ended(
    answer,
    open.map((line) => line + eol),
    { whole: [done + eol], half: done.slice(0, 25), error: error + eol },
  );
}

/** The events of vLLM; llama.cpp and OpenRouter differ in what we do not read. */
function openaiEvents(answer: ScriptedAnswer, model: string, text: string): string[] {
  const eol = answer.crlf === true ? '\r\n' : '\n';
  const event = (fields: object) => `data: ${JSON.stringify(fields)}${eol}${eol}`;
  const about = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_795_000_000, model };
  const delta = (fields: object, finish_reason: string | null = null) =>
    event({ ...about, choices: [{ index: 0, delta: fields, logprobs: null, finish_reason }] });
  const pieces = answer.pieces ?? [answer.text ?? text];
  const { thinking: reasoning_content, refusal } = answer;
  const open = [
    delta({ role: 'assistant', content: '' }),
    ...(reasoning_content === undefined ? [] : [delta({ reasoning_content })]),
    ...(refusal === undefined ? [] : [delta({ refusal })]),
    ...pieces.map((content) => delta({ content })),
  ];
  const done = [
    delta({}, answer.doneReason ?? 'stop'),
    event({ ...about, choices: [], usage: { prompt_tokens: 1024, total_tokens: 1036, completion_tokens: 12 } }),
    `data: [DONE]${eol}${eol}`,
  ];
  const error = {
    message: answer.errorText ?? 'EngineCore encountered an issue.',
    type: 'InternalServerError',
    code: 500,
  };
  return ended(answer, open, { whole: done, half: delta({ content: 'x' }).slice(0, 25), error: event({ error }) });
}

function ended(
  { end }: ScriptedAnswer,
  open: readonly string[],
  ends: { whole: readonly string[]; half: string; error: string },
): string[] {
  if (end === 'half-line') return [...open, ends.half];
  if (end === 'error-line') return [...open, ends.error];
  return end === undefined ? [...open, ...ends.whole] : [...open];
}
