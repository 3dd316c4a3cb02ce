import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scripted } from '../support/scripted-host-call.ts';

test('a model that is not in memory is loaded first, once, with the options of the calls', async (t) => {
  const known = { options: { num_gpu: 20 }, keepAlive: '30m' };
  const { host, call } = await scripted(t, {}, { host: { loaded: false }, known });
  await call();
  await call();
  assert.equal(host.loads.length, 1);
  const [load] = host.loads;
  assert.deepEqual(load?.options, { num_ctx: 4096, num_gpu: 20 });
  assert.equal(load.keepAlive, '30m');
  assert.equal(host.calls.length, 2);
  for (const { options } of host.calls) {
    assert.deepEqual({ num_ctx: options['num_ctx'], num_gpu: options['num_gpu'] }, load.options);
  }
});

test('a model that is in memory is not loaded again, and who has just answered is not asked', async (t) => {
  const { host, call } = await scripted(t);
  await call();
  await call();
  assert.equal(host.loads.length, 0);
  assert.deepEqual(host.questions, ['GET /api/ps']);
});

test('loading may take longer than the limits of a call, which begin after it', async (t) => {
  const limits = { firstByteMs: 100, overallMs: 250 };
  const { call } = await scripted(
    t,
    { text: 'A dog.' },
    { limits, host: { loaded: false, load: { firstByteMs: 400 } } },
  );
  assert.equal((await call()).text, 'A dog.');
});

test('loading has a limit of its own', async (t) => {
  const host = { loaded: false, load: { firstByteMs: 60_000 } };
  const { call } = await scripted(t, {}, { limits: { loadMs: 100 }, host });
  await assert.rejects(call(), { code: 'HostTimedOut', message: /did not load the model/ });
});

test('a failure to load is never the photo’s, which was not sent', async (t) => {
  const load = { status: 500, body: '{"error":"error loading model: out of memory"}' };
  const { call, host } = await scripted(t, {}, { host: { loaded: false, load } });
  await assert.rejects(call(), { code: 'HostBroke', message: /While it loaded.*out of memory/ });
  assert.equal(host.calls.length, 0);
});

test('canceling ends the loading too', async (t) => {
  const { call, host } = await scripted(t, {}, { host: { loaded: false, load: { firstByteMs: 60_000 } } });
  const controller = new AbortController();
  const reason = new Error('not wanted');
  const running = call({ signal: controller.signal });
  while (host.loads.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(reason);
  await assert.rejects(running, reason);
  assert.equal(host.calls.length, 0);
});

test('a host that does not say what is in its memory is called all the same', async (t) => {
  for (const body of ['', '{"models":"?"}', '<html>']) {
    const { host, call } = await scripted(t, {}, { host: { loaded: false, routes: { 'GET /api/ps': { body } } } });
    await call();
    assert.equal(host.loads.length, 0);
  }
});

test('nothing is loaded where the person has models unloaded at once: the same request would unload', async (t) => {
  const { host, call, vision } = await scripted(t, {}, { host: { loaded: false }, known: { keepAlive: 0 } });
  await call();
  await vision.load(host.url, host.model, 4096, AbortSignal.timeout(5_000));
  assert.equal(host.loads.length, 0);
});

test('loading a model that is not there says what gets it', async (t) => {
  const { host, vision } = await scripted(t);
  const load = vision.load(host.url, 'no-such', 4096, AbortSignal.timeout(5_000));
  await assert.rejects(load, { code: 'ModelMissing', message: /ollama pull no-such/ });
});
