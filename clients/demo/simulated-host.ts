import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { measurePicture, wordsFor } from './picture-words.ts';

/** The only model it has. No model looks at anything: the text is counted from the pixels, and says so. */
export const simulatedModel = 'simulated-vl';

const chatRequest = z.object({
  model: z.string(),
  /** A JSON schema, where an answer in fields is wanted. */
  format: z.unknown().optional(),
  messages: z.array(z.object({ content: z.string(), images: z.array(z.string()).optional() })),
});

export interface SimulatedHost {
  readonly url: string;
  close(): Promise<void>;
}

interface Options {
  readonly port: number;
  /** Milliseconds per answer; answers are given one after the other, as Ollama does. */
  readonly answerMs: number;
}

/** A SIMULATED vision host: Ollama's protocol over real HTTP, and texts that are computed from the picture it gets. */
export async function startSimulatedHost({ port, answerMs }: Options): Promise<SimulatedHost> {
  let last: Promise<void> = Promise.resolve();
  const inTurn = async (work: () => Promise<void>) => {
    const before = last;
    const mine = Promise.withResolvers<void>();
    last = mine.promise;
    await before;
    await work().finally(() => mine.resolve());
  };
  const server = createServer((request, response) => {
    response.setHeader('x-darkroom-simulated', '1');
    const work =
      request.url === '/api/chat' ? chat(request, response, answerMs, inTurn) : answerRest(request, response);
    // A client that hangs up ends its own request and nothing else.
    work.catch((error: unknown) => send(response, 500, { error: String(error) }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const capabilities = ['completion', 'vision'];

async function answerRest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answers: Readonly<Record<string, unknown>> = {
    '/api/version': { version: '0.0.0-simulated', simulated: true },
    '/api/tags': { models: [{ name: simulatedModel, model: simulatedModel, capabilities }] },
    '/api/show': { capabilities },
    '/api/ps': { models: [{ name: simulatedModel, model: simulatedModel }] },
    '/': { simulated: true },
  };
  request.resume();
  const answer = answers[request.url ?? ''];
  send(response, answer === undefined ? 404 : 200, answer ?? { error: 'a SIMULATED host does not know this path' });
}

async function chat(
  request: IncomingMessage,
  response: ServerResponse,
  answerMs: number,
  inTurn: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const parsed = chatRequest.safeParse(await readJson(request));
  if (!parsed.success) return send(response, 400, { error: z.prettifyError(parsed.error) });
  const { model, format, messages } = parsed.data;
  if (model !== simulatedModel) return send(response, 404, { error: `model '${model}' not found` });
  if (messages.length === 0) {
    const message = { role: 'assistant', content: '' };
    return send(response, 200, { model, message, done: true, done_reason: 'load' });
  }
  const [picture] = messages.flatMap(({ images = [] }) => images);
  if (picture === undefined) return send(response, 400, { error: 'a SIMULATED host only looks at pictures' });
  await inTurn(async () => {
    if (gone.signal.aborted) return;
    const text = await textFor(Buffer.from(picture, 'base64'));
    if (text === undefined) {
      // As llama-server says it, which stands behind Ollama.
      return send(response, 400, {
        error: JSON.stringify({ error: { message: 'Failed to load image or audio file' } }),
      });
    }
    await stream(response, format === undefined ? text : inFields(text), answerMs, gone.signal);
  });
}

const inFields = (description: string): string =>
  JSON.stringify({ description, tags: ['simulated'], text_in_image: '', safety: 'safe' });

async function textFor(picture: Buffer): Promise<string | undefined> {
  try {
    return `SIMULATED: ${wordsFor(await measurePicture(picture))}`;
  } catch {
    return undefined;
  }
}

/** Silent for half of the time, as while reading the picture; then word by word. */
async function stream(response: ServerResponse, text: string, answerMs: number, signal: AbortSignal): Promise<void> {
  const line = (content: string, more: object = { done: false }) =>
    `${JSON.stringify({ model: simulatedModel, message: { role: 'assistant', content }, ...more })}\n`;
  const words = text.split(/(?<= )/);
  await pause(answerMs / 2, signal);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for (const word of words) {
    if (signal.aborted) return;
    response.write(line(word));
    await pause(answerMs / 2 / words.length, signal);
  }
  const ns = Math.round(answerMs * 1e6);
  const costs = {
    total_duration: ns,
    eval_count: words.length,
    eval_duration: Math.round(ns / 2),
    prompt_eval_count: 1024,
  };
  response.end(line('', { done: true, done_reason: 'stop', ...costs }));
}

/** Ends early, without an error, when the client is gone. */
const pause = async (ms: number, signal: AbortSignal): Promise<void> =>
  await sleep(ms, undefined, { signal }).catch(() => {});

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, answer: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(answer));
}

/** `node simulated-host.ts --port 0 --answer-ms 400`: prints `{"url":…}` as one line and ends with its stdin. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, 'answer-ms': { type: 'string', default: '800' } },
  });
  const host = await startSimulatedHost({ port: Number(values.port), answerMs: Number(values['answer-ms']) });
  process.stdout.write(`${JSON.stringify({ url: host.url, model: simulatedModel, simulated: true })}\n`);
  process.stdin.resume();
  await once(process.stdin, 'close');
  await host.close();
}

if (import.meta.main) await main();
