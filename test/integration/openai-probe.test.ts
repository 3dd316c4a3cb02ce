import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { ScriptedHostOptions } from '../support/scripted-host.ts';
import { scripted } from '../support/scripted-host-call.ts';
import { httpReply, rawServer } from '../support/scripted-host-raw.ts';

type Routes = NonNullable<ScriptedHostOptions['routes']>;

const ask = async (t: TestContext, routes: Routes = {}, model = 'scripted-vl') => {
  const { host, vision } = await scripted(t, {}, { host: { api: 'openai', routes } });
  return await vision.probe(host.url, model, AbortSignal.timeout(10_000));
};
const list = (...data: readonly object[]): Routes => ({ 'GET /v1/models': { body: { object: 'list', data } } });
const ready = { state: 'ready', simulated: false };

describe('asking an OpenAI-compatible server finds out', () => {
  test('that it has the model, in each shape of the list', async (t) => {
    assert.deepEqual(await ask(t), ready);
    assert.deepEqual(await ask(t, { 'GET /v1/models': { body: [{ id: 'scripted-vl' }] } }), ready);
    assert.deepEqual(await ask(t, list({ id: 'scripted-vl', owned_by: 'vllm', root: '/models/x' })), ready);
    assert.deepEqual(await ask(t, list({ id: 'scripted-vl:latest', owned_by: 'library' })), ready);
  });
  test('that it lacks the model, and which it has', async (t) => {
    const probe = await ask(t, list({ id: 'a' }, { id: 'b' }), 'c');
    assert.equal(probe.state, 'model-missing');
    assert.ok('detail' in probe && /Load c there.*\/v1\/models.*It lists a, b\.$/.test(probe.detail));
    const many = await ask(t, list(...Array.from({ length: 300 }, (_none, n) => ({ id: `m${n}` }))));
    assert.ok('detail' in many && many.detail.endsWith('m4 and 295 more.'));
  });
  test('that OpenRouter knows the model, with a route behind its name, and whether it can see', async (t) => {
    const takes = (...input_modalities: string[]) => list({ id: 'qwen/vl', architecture: { input_modalities } });
    assert.deepEqual(await ask(t, takes('text', 'image'), 'qwen/vl:nitro'), ready);
    const blind = await ask(t, takes('text', 'file'), 'qwen/vl');
    assert.equal(blind.state, 'cannot-see');
    assert.ok('detail' in blind && /takes: text, file/.test(blind.detail));
  });
  test('that it is simulated', async (t) => {
    const { host, vision } = await scripted(t, {}, { host: { api: 'openai', simulated: true } });
    const probe = await vision.probe(host.url, host.model, AbortSignal.timeout(10_000));
    assert.deepEqual(probe, { state: 'ready', simulated: true });
  });
});

describe('asking llama.cpp finds out', () => {
  const id = '/models/qwen3-vl.gguf';
  const llama = (more: object = {}, capabilities = ['completion', 'multimodal']): Routes => ({
    'GET /v1/models': {
      body: {
        models: [{ name: id, model: id, capabilities }],
        object: 'list',
        data: [{ id, owned_by: 'llamacpp', ...more }],
      },
    },
  });
  const props = (vision: boolean): Routes => ({
    [`GET /props?model=${encodeURIComponent(id)}`]: { body: { modalities: { vision, audio: true } } },
  });

  test('that one model under the path of its file answers to every name', async (t) => {
    assert.deepEqual(await ask(t, llama()), { ...ready, loaded: true });
  });
  test('that it cannot see, by either of the two places where it says so', async (t) => {
    assert.equal((await ask(t, llama({}, ['completion']))).state, 'cannot-see');
    const probe = await ask(t, { ...llama(), ...props(false) });
    assert.ok(probe.state === 'cannot-see' && probe.detail.includes('--mmproj'));
    assert.deepEqual(await ask(t, { ...llama({}, ['completion']), ...props(true) }), { ...ready, loaded: true });
  });
  test('which of several models is in memory, and then no other name will do', async (t) => {
    const several = llama({ status: { value: 'unloaded' } });
    assert.deepEqual(await ask(t, several, id), { ...ready, loaded: false });
    assert.equal((await ask(t, several, 'other')).state, 'model-missing');
  });
  test('that it is still loading', async (t) => {
    const error = { message: 'Loading model', type: 'unavailable_error', code: 503 };
    const probe = await ask(t, { 'GET /v1/models': { status: 503, body: { error } } });
    assert.equal(probe.state, 'away');
    assert.ok('detail' in probe && /still loading/.test(probe.detail));
  });
});

const page = '<!DOCTYPE html><html><title>Welcome to Airport WiFi</title></html>';

describe('asking what is no OpenAI-compatible server, or will not have us, finds out', () => {
  const rows: readonly (readonly [string, string, string, RegExp])[] = [
    ['that it is a web page', httpReply(200, page), 'nonsense', /no OpenAI-compatible.*VISION_API/],
    ['that a network sends us to its sign-in page', httpReply(302, '', 'location: http://wifi/'), 'nonsense', /302/],
    ['that it is another API', httpReply(404, '{"detail":"Not Found"}'), 'nonsense', /404/],
    ['that it lists nothing to be understood', httpReply(200, '{"data":"?"}'), 'nonsense', /200/],
    ['that it wants a token', httpReply(401, '{"error":{"message":"No auth"}}'), 'unauthorized', /VISION_TOKEN/],
    [
      'that it wants to be paid',
      httpReply(402, '{"error":{"message":"No credits"}}'),
      'unauthorized',
      /No credits.*credit/,
    ],
    ['that only its proxy is there', httpReply(503, '<html>'), 'away', /503/],
    ['that it is compressed nonsense', httpReply(200, page, 'content-encoding: gzip'), 'nonsense', /encoding/],
  ];
  for (const [name, reply, state, words] of rows) {
    test(name, async (t) => {
      const { vision, know } = await scripted(t, {}, { host: { api: 'openai' } });
      const probe = await vision.probe(know(await rawServer(t, reply)), 'any', AbortSignal.timeout(10_000));
      assert.equal(probe.state, state);
      assert.ok('detail' in probe && words.test(probe.detail), 'detail' in probe ? probe.detail : '');
    });
  }
});
