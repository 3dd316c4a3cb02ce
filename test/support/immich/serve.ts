import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Seen } from './moments.ts';
import { errorBody, Refused } from './refused.ts';
import { hasVerb, type Reply, type Route } from './route.ts';
import { accountRoutes, publicAnswers } from './routes-account.ts';
import { assetRoutes } from './routes-assets.ts';
import { nameRoutes } from './routes-names.ts';
import { workflowRoutes } from './routes-workflows.ts';
import type { KeyRow } from './rows.ts';
import { atLeast, type State } from './state.ts';

const routes: Readonly<Record<string, Route>> = { ...accountRoutes, ...assetRoutes, ...nameRoutes, ...workflowRoutes };
/** JSON bodies end here (sheet 3.1). */
const longestBody = 10 * 1024 * 1024;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

interface Asked extends Seen {
  readonly id: string;
  readonly url: URL;
  readonly key: KeyRow | undefined;
}

/** Answers one request below `prefix`, which is `` or `/photos`. */
export async function serve(
  state: State,
  prefix: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://immich');
    if (!url.pathname.startsWith(`${prefix}/api/`)) return outside(request, response);
    const asked = understand(state, url, url.pathname.slice(`${prefix}/api`.length), request);
    const { requests } = state.counters;
    requests.set(asked.route, (requests.get(asked.route) ?? 0) + 1);
    const fault = state.moments.faultFor(asked);
    if (fault?.delayMs !== undefined) await delay(fault.delayMs, response);
    if (response.destroyed) return;
    if (fault?.cut === 'before') return cut(state, response);
    if (fault?.html !== undefined) return html(response, fault.status ?? 200, fault.html);
    if (fault?.status !== undefined) return refuse(state, response, refusalOf(fault), fault.retryAfter);
    await state.moments.reach('before', asked);
    const reply = await carryOut(state, asked, request);
    await state.moments.reach('after', asked);
    if (fault?.cut === 'after') return cut(state, response);
    send(state, response, reply, fault);
  } catch (error) {
    if (response.destroyed) return;
    refuse(state, response, error instanceof Refused ? error : new Refused(500, `scripted Immich: ${String(error)}`));
  }
}

/** Ends early where the client is gone. */
async function delay(ms: number, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  await sleep(ms, undefined, { signal: gone.signal }).catch(() => undefined);
}

function understand(state: State, url: URL, path: string, { method, headers }: IncomingMessage): Asked {
  const id = uuid.exec(path)?.[0] ?? '';
  const route = `${method} ${id === '' ? path : path.replace(id, ':id')}`;
  const said = headers['x-api-key'] ?? url.searchParams.get('apiKey') ?? undefined;
  const secret = Array.isArray(said) ? said[0] : said;
  const key = secret === undefined ? undefined : state.keysBySecret.get(secret);
  const assetId = path.startsWith('/assets/') && id !== '' ? id : undefined;
  return { route, id, url, key, assetId, userId: key?.userId };
}

async function carryOut(state: State, asked: Asked, request: IncomingMessage): Promise<Reply> {
  const open = publicAnswers[asked.route];
  if (open !== undefined) return { json: open(state) };
  const route = routes[asked.route] ?? (await unreadable(state, asked, request));
  if (route === undefined || (route.since !== undefined && !atLeast(state, route.since))) throw unknown(asked);
  for (const verb of ['put', 'patch'] as const) {
    if (asked.route === `${verb.toUpperCase()} /assets/:id` && !hasVerb(state, verb)) {
      throw unknown(asked, state.settings.missingVerb);
    }
  }
  const user = allow(state, asked, route, request);
  const body = await readBody(request);
  const { id, url, key } = asked;
  const call = { state, user, permissions: key?.permissions ?? [], keyId: key?.id ?? '', id, query: url.searchParams };
  return await route.run({ ...call, body });
}

/** A path that is known but for its id: 400, and not the 404 of a path that is not. */
async function unreadable(state: State, asked: Asked, request: IncomingMessage): Promise<undefined> {
  const route = routes[asked.route.replace(/^(\w+ \/\w+)\/[^/]+/, '$1/:id')];
  if (route === undefined) return;
  allow(state, asked, route, request);
  await readBody(request);
  throw new Refused(400, 'Validation failed', [{ path: ['id'], message: 'must be a UUID' }]);
}

const unknown = ({ route, url }: Asked, status = 404): Refused =>
  new Refused(status, `Cannot ${route.split(' ')[0]} ${url.pathname}`);

/** Whose key this is and whether it may (sheet 5.1). */
function allow(state: State, { key }: Asked, { permission }: Route, { headers }: IncomingMessage) {
  const user = key === undefined ? undefined : state.tables.users.get(key.userId);
  if (key === undefined || user === undefined || key.revoked) {
    throw new Refused(401, headers['x-api-key'] === undefined ? 'Authentication required' : 'Invalid API key');
  }
  if (permission !== false && !key.permissions.includes(permission) && !key.permissions.includes('all')) {
    throw new Refused(403, `Missing required permission: ${permission}`);
  }
  return user;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const buffer = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    bytes += buffer.length;
    // Read to its end all the same: a connection that is cut in the middle would hide the answer.
    if (bytes <= longestBody) parts.push(buffer);
  }
  if (bytes > longestBody) throw new Refused(413, 'request entity too large');
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Refused(400, 'Unexpected token in JSON');
  }
}

const refusalOf = ({ status = 503, message }: Fault): Refused => new Refused(status, message ?? 'scripted fault');

function refuse(state: State, response: ServerResponse, refused: Refused, retryAfter?: string): void {
  count(state, refused.status);
  if (response.headersSent) return void response.destroy();
  response.writeHead(refused.status, {
    'content-type': 'application/json; charset=utf-8',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  response.end(JSON.stringify(errorBody(state, refused)));
}

function send(state: State, response: ServerResponse, reply: Reply, fault: Fault | undefined): void {
  const status = 'status' in reply ? (reply.status ?? 200) : 200;
  count(state, status);
  if (!('json' in reply) && !('bytes' in reply)) return void response.writeHead(204).end();
  const bytes = 'json' in reply ? Buffer.from(JSON.stringify(reply.json)) : reply.bytes;
  const type = 'json' in reply ? 'application/json; charset=utf-8' : reply.type;
  const sent = bytes.subarray(0, Math.floor(bytes.length * (fault?.cropTo ?? 1)));
  response.writeHead(status, { 'content-type': type, 'content-length': sent.length });
  if (fault?.share === undefined) return void response.end(sent);
  response.write(sent.subarray(0, Math.floor(sent.length * fault.share)), () => response.destroy());
}

/** The web app: every page that is not the API is its one HTML page. Never seen on a live server: for other verbs. */
function outside({ method }: IncomingMessage, response: ServerResponse): void {
  if (method === 'GET') return html(response, 200, '<!doctype html><html><title>Immich</title></html>');
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Cannot POST /"}');
}

function html(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page);
}

function cut(state: State, response: ServerResponse): void {
  count(state, 0);
  response.socket?.resetAndDestroy();
}

function count({ counters }: State, status: number): void {
  counters.statuses.set(status, (counters.statuses.get(status) ?? 0) + 1);
}
