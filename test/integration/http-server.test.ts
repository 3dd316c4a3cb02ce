import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { healthRoutes } from '../../clients/http/health.ts';
import { immichHookRoute } from '../../clients/http/immich-hook.ts';
import { createRateLimit } from '../../clients/http/rate-limit.ts';
import { route } from '../../clients/http/route.ts';
import { hookHeader, hookSecret } from '../../clients/http/secrets.ts';
import { createHttpServer, type HttpServerOptions } from '../../clients/http/server.ts';

/** What a route says of itself does not matter here. */
const notes = { tag: 'About', summary: 'x', examples: [{}] } as const;
const token = 'a-token-that-is-long-enough';
const id = '6f1d2c3b-1111-4222-8333-944455566677';

async function serve(t: TestContext, over: Partial<HttpServerOptions> = {}) {
  const faults: string[] = [];
  const hints: string[] = [];
  const lacks: string[] = [];
  const server = createHttpServer({
    token,
    routes: [
      ...healthRoutes({ lacks: async () => lacks }),
      immichHookRoute({ token, hint: (library, one) => void hints.push(`${library} ${one}`) }),
      route({
        method: 'GET',
        path: '/mine',
        access: 'token',
        ...notes,
        returns: { json: z.object({ mine: z.boolean() }) },
        answer: async () => ({ json: { mine: true, theirs: 'stays here' } }),
      }),
      route({
        method: 'GET',
        path: '/broken',
        access: 'open',
        ...notes,
        returns: { nothing: true },
        answer: () => Promise.reject(new Error('inner words')),
      }),
    ],
    onFault: (fault) => void faults.push(`${fault.route}: ${String(fault.error)}`),
    ...over,
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    return { status: response.status, type: response.headers.get('content-type'), headers: response.headers, text };
  };
  const hook = (library: string, body: string, secret = hookSecret(token, library), headers = {}) =>
    ask(`/hooks/immich/${library}`, { method: 'POST', body, headers: { [hookHeader]: secret, ...headers } });
  return { ask, hook, url, faults, hints, lacks };
}

const isProblem = ({ type, text, status }: { type: string | null; text: string; status: number }) => {
  assert.match(type ?? '', /^application\/problem\+json/);
  const problem: unknown = JSON.parse(text);
  assert.ok(typeof problem === 'object' && problem !== null && 'status' in problem && 'title' in problem);
  assert.equal(problem.status, status);
};

test('it lives as long as it answers, and is ready while nothing is away; both are told without a token', async (t) => {
  const { ask, lacks } = await serve(t);
  assert.equal((await ask('/health/live')).status, 200);
  assert.deepEqual(JSON.parse((await ask('/health/ready')).text), { status: 'ready' });
  lacks.push('Temporal does not answer', 'the database does not answer');
  const away = await ask('/health/ready');
  assert.equal(away.status, 503);
  isProblem(away);
  assert.match(away.text, /"reasons":\["Temporal does not answer","the database does not answer"\]/);
  assert.equal((await ask('/health/live')).status, 200);
});

test('everything else is for those who have the token, also that a route is not there', async (t) => {
  const { ask } = await serve(t);
  const mine = (authorization: string) => ask('/mine', { headers: { authorization } });
  assert.deepEqual(JSON.parse((await mine(`Bearer ${token}`)).text), { mine: true });
  assert.equal((await mine(`Bearer ${token}x`)).status, 401);
  assert.equal((await mine(token)).status, 401);
  for (const path of ['/mine', '/nowhere', '/mine?token=x']) {
    const refused = await ask(path);
    assert.equal(refused.status, 401, path);
    isProblem(refused);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer/);
  }
});

test('with the token, a route that is not there is 404', async (t) => {
  const { ask } = await serve(t);
  const nowhere = await ask('/nowhere', { headers: { authorization: `Bearer ${token}` } });
  assert.equal(nowhere.status, 404);
  isProblem(nowhere);
});

