import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { parseArgs } from 'node:util';
import type { FaceApi } from '../../domain/face.ts';
import { faceVector, type FaceScript, type ScriptedFace, sendFaces } from './scripted-faces-answer.ts';
import { type FaceCall, readFaceCall } from './scripted-faces-request.ts';

export { faceVector, type FaceScript, type ScriptedFace };

interface Options {
  readonly api?: FaceApi;
  /** Wanted as a bearer token with every request. */
  readonly token?: string;
  /** Decides per picture; the default is nobody on it. `nth` counts the calls with this picture, from 1. */
  readonly answer?: (call: FaceCall, nth: number) => FaceScript;
  /** What it says to the question whether it is there, in place of the usual. */
  readonly health?: { readonly status: number; readonly body: string };
}

export interface ScriptedFaces {
  readonly url: string;
  /** Pictures that came, in order. */
  readonly calls: readonly FaceCall[];
  /** Answers that were sent whole, and the most pictures that were worked on at the same time. */
  readonly total: Readonly<{ finished: number; mostAtOnce: number }>;
  /** Questions whether it is there. */
  questions(): number;
  /** Connections that were made to it so far. */
  connections(): number;
  script(answer: (call: FaceCall, nth: number) => FaceScript): void;
  /** What it does with one picture, by the SHA-256 of its JPEG, whatever else is scripted. */
  scriptPicture(sha256: string, script: FaceScript): void;
  /** Cuts every connection and stops listening; `on` listens on the same port again. */
  off(): Promise<void>;
  on(): Promise<void>;
}

/** A face service that does what the test says, over real HTTP, and counts what it did. End it with `off`. */
export async function startScriptedFaces(options: Options = {}): Promise<ScriptedFaces> {
  const state = { ...options, answer: options.answer ?? (() => ({})) };
  const byPicture = new Map<string, FaceScript>();
  const calls: FaceCall[] = [];
  const total = { atOnce: 0, mostAtOnce: 0, finished: 0 };
  const used = new WeakMap<Socket, number>();
  let questions = 0;
  const picture = async (request: IncomingMessage, response: ServerResponse) => {
    const usedBefore = used.get(request.socket) ?? 0;
    used.set(request.socket, usedBefore + 1);
    const call = await readFaceCall(request, usedBefore);
    calls.push(call);
    total.atOnce += 1;
    total.mostAtOnce = Math.max(total.mostAtOnce, total.atOnce);
    const nth = calls.filter(({ picture: sha }) => sha === call.picture).length;
    const script =
      byPicture.get(call.picture) ?? (call.size === undefined ? unreadable(call) : state.answer(call, nth));
    const isWhole = await sendFaces(response, call, script).finally(() => (total.atOnce -= 1));
    if (isWhole) total.finished += 1;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`) {
      return send(response, 401, JSON.stringify({ detail: 'Not authenticated' }));
    }
    if (request.method === 'GET') {
      questions += 1;
      return health(response, request.url ?? '', options);
    }
    // What the real ones say to a form that is not theirs.
    await picture(request, response).catch((error: unknown) =>
      send(response, 422, JSON.stringify({ detail: [{ loc: ['body'], msg: String(error) }] })),
    );
  };
  const server = createServer((request, response) => void serve(request, response));
  const { port, connections, cut } = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    total,
    questions: () => questions,
    connections,
    script: (answer) => void (state.answer = answer),
    scriptPicture: (sha256, script) => void byPicture.set(sha256, script),
    async off() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
    async on() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}

/** The same, gone when the test ends. */
export async function scriptedFaces(t: Pick<TestContext, 'after'>, options: Options = {}): Promise<ScriptedFaces> {
  const service = await startScriptedFaces(options);
  t.after(() => service.off());
  return service;
}

/** Immich's service does not tell such a picture from a fault of its own. */
const unreadable = ({ path }: FaceCall): FaceScript =>
  path.endsWith('/predict')
    ? { status: 500, body: 'Internal Server Error', headers: { 'content-type': 'text/plain' } }
    : { status: 422, body: JSON.stringify({ detail: 'cannot decode the image' }) };

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': body.startsWith('<') ? 'text/html' : 'application/json' }).end(body);
}

function health(response: ServerResponse, path: string, { api = 'immich-ml', health: said }: Options): void {
  if (said !== undefined) return send(response, said.status, said.body);
  const [known, body] = api === 'immich-ml' ? ['/ping', 'pong'] : ['/health', '{"status":"ok"}'];
  if (path === known) send(response, 200, body);
  else send(response, 404, '{"detail":"Not Found"}');
}

async function listen(server: Server) {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return { port: address.port, connections: () => connections, cut };
}

/** `node test/support/scripted-faces.ts --after-ms 100`: two faces on every picture. Prints `{"url":…}`, ends with its stdin. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'after-ms': { type: 'string', default: '0' } } });
  const faces = [1, 2].map((seed) => ({
    corners: [30 * seed, 10, 30 * seed + 20, 40] as const,
    embedding: faceVector(seed),
  }));
  const service = await startScriptedFaces({ answer: () => ({ faces, afterMs: Number(values['after-ms']) }) });
  process.stdout.write(`${JSON.stringify({ url: service.url })}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await service.off();
}

if (import.meta.main) await main();
