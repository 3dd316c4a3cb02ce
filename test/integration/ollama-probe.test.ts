import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { ScriptedHostOptions } from '../support/scripted-host.ts';
import { scripted } from '../support/scripted-host-call.ts';
import { httpReply, rawServer } from '../support/scripted-host-raw.ts';

const page = '<!DOCTYPE html><html><title>Welcome to Airport WiFi</title></html>';

describe('asking an Ollama finds out', () => {
  const ask = async (t: TestContext, options: ScriptedHostOptions, model = 'scripted-vl') => {
    const { host, vision } = await scripted(t, {}, { host: options });
    return await vision.probe(host.url, model, AbortSignal.timeout(10_000));
  };
  test('that a model cannot see', async (t) => {
    const probe = await ask(t, { capabilities: ['completion', 'thinking'] });
    assert.equal(probe.state, 'cannot-see');
    assert.ok('detail' in probe && /completion, thinking.*VISION_MODEL/.test(probe.detail));
  });
  test('nothing against a model of an old server, which lists no capabilities', async (t) => {
    assert.equal((await ask(t, { capabilities: null })).state, 'ready');
  });
  test('a model under its full name', async (t) => {
    assert.equal((await ask(t, { model: 'scripted-vl:latest' })).state, 'ready');
  });
  test('that it is simulated, and that the model is in memory', async (t) => {
    assert.deepEqual(await ask(t, { simulated: true }), { state: 'ready', simulated: true, loaded: true });
  });
  test('that the model is not in memory', async (t) => {
    assert.deepEqual(await ask(t, { loaded: false }), { state: 'ready', simulated: false, loaded: false });
  });
  test('nothing about the memory of a host that does not tell', async (t) => {
    const routes = { 'GET /api/ps': { status: 404, body: '404 page not found' } };
    assert.deepEqual(await ask(t, { routes }), { state: 'ready', simulated: false });
  });
  test('that it is LM Studio, which answers 200 to everything', async (t) => {
    const body = { error: 'Unexpected endpoint or method. (GET /api/version). Returning 200 anyway' };
    const probe = await ask(t, { routes: { 'GET /api/version': { body } } });
    assert.equal(probe.state, 'nonsense');
    assert.ok('detail' in probe && /no Ollama.*VISION_API/.test(probe.detail));
  });

  const answers: readonly (readonly [string, string, string, RegExp])[] = [
    ['that it is a web page', httpReply(200, page), 'nonsense', /VISION_HOSTS/],
    ['that a network sends us to its sign-in page', httpReply(302, '', 'location: http://wifi/'), 'nonsense', /302/],
    ['that it is another API', httpReply(404, '{}'), 'nonsense', /404/],
    ['that it wants a token', httpReply(401, ''), 'unauthorized', /VISION_TOKEN/],
    ['that it does not know its name', httpReply(403, ''), 'unauthorized', /OLLAMA_HOST/],
    ['that only its proxy is there', httpReply(502, ''), 'away', /502/],
    ['that its proxy limits us', httpReply(429, ''), 'busy', /429/],
    ['that it breaks off', httpReply(200, 'x'.repeat(99)).slice(0, -50), 'away', /closed/],
  ];
  for (const [name, reply, state, words] of answers) {
    test(name, async (t) => {
      const { vision, know } = await scripted(t);
      const probe = await vision.probe(know(await rawServer(t, reply)), 'any', AbortSignal.timeout(10_000));
      assert.equal(probe.state, state);
      assert.ok('detail' in probe && words.test(probe.detail), 'detail' in probe ? probe.detail : '');
    });
  }
});