test('a webhook with the secret of its library is a hint; without it, or with another one, it is none', async (t) => {
  const { hook, hints } = await serve(t);
  const body = JSON.stringify({ type: 'AssetV1', trigger: 'AssetCreate', data: { asset: { id: id.toUpperCase() } } });
  const taken = await hook('immich', body);
  assert.equal(taken.status, 202);
  assert.equal((await hook('immich', `{"data":{"asset":{"id":"${id}","more":[1]},"x":1}}`)).status, 202);
  assert.equal((await hook('immich', body, undefined, { 'content-type': 'text/plain' })).status, 202);
  assert.deepEqual(hints.splice(0), [`immich ${id}`, `immich ${id}`, `immich ${id}`]);
  for (const wrong of ['', 'x', token, hookSecret(token, 'immich-ana')]) {
    const refused = await hook('immich', body, wrong);
    assert.equal(refused.status, 401);
    isProblem(refused);
  }
  for (const odd of ['', '[]', '{"data":{}}', '{"data":{"asset":{"id":"../../x"}}}', 'nonsense']) {
    const refused = await hook('immich', odd);
    assert.equal(refused.status, 400, odd);
    isProblem(refused);
  }
  assert.deepEqual(hints, []);
});

test('a body of more than a megabyte is not read, and nobody without the secret has one read at all', async (t) => {
  const { hook, hints } = await serve(t);
  const large = JSON.stringify({ data: { asset: { id, text: 'x'.repeat(1_100_000) } } });
  const refused = await hook('immich', large);
  assert.equal(refused.status, 413);
  isProblem(refused);
  assert.equal((await hook('immich', large, 'wrong')).status, 401);
  assert.deepEqual(hints, []);
});

test('who asks too often is told when to come back', async (t) => {
  let now = 0;
  const { ask } = await serve(t, { rateLimit: createRateLimit({ burst: 2, perSecond: 1, now: () => now }) });
  assert.deepEqual([(await ask('/health/live')).status, (await ask('/health/live')).status], [200, 200]);
  const refused = await ask('/health/live');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '1');
  isProblem(refused);
  now += 1_000;
  assert.equal((await ask('/health/live')).status, 200);
});

test('what fails in here is told to us and not to them', async (t) => {
  const { ask, faults } = await serve(t);
  const broken = await ask('/broken?secret=hush');
  assert.equal(broken.status, 500);
  isProblem(broken);
  assert.doesNotMatch(broken.text, /inner|hush/);
  assert.deepEqual(faults, ['GET /broken: Error: inner words']);
});

test('a handler that does not end is given up, whether a body was read or not, and that is no fault', async (t) => {
  const slow = (method: 'GET' | 'POST' | 'DELETE') =>
    route({
      method,
      path: '/slow',
      access: 'open',
      ...notes,
      returns: { nothing: true },
      // As work does that listens to its signal.
      answer: ({ signal }) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    });
  const patient = route({
    method: 'POST',
    path: '/patient',
    access: 'open',
    ...notes,
    longestMs: 10_000,
    returns: { nothing: true },
    async answer() {
      await sleep(200);
      return { status: 204 };
    },
  });
  const routes = [slow('GET'), slow('POST'), slow('DELETE'), patient];
  const { ask, faults } = await serve(t, { routes, limits: { handlerMs: 100 } });
  const asked = [ask('/slow'), ask('/slow', { method: 'POST', body: '{}' }), ask('/slow', { method: 'DELETE' })];
  for (const late of await Promise.all(asked)) {
    assert.equal(late.status, 503);
    assert.equal(late.headers.get('retry-after'), '10');
    isProblem(late);
  }
  assert.equal((await ask('/patient', { method: 'POST', body: '{}' })).status, 204);
  assert.deepEqual(faults, []);
});

test('a request that comes too slowly, and what is no HTTP, end with a problem and a closed connection', async (t) => {
  const { url } = await serve(t, { limits: { requestMs: 300 } });
  const say = async (text: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(text);
    await once(socket, 'close');
    return answer;
  };
  const [slow, odd] = await Promise.all([say('POST /hooks/immich/a HTTP/1.1\r\nHost: x\r\n'), say('hello\r\n\r\n')]);
  assert.match(slow, /^HTTP\/1\.1 408 [^]*application\/problem\+json[^]*"status":408/);
  assert.match(odd, /^HTTP\/1\.1 400 [^]*"status":400/);
});

