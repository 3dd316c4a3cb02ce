import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Answer } from './answer.ts';
import { eventFrames } from './event-frames.ts';
import { HttpProblem, type ProblemAnswer, problemOf, problemType } from './problems.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import type { Access, Route } from './route.ts';
import { bearerOf, isSameSecret } from './secrets.ts';

export interface HttpServerOptions {
  readonly routes: readonly Route[];
  /** What `Authorization: Bearer …` is compared with. */
  readonly token: string;
  readonly rateLimit?: RateLimit;
  /** An error that is ours. Never given what came in headers or bodies. */
  readonly onFault: (fault: { readonly route: string; readonly error: unknown }) => void;
  readonly limits?: Partial<HttpLimits>;
}

interface HttpLimits {
  readonly bodyBytes: number;
  /** Milliseconds in which a request must have come whole, and its handler must have answered. */
  readonly requestMs: number;
  readonly handlerMs: number;
}

export interface HttpServer {
  /** Its address for programs on this machine, `http://127.0.0.1:2285`. Rejects as node:net does (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
  listen(at: { readonly host: string; readonly port: number }): Promise<string>;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

const usualLimits: HttpLimits = { bodyBytes: 1_048_576, requestMs: 10_000, handlerMs: 30_000 };
/** Immich sends five webhooks at once during an upload of thousands; more than this are hints that the next poll makes good. */
const usualRate = { burst: 200, perSecond: 50 };
const usualHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const mostConnections = 256;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent where there is no such route: that too is told only to those with the token. */
    access?: Access;
  }
}

/** Routes over HTTP: who may, how much and how often is decided before a body is read. Errors are problem+json everywhere. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits = { ...usualLimits, ...options.limits };
  const rateLimit = options.rateLimit ?? createRateLimit({ ...usualRate, now: Date.now });
  const app = Fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: 5_000,
    forceCloseConnections: true,
    http: { connectionsCheckingInterval: Math.min(5_000, limits.requestMs / 2), headersTimeout: limits.requestMs },
    clientErrorHandler: (error, socket) => answerBroken(error, socket),
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, problemOf(error)),
  });
  app.server.maxConnections = mostConnections;
  // Bodies stay text until their route parses them; nothing hangs on what the sender calls them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(usualHeaders);
    letIn(request, { rateLimit, token: options.token });
  });
  app.setErrorHandler((error, request, reply) => {
    const answer = problemOf(error);
    // Who has left gave up what was done for them, which is no fault.
    if (answer.problem.status === 500 && !reply.raw.destroyed) options.onFault({ route: nameOf(request), error });
    return sendProblem(reply, answer);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, problemOf(new HttpProblem(404))));
  for (const route of options.routes) addRoute(app, route, limits);
  return {
    async listen({ host, port }) {
      const url = new URL(await app.listen({ host, port }));
      // All addresses of the machine: not one that a program can ask.
      if (url.hostname === '[::]') url.hostname = '[::1]';
      return url.origin;
    },
    close: () => app.close(),
  };
}

function addRoute(app: FastifyInstance, route: Route, { handlerMs }: Pick<HttpLimits, 'handlerMs'>): void {
  app.route({
    method: route.method,
    url: route.path,
    config: { access: route.access },
    // Who asks for the head alone would otherwise listen for ever.
    exposeHeadRoute: !('events' in route.returns),
    async handler(request, reply) {
      const { params, query, body } = request;
      const text = typeof body === 'string' ? body : '';
      const header = headerOf(request);
      const limit = { limitMs: route.longestMs ?? handlerMs, isStream: 'events' in route.returns };
      const answer = await inTime(reply, limit, (signal) =>
        route.answer({ params, query, body: text, header, signal }),
      );
      return await send(reply, answer);
    },
  });
}

/**
 * The work with a signal that is aborted when nobody waits for its answer any more; a stream then has no other end. Fastify's own limit
 * and `signal` (5.12) end, in Node 24, as soon as a body has been read: a request "closes" with its end. Throws HttpProblem.
 */
async function inTime<T>(
  { raw }: FastifyReply,
  { limitMs, isStream }: { readonly limitMs: number; readonly isStream: boolean },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [gone, late] = [new AbortController(), new AbortController()];
  raw.once('close', () => gone.abort());
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    // Told before the work hears of it: what it throws then is no fault.
    over.reject(tooLate());
    late.abort();
  }, limitMs);
  const signal = isStream ? gone.signal : AbortSignal.any([gone.signal, late.signal]);
  try {
    return await Promise.race([work(signal), over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const tooLate = (): HttpProblem =>
  new HttpProblem(503, { detail: 'That took too long, and was given up.', headers: { 'retry-after': '10' } });

async function send(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  const { headers = {} } = answer;
  void reply.headers(headers);
  if ('json' in answer) return await reply.code(answer.status ?? 200).send(answer.json);
  // A view of the same bytes.
  if ('bytes' in answer)
    return await reply.send(Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.length));
  if (!('events' in answer)) return await reply.code(answer.status).send();
  // From here on it is ours: events have no time limit.
  reply.hijack();
  reply.raw.writeHead(200, { ...usualHeaders, ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
  // That the other side has gone is how it usually ends.
  await pipeline(Readable.from(eventFrames(answer.events)), reply.raw).catch(() => undefined);
  return reply;
}

interface Door {
  readonly rateLimit: RateLimit;
  readonly token: string;
}

function letIn(request: FastifyRequest, { rateLimit, token }: Door): void {
  const waitMs = rateLimit.take(request.ip);
  if (waitMs > 0) {
    const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
    throw new HttpProblem(429, { detail: 'Too many requests at once from this address.', headers });
  }
  const { access = 'token' } = request.routeOptions.config;
  const header = headerOf(request);
  if (access === 'open') return;
  if (access === 'token' && isSameSecret(bearerOf(header('authorization')), token)) return;
  if (typeof access === 'function' && access({ params: request.params, header })) return;
  const headers = access === 'token' ? { 'www-authenticate': 'Bearer realm="darkroom"' } : undefined;
  throw new HttpProblem(401, headers === undefined ? {} : { headers });
}

const headerOf = (request: FastifyRequest) => (name: string) => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** The route as it was written, without what somebody put into it. */
const nameOf = (request: FastifyRequest): string => `${request.method} ${request.routeOptions.url ?? '(none)'}`;

const sendProblem = async (reply: FastifyReply, { problem, headers }: ProblemAnswer): Promise<FastifyReply> =>
  await reply.code(problem.status).headers(headers).type(problemType).send(JSON.stringify(problem));

/** What is no HTTP, or came too slowly, never gets as far as a request. */
function answerBroken(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const { problem } = problemOf(new HttpProblem(status));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${problem.title}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
