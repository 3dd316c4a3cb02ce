import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { z } from 'zod';
import { isLoopback } from '../../clients/http/loopback.ts';
import { HttpProblem, problemOf } from '../../clients/http/problems.ts';
import { createRateLimit } from '../../clients/http/rate-limit.ts';
import { route } from '../../clients/http/route.ts';
import { bearerOf, hookSecret, isSameSecret } from '../../clients/http/secrets.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { apiTokenPath, ensureApiToken } from '../../runtime/api-token.ts';
import { loadSettings } from '../../runtime/config.ts';
import { httpAddressOf } from '../../runtime/http-address.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('an address lets a burst through, then as many as time allows, and others are not held up by it', () => {
  let now = 1_000_000;
  const { take } = createRateLimit({ burst: 3, perSecond: 2, now: () => now });
  assert.deepEqual([take('a'), take('a'), take('a')], [0, 0, 0]);
  assert.equal(take('a'), 500);
  assert.equal(take('b'), 0);
  now += 250;
  assert.equal(take('a'), 250);
  now += 250;
  assert.deepEqual([take('a'), take('a')], [0, 500]);
  now += 3_600_000;
  assert.deepEqual([take('a'), take('a'), take('a'), take('a') > 0], [0, 0, 0, true]);
});

test('a clock that is set back neither fills a bucket nor empties it', () => {
  let now = 1_000_000;
  const { take } = createRateLimit({ burst: 1, perSecond: 1, now: () => now });
  assert.equal(take('a'), 0);
  now -= 900_000;
  assert.equal(take('a'), 1_000);
  now += 1_000;
  assert.equal(take('a'), 0);
});

test('of more addresses than are kept, the one that was quiet the longest is forgotten', () => {
  const { take } = createRateLimit({ burst: 1, perSecond: 1, mostAddresses: 2, now: () => 0 });
  assert.deepEqual([take('a'), take('b'), take('a') > 0, take('c')], [0, 0, true, 0]);
  assert.equal(take('b'), 0, 'b was forgotten');
  assert.ok(take('c') > 0, 'c was not');
});

test('only the whole secret is the same secret', () => {
  assert.ok(isSameSecret('right', 'right'));
  for (const wrong of ['', 'r', 'righ', 'rightt', 'Right', undefined]) assert.ok(!isSameSecret(wrong, 'right'));
  assert.ok(!isSameSecret('', ''), 'a secret that is not there opens nothing');
});

test('each library has a secret of its own, which follows from the token and does not show it', () => {
  const of = (token: string, library: string) => hookSecret(token, library);
  assert.equal(of('token', 'immich'), of('token', 'immich'));
  const all = [of('token', 'immich'), of('token', 'immich-ana'), of('other', 'immich'), 'token'];
  assert.equal(new Set(all).size, 4);
  assert.match(of('token', 'immich'), /^[\w-]{43}$/);
});

test('a bearer token is read as the standard writes it', () => {
  assert.equal(bearerOf('Bearer abc'), 'abc');
  assert.equal(bearerOf('bearer   abc '), 'abc');
  for (const none of [undefined, '', 'abc', 'Basic abc', 'Bearer', 'Bearer a b'])
    assert.equal(bearerOf(none), undefined);
});

test('every failure becomes a problem that names its status and keeps what is ours to itself', () => {
  assert.deepEqual(problemOf(new HttpProblem(404, { detail: 'no such photo', more: { photo: 'x' } })).problem, {
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'no such photo',
    photo: 'x',
  });
  const away = problemOf(new TransientError('DatabaseUnavailable', 'it is away', { retryAfterMs: 1_200 }));
  assert.equal(away.problem.status, 503);
  assert.equal(away.headers['retry-after'], '2');
  assert.equal(problemOf(new ConfigError('BadConfig', 'set X')).problem.status, 409);
  const temporal = problemOf(Object.assign(new Error('14 UNAVAILABLE: inner'), { name: 'ServiceError' }));
  assert.partialDeepStrictEqual(temporal, {
    problem: { status: 503, code: 'not-ready', detail: 'Temporal does not answer.' },
    headers: { 'retry-after': '5' },
  });
  const ours = problemOf(new Error('secret detail'));
  assert.deepEqual(ours.problem, { type: 'about:blank', title: 'Internal Server Error', status: 500 });
  const tooLarge = Object.assign(new Error('Body of 5 is too large'), { statusCode: 413 });
  assert.equal(problemOf(tooLarge).problem.status, 413);
  assert.equal(problemOf(Object.assign(new Error('inner'), { statusCode: 507 })).problem.status, 500);
});

test('a handler gets what its schemas made of the request; what does not fit is 400 and does not repeat what was sent', async () => {
  const doubled = route({
    method: 'POST',
    path: '/double/:id',
    access: 'open',
    params: z.object({ id: z.coerce.number() }),
    body: z.strictObject({ by: z.number().default(2) }),
    tag: 'About',
    summary: 'Doubles',
    returns: { status: 201, json: z.object({ is: z.number() }) },
    examples: [{ body: {}, answer: { is: 4 } }],
    answer: async ({ params, body }) => ({ json: { is: params.id * body.by, not: 'told' } }),
  });
  const raw = { params: { id: '21' }, query: {}, header: () => undefined, signal: AbortSignal.abort() };
  assert.deepEqual(await doubled.answer({ ...raw, body: '{}' }), { status: 201, json: { is: 42 } });
  for (const body of ['', 'hush', '{"by":"hush"}', '{"a hush":1}']) {
    await assert.rejects(doubled.answer({ ...raw, body }), (error: unknown) => {
      const { problem } = problemOf(error);
      assert.equal(problem.status, 400);
      assert.doesNotMatch(JSON.stringify(problem), /hush/);
      return true;
    });
  }
});

test('a token is made once, for its owner alone, and lives on; one that is set goes before it', async (t) => {
  const folder = await temporaryFolder(t);
  assert.equal(await ensureApiToken(folder, 'set by a person'), 'set by a person');
  const made = await ensureApiToken(folder, undefined);
  assert.match(made, /^[\w-]{43}$/);
  assert.equal(await ensureApiToken(folder, undefined), made);
  assert.equal((await stat(apiTokenPath(folder))).mode & 0o777, 0o600);
  await writeFile(apiTokenPath(folder), '\n');
  await assert.rejects(ensureApiToken(folder, undefined), /api-token holds no token: remove it/);
});

test('an address is a host with a port, or off; anything else is a wrong setting', () => {
  assert.deepEqual(httpAddressOf('127.0.0.1:2285'), { host: '127.0.0.1', port: 2285 });
  assert.deepEqual(httpAddressOf('[::1]:0'), { host: '::1', port: 0 });
  assert.equal(httpAddressOf('off'), 'off');
  for (const DARKROOM_HTTP_ADDRESS of ['2285', ':2285', 'host', 'host:65536', 'http://host:1', '::1:80', 'a b:1']) {
    assert.throws(() => loadSettings({ DARKROOM_HTTP_ADDRESS }), /DARKROOM_HTTP_ADDRESS: is not an address/);
  }
  assert.throws(() => loadSettings({ DARKROOM_API_TOKEN: 'too short' }), /DARKROOM_API_TOKEN: is not 16 or more/);
  assert.deepEqual(['127.0.0.1', '::1', 'localhost', '0.0.0.0', '192.168.1.5'].map(isLoopback), [
    true,
    true,
    true,
    false,
    false,
  ]);
});