test('at its end it does not wait for who is still being served', async (t) => {
  const asked = Promise.withResolvers<void>();
  const never = route({
    method: 'GET',
    path: '/slow',
    access: 'open',
    ...notes,
    returns: { nothing: true },
    answer() {
      asked.resolve();
      return new Promise<never>(() => undefined);
    },
  });
  const server = createHttpServer({ token, routes: [never], onFault: () => undefined });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const cut = fetch(`${url}/slow`).then(
    () => 'answered',
    () => 'cut',
  );
  await asked.promise;
  await server.close();
  assert.equal(await cut, 'cut');
});

test('who waits is known for as long as they wait: a body that was read ends nothing, and leaving does', async (t) => {
  const seen = Promise.withResolvers<AbortSignal>();
  const left = Promise.withResolvers<void>();
  const waiting = route({
    method: 'POST',
    path: '/wait',
    access: 'open',
    ...notes,
    body: z.object({}),
    returns: { nothing: true },
    async answer({ signal }) {
      await sleep(20);
      seen.resolve(signal);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      left.resolve();
      throw signal.reason;
    },
  });
  const { url, ask, faults } = await serve(t, { routes: [waiting, ...healthRoutes({ lacks: async () => [] })] });
  const leaving = new AbortController();
  const asked = fetch(`${url}/wait`, { method: 'POST', body: '{}', signal: leaving.signal }).catch(() => 'left');
  assert.equal((await seen.promise).aborted, false);
  leaving.abort();
  await left.promise;
  assert.equal(await asked, 'left');
  assert.equal((await ask('/health/live')).status, 200);
  assert.deepEqual(faults, []);
});

test('events go on until who listens leaves, and bytes, nothing and the head of an answer are what they are', async (t) => {
  const ended = Promise.withResolvers<void>();
  async function* ticks(signal: AbortSignal) {
    try {
      for (let at = 0; !signal.aborted; at += 1) {
        yield at % 2 === 0 ? { event: 'tick', data: { at } } : ('heartbeat' as const);
        await sleep(5);
      }
    } finally {
      ended.resolve();
    }
  }
  const routes = [
    route({
      method: 'GET',
      path: '/ticks',
      access: 'open',
      ...notes,
      returns: { events: z.object({ at: z.number() }) },
      answer: async ({ signal }) => ({ events: ticks(signal) }),
    }),
    route({
      method: 'GET',
      path: '/bytes',
      access: 'open',
      ...notes,
      returns: { bytes: 'image/jpeg' },
      answer: async () => ({ bytes: new Uint8Array([1, 2, 3]).subarray(1), headers: { etag: '"x"' } }),
    }),
    route({
      method: 'DELETE',
      path: '/none',
      access: 'open',
      ...notes,
      returns: { nothing: true },
      answer: async () => ({ status: 204 }),
    }),
  ];
  const { url, ask, faults } = await serve(t, { routes, limits: { handlerMs: 60 } });
  const leaving = new AbortController();
  const { body, headers } = await fetch(`${url}/ticks`, { signal: leaving.signal });
  assert.deepEqual(
    [headers.get('content-type'), headers.get('cache-control')],
    ['text/event-stream; charset=utf-8', 'no-store'],
  );
  let text = '';
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  // Longer than a handler may take.
  while (text.split('heartbeat').length + text.split(':\n\n').length < 30) text += (await reader?.read())?.value ?? '';
  assert.ok(text.startsWith('event: tick\ndata: {"at":0}\n\n:\n\nevent: tick\ndata: {"at":2}\n\n'));
  leaving.abort();
  await ended.promise;
  assert.equal((await fetch(`${url}/ticks`, { method: 'HEAD' })).status, 401);
  const bytes = await fetch(`${url}/bytes`);
  assert.deepEqual([...new Uint8Array(await bytes.arrayBuffer())], [2, 3]);
  assert.deepEqual([bytes.headers.get('content-type'), bytes.headers.get('etag')], ['image/jpeg', '"x"']);
  const none = await ask('/none', { method: 'DELETE' });
  assert.deepEqual([none.status, none.text], [204, '']);
  assert.deepEqual(faults, []);
});
