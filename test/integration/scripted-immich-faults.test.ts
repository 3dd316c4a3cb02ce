import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../support/immich/ask.ts';
import { running } from '../support/immich/running.ts';
import { certificateFile } from '../support/immich/server.ts';

test('a fault counts for the requests that it is meant for, and no longer', async (t) => {
  const immich = await running(t);
  const id = immich.addAsset(immich.user.id);
  immich.fault({ route: 'GET /assets/:id', after: 1, times: 2 }, { status: 429, retryAfter: '7', message: 'slowly' });
  const seen: [number, string | null][] = [];
  for (let count = 0; count < 4; count += 1) {
    const { status, headers } = await ask(immich, `GET /assets/${id}`);
    seen.push([status, headers.get('retry-after')]);
  }
  assert.deepEqual(seen, [
    [200, null],
    [429, '7'],
    [429, '7'],
    [200, null],
  ]);
  assert.equal((await ask(immich, 'GET /users/me')).status, 200);
  assert.deepEqual(immich.counts().statuses, { 200: 3, 429: 2 });
});

test('a fault may strike each third request only', async (t) => {
  const immich = await running(t);
  immich.fault({ every: 3, times: 1 }, { status: 500 });
  const seen: number[] = [];
  for (let count = 0; count < 6; count += 1) seen.push((await ask(immich, 'GET /users/me')).status);
  assert.deepEqual(seen, [200, 200, 500, 200, 200, 200]);
});

test('503, the page of a proxy, half an answer and a cut connection are played', async (t) => {
  const immich = await running(t);
  const me = 'GET /users/me';
  immich.fault({ times: 1 }, { status: 503 });
  assert.equal((await ask(immich, me)).status, 503);
  immich.clearMoments();
  immich.fault({ times: 1 }, { html: '<h1>502 Bad Gateway</h1>', status: 502 });
  const page = await ask(immich, me);
  assert.deepEqual([page.status, page.json, page.bytes.toString()], [502, null, '<h1>502 Bad Gateway</h1>']);
  immich.clearMoments();
  immich.fault({ times: 1 }, { cropTo: 0.5 });
  await assert.rejects(ask(immich, me), SyntaxError);
  immich.clearMoments();
  immich.fault({ times: 1 }, { share: 0.5 });
  await assert.rejects(ask(immich, me), TypeError);
  immich.clearMoments();
  immich.fault({ times: 1 }, { cut: 'before' });
  await assert.rejects(ask(immich, me), TypeError);
  assert.equal((await ask(immich, me)).status, 200);
});

test('an answer may be lost after the work was done', async (t) => {
  const immich = await running(t);
  const id = immich.addAsset(immich.user.id);
  immich.fault({ route: 'PUT /assets/:id', times: 1 }, { cut: 'after' });
  await assert.rejects(ask(immich, `PUT /assets/${id}`, { body: { description: 'A text' } }), TypeError);
  assert.equal(immich.description(id), 'A text');
});

