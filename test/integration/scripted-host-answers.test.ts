import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { visionApis } from '../../domain/vision-host.ts';
import { freePort } from '../support/free-port.ts';
import type { ScriptedAnswer } from '../support/scripted-answer.ts';
import { fewBytes as jpeg, scripted } from '../support/scripted-host-call.ts';
import { suiteRecipe, visionModelSuite } from '../suites/vision-model.suite.ts';

const getModel = {
  ollama: (model: string) => `ollama pull ${model}`,
  openai: () => '/v1/models',
};

for (const api of visionApis) {
  visionModelSuite(`a scripted host that speaks ${api}`, async (t) => {
    const { host, vision, know } = await scripted(t, { firstByteMs: 20 }, { host: { api } });
    const nobody = know(`http://127.0.0.1:${await freePort()}`);
    return { vision, host: host.url, model: host.model, jpeg, nobody, getModel: getModel[api] };
  });
}

const dog = 'Собака 🐕 бежит.';

/** What reaches us, whatever the host speaks. */
const whole: readonly (readonly [string, ScriptedAnswer])[] = [
  ['in one write', { text: dog }],
  ['piece by piece', { pieces: ['Собака ', '🐕', ' бежит', '.'], pieceMs: 1 }],
  ['with line breaks of Windows', { crlf: true, pieces: ['Собака ', '🐕 бежит.'] }],
  ['after early headers', { headersFirstMs: 20, text: dog }],
  ['in chunks that end inside characters', { text: dog, chunkBytes: 3 }],
  ['one byte at a time', { text: dog, chunkBytes: 1 }],
  ['as a slow stream of small chunks', { text: dog, chunkBytes: 40, pieceMs: 5 }],
  ['when the connection breaks after its end', { reset: 'after-done', text: dog, pieceMs: 1 }],
  ['cut by the limit of tokens', { text: dog, doneReason: 'length' }],
  ['after thinking', { thinking: 'Hm. A cat?', text: dog }],
  ['with gzip', { text: dog, encoding: 'gzip' }],
  ['with gzip in chunks of one byte', { text: dog, encoding: 'gzip', chunkBytes: 1 }],
  ['with gzip in chunks of seven bytes, slowly', { text: dog, encoding: 'gzip', chunkBytes: 7, pieceMs: 1 }],
  ['with deflate', { text: dog, encoding: 'deflate', chunkBytes: 11 }],
  ['with Brotli', { text: dog, encoding: 'br', chunkBytes: 5 }],
  ['with Zstandard', { text: dog, encoding: 'zstd', chunkBytes: 5 }],
];

for (const api of visionApis) {
  describe(`an answer is whole (${api})`, () => {
    for (const [name, answer] of whole) {
      test(name, async (t) => {
        const { call } = await scripted(t, answer, { host: { api } });
        const { text, promptTokens, answerTokens } = await call();
        assert.deepEqual({ text, promptTokens, answerTokens }, { text: dog, promptTokens: 1024, answerTokens: 12 });
      });
    }

    test('and its connection is used again', async (t) => {
      const { call, host } = await scripted(t, {}, { host: { api } });
      for (let turn = 0; turn < 6; turn += 1) await call();
      // undici keeps a second one at hand.
      assert.ok(host.connections() <= 2);
    });
  });

  describe(`an answer in fields (${api})`, () => {
    const recipe = { ...suiteRecipe, output: 'json' } as const;
    const fields = {
      description: 'A dog.',
      tags: ['Dog', ' dog ', 'GRASS', '', 7, 'x'.repeat(61)],
      text_in_image: ' EXIT ',
    };

    test('is taken apart and cleaned, and an odd field costs only itself', async (t) => {
      const text = JSON.stringify({ ...fields, safety: 'unheard of' });
      const { call } = await scripted(t, { text }, { host: { api } });
      const { text: said, tags, textInImage, safety } = await call({ recipe });
      assert.deepEqual(
        { said, tags, textInImage, safety },
        { said: 'A dog.', tags: ['dog', 'grass'], textInImage: 'EXIT', safety: undefined },
      );
    });
    test('is bounded', async (t) => {
      const tags = Array.from({ length: 80 }, (_none, n) => `tag ${n}`);
      const text = JSON.stringify({
        description: 'A dog.',
        tags,
        text_in_image: 'word '.repeat(20) + [...tags].join(' ').repeat(12),
      });
      const { call } = await scripted(t, { text }, { host: { api } });
      const answered = await call({ recipe });
      assert.equal(answered.tags?.length, 50);
      assert.equal(answered.textInImage?.length, 4_000);
    });
    test('is found inside fences, and in the thoughts of a model that thinks', async (t) => {
      const text = JSON.stringify({ ...fields, safety: 'safe' });
      const { call, host } = await scripted(t, { text: `\`\`\`json\n${text}\n\`\`\`` }, { host: { api } });
      assert.equal((await call({ recipe })).safety, 'safe');
      host.script(() => ({ pieces: [], thinking: text }));
      assert.equal((await call({ recipe })).text, 'A dog.');
    });
    test('is none when it is cut off, or has no description, and the message says what to do', async (t) => {
      const { call, host } = await scripted(
        t,
        { text: '{"description":"A d', doneReason: 'length' },
        { host: { api } },
      );
      await assert.rejects(call({ recipe }), { code: 'EmptyAnswer', message: /cut off.*VISION_NUM_PREDICT/ });
      for (const text of ['{"tags":["dog"]}', 'A dog.', '{"description":"  "}']) {
        host.script(() => ({ text }));
        await assert.rejects(call({ recipe }), { code: 'EmptyAnswer', message: /VISION_OUTPUT/ });
      }
    });
  });
}
