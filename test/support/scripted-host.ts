import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { playAnswer, type ScriptedAnswer, scriptedAnswerSchema } from './scripted-answer.ts';
import { type ChatCall, parseChat, readBody } from './scripted-request.ts';
import { createTurns, type Turns } from './turns.ts';

export interface ScriptedHostOptions {
  readonly port?: number;
  readonly model?: string;
  /** Null: the server lists none, as old ones do. */
  readonly capabilities?: readonly string[] | null;
  readonly simulated?: boolean;
  /** One call at a time, the others wait in line with their sockets open, as Ollama does. Default true. */
  readonly serialise?: boolean;
  /** Decides per call; the default is `{}`, a whole answer at once. */
  readonly answer?: (call: ChatCall, nth: number) => ScriptedAnswer;
}

/** Calls begun and whole answers sent. */
export interface CallCount {
  calls: number;
  finished: number;
}

export interface ScriptedHost {
  readonly url: string;
  readonly model: string;
  /** What was asked so far, in order. */
  readonly calls: readonly ChatCall[];
  readonly total: Readonly<CallCount & { mostAtOnce: number }>;
  /** Per SHA-256 of the JPEG as it came. */
  readonly pictures: ReadonlyMap<string, Readonly<CallCount>>;
  script(answer: (call: ChatCall, nth: number) => ScriptedAnswer): void;
  /** The models that it has from now on. */
  setModels(models: readonly string[]): void;
  /** Cuts every connection and stops listening; `on` listens on the same port again. */
  off(): Promise<void>;
  on(): Promise<void>;
}

interface State {
  readonly model: string;
  readonly simulated: boolean;
  readonly capabilities: readonly string[] | null;
  readonly turns: Turns;
  readonly calls: ChatCall[];
  readonly total: CallCount & { atOnce: number; mostAtOnce: number };
  readonly pictures: Map<string, CallCount>;
  models: readonly string[];
  answer: (call: ChatCall, nth: number) => ScriptedAnswer;
}

/** A vision host that does what the test says, over real HTTP, and counts what it did. End it with `off`. */
export async function startScriptedHost(options: ScriptedHostOptions = {}): Promise<ScriptedHost> {
  const model = options.model ?? 'scripted-vl';
  const state: State = {
    model,
    simulated: options.simulated ?? false,
    capabilities: options.capabilities === undefined ? ['completion', 'vision'] : options.capabilities,
    turns: createTurns(options.serialise === false ? Infinity : 1),
    calls: [],
    total: { calls: 0, finished: 0, atOnce: 0, mostAtOnce: 0 },
    pictures: new Map(),
    models: [model],
    answer: options.answer ?? (() => ({})),
  };
  const server = createServer((request, response) => void serve(state, request, response));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    model,
    calls: state.calls,
    total: state.total,
    pictures: state.pictures,
    script: (answer) => void (state.answer = answer),
    setModels: (models) => void (state.models = models),
    async off() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    on: async () => void (await listen(server, port)),
  };
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const json = (status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
  try {
    const route = `${request.method} ${request.url}`;
    const { models, capabilities, simulated } = state;
    if (route === 'POST /api/chat') await chat(state, request, response);
    else if (route === 'GET /api/version') json(200, { version: '0.17.4', ...(simulated ? { simulated } : {}) });
    else if (route === 'GET /api/tags') json(200, { models: models.map((name) => ({ name, model: name })) });
    else if (route === 'POST /api/show') json(200, capabilities === null ? {} : { capabilities });
    else if (route === 'GET /_log') json(200, { ...state.total, pictures: Object.fromEntries(state.pictures) });
    else if (route === 'POST /_script') json(200, rescript(state, await readBody(request)));
    else if (route === 'GET /') response.end('Ollama is running');
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
  } catch (error) {
    // A client that hangs up is part of the play; everything else is a fault of the test and must be seen in it.
    if (!response.destroyed && !response.headersSent) json(400, { error: String(error) });
  }
}

async function chat(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const call = parseChat(await readBody(request), request.headers.authorization);
  state.calls.push(call);
  const ofPicture = state.pictures.get(call.picture) ?? { calls: 0, finished: 0 };
  state.pictures.set(call.picture, ofPicture);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const done = await state.turns.take(gone.signal);
  const { total } = state;
  total.calls += 1;
  ofPicture.calls += 1;
  total.mostAtOnce = Math.max(total.mostAtOnce, ++total.atOnce);
  try {
    const { model, simulated } = state;
    const text = `A scripted picture, ${call.picture.slice(0, 12)}.`;
    const missing = { status: 404, body: JSON.stringify({ error: `model '${call.model}' not found` }) };
    const has = state.models.some((name) => name === call.model);
    const answer = has ? state.answer(call, total.calls) : missing;
    if (await playAnswer({ answer, model, text, simulated, response, signal: gone.signal })) {
      total.finished += 1;
      ofPicture.finished += 1;
    }
  } finally {
    total.atOnce -= 1;
    done();
  }
}

const scriptSchema = z.strictObject({
  /** Used up one by one, then `always`. */
  next: z.array(scriptedAnswerSchema).default([]),
  always: scriptedAnswerSchema.default({}),
  models: z.array(z.string()).optional(),
});

function rescript(state: State, body: Buffer): object {
  const { next, always, models } = scriptSchema.parse(JSON.parse(body.toString('utf8')));
  state.answer = () => next.shift() ?? always;
  state.models = models ?? state.models;
  return {};
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return address.port;
}

/** `node test/support/scripted-host.ts --port 0 --first-byte-ms 100`: prints `{"url":…}` and ends with its stdin. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      model: { type: 'string', default: 'scripted-vl' },
      'first-byte-ms': { type: 'string', default: '0' },
      parallel: { type: 'boolean', default: false },
    },
  });
  const firstByteMs = Number(values['first-byte-ms']);
  const host = await startScriptedHost({
    port: Number(values.port),
    model: values.model,
    serialise: !values.parallel,
    answer: () => (firstByteMs > 0 ? { firstByteMs } : {}),
  });
  process.stdout.write(`${JSON.stringify({ url: host.url, model: host.model })}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await host.off();
}

if (import.meta.main) await main();