test('a slow answer waits for whoever asks', async (t) => {
  const immich = await running(t);
  immich.fault({ times: 1 }, { delayMs: 600_000 });
  await assert.rejects(ask(immich, 'GET /users/me', { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  assert.equal((await ask(immich, 'GET /users/me')).status, 200);
});

test('a preview is a 404 until it is there, and another one where the picture was edited (4.4, 2.1)', async (t) => {
  const immich = await running(t);
  const id = immich.addAsset(immich.user.id, { previewInMs: null });
  const preview = (of: string, edited = false) =>
    ask(immich, `GET /assets/${of}/thumbnail?size=preview&edited=${edited}`);
  const early = await preview(id);
  assert.deepEqual([early.status, (await ask(immich, `GET /assets/${id}`)).json.thumbhash], [404, null]);
  immich.makePreview(id);
  const plain = await preview(id);
  assert.deepEqual([plain.status, plain.headers.get('content-type')], [200, 'image/jpeg']);
  immich.editPicture(id);
  assert.notDeepEqual((await preview(id, true)).bytes, plain.bytes);
  assert.deepEqual((await preview(id)).bytes, plain.bytes);
  const copy = immich.addAsset(immich.user.id, { copyOf: id });
  // The same picture, in bytes of its own.
  const other = immich.addAsset(immich.user.id, { picture: { variant: 0, mark: 'another' } });
  assert.deepEqual((await preview(copy)).bytes, plain.bytes);
  assert.notDeepEqual((await preview(other)).bytes, plain.bytes);
  assert.deepEqual([immich.counts().previews, immich.counts().previewsByAsset[id]], [5, 3]);
});

test('a preview that comes by itself is there after its time', async (t) => {
  const immich = await running(t);
  const id = immich.addAsset(immich.user.id, { previewInMs: 40 });
  while ((await ask(immich, `GET /assets/${id}/thumbnail?size=preview`)).status === 404) await sleep(5);
  assert.equal(immich.counts().previews, 1);
});

test('a person edits at the moment that a test chooses', async (t) => {
  const immich = await running(t);
  const id = immich.addAsset(immich.user.id);
  immich.editWhen('after', { route: 'GET /assets/:id/thumbnail', times: 1 }, 'Typed on {id}');
  await ask(immich, `GET /assets/${id}/thumbnail?size=preview`);
  assert.equal(immich.description(id), `Typed on ${id}`);
  immich.actWhen('before', { route: 'PUT /assets/:id', assetId: id, times: 1 }, 'trash');
  const answer = await ask(immich, `PUT /assets/${id}`, { body: { description: 'A text' } });
  assert.equal(answer.json.isTrashed, true);
  assert.equal(immich.counts().lostHumanTexts.length, 1);
  const seen: string[] = [];
  const takeBack = immich.when('after', { route: 'GET /users/me' }, ({ route }) => void seen.push(route));
  await ask(immich, 'GET /users/me');
  takeBack();
  await ask(immich, 'GET /users/me');
  assert.deepEqual(seen, ['GET /users/me']);
});

test('fields may be unknown, null or out of range', async (t) => {
  const immich = await running(t);
  const odd = { asset: { newIn4: {}, width: null }, exif: { rating: -1, iso: null } };
  const id = immich.addAsset(immich.user.id, { odd });
  const { newIn4, width, exifInfo } = (await ask(immich, `GET /assets/${id}`)).json;
  assert.deepEqual([newIn4, width, exifInfo.rating, exifInfo.iso], [{}, null, -1, null]);
});

test('its clock may be wrong', async (t) => {
  const immich = await running(t, { skewMs: 3_600_000 });
  const id = immich.addAsset(immich.user.id);
  const { createdAt } = (await ask(immich, `GET /assets/${id}`)).json;
  assert.ok(Date.parse(createdAt) > Date.now() + 3_500_000);
});

test('it goes down and comes up at the same address, with everything in it', async (t) => {
  const immich = await running(t);
  const id = immich.addAsset(immich.user.id);
  await immich.down();
  await assert.rejects(ask(immich, 'GET /server/ping'), TypeError);
  await immich.up();
  assert.equal((await ask(immich, `GET /assets/${id}`)).status, 200);
});

test('below a prefix, and what is not below /api is the page of the web app', async (t) => {
  const immich = await running(t, { prefix: '/photos' });
  assert.match(immich.apiUrl, /\/photos\/api$/);
  assert.equal((await ask(immich, 'GET /server/ping')).status, 200);
  const page = await ask({ ...immich, apiUrl: immich.url }, 'GET /server/ping');
  assert.match(page.bytes.toString(), /^<!doctype html>/);
  const unknown = await ask(immich, 'GET /nonsense');
  assert.deepEqual([unknown.status, unknown.json.message], [404, 'Cannot GET /photos/api/nonsense']);
});

test('with TLS it shows a certificate that only a test trusts', async (t) => {
  const immich = await running(t, { tls: true });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const ca = readFileSync(certificateFile);
  get(`${immich.apiUrl}/server/ping`, { ca }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  }).once('error', reject);
  assert.equal(await promise, 200);
  await assert.rejects(ask(immich, 'GET /server/ping'), TypeError);
});
