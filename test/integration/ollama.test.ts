import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { answerSchema } from '../../adapters/vision-http/structured.ts';
import type { ScriptedAnswer } from '../support/scripted-answer.ts';
import { conditions, fewBytes as jpeg, scripted } from '../support/scripted-host-call.ts';
import { suiteRecipe } from '../suites/vision-model.suite.ts';

test('asks for one picture with thinking off, and with the same options on every call', async (t) => {
  const { host, call } = await scripted(t, {}, { known: { headers: () => ({ authorization: 'Bearer a.b.c' }) } });
  await call();
  await call({ conditions: { seed: 4, temperature: 0.5, numPredict: 256, repeatPenalty: 1.2 } });
  const same = {
    model: 'scripted-vl',
    prompt: 'Что на фото?',
    think: false,
    keepAlive: '10m',
    stream: true,
    format: undefined,
    picture: createHash('sha256').update(jpeg).digest('hex'),
    pictureBytes: jpeg.length,
    authorization: 'Bearer a.b.c',
    isLoad: false,
  };
  assert.deepEqual(host.calls, [
    { ...same, options: { num_ctx: 4096, num_predict: 128, temperature: 0.2, seed: 3 } },
    { ...same, options: { num_ctx: 4096, num_predict: 256, temperature: 0.5, seed: 4, repeat_penalty: 1.2 } },
  ]);
});

test("the person's own options win, and an answer in fields is held to a schema", async (t) => {
  const known = { options: { num_ctx: 8192, top_k: 20, temperature: 0 }, keepAlive: -1 };
  const { host, call } = await scripted(t, {}, { known });
  await call({ recipe: { ...suiteRecipe, output: 'json' }, conditions: { ...conditions, seed: 0 } });
  const [asked] = host.calls;
  assert.deepEqual(asked?.options, { num_predict: 128, temperature: 0, seed: 0, num_ctx: 8192, top_k: 20 });
  assert.deepEqual(asked.format, answerSchema);
  assert.equal(asked.keepAlive, -1);
});

test('never lets num_predict 0 through, which would be an answer without end', async (t) => {
  const { host, call } = await scripted(t, {}, { known: { options: {} } });
  await assert.rejects(call({ conditions: { ...conditions, numPredict: 0 } }), { code: 'BadConfig' });
  const other = await scripted(t, {}, { known: { options: { num_predict: -1 } } });
  await assert.rejects(other.call(), { code: 'BadConfig', message: /num_predict.*hosts file/ });
  assert.equal(host.total.calls + other.host.total.calls, 0);
});

test('takes tokens and durations from the last line', async (t) => {
  const { call } = await scripted(t, { pieces: ['“Two ', 'dogs.”\n'], pieceMs: 1 });
  const { text, promptTokens, answerTokens, loadMs, evalMs, simulated } = await call();
  assert.deepEqual(
    { text, promptTokens, answerTokens, loadMs, evalMs, simulated },
    { text: 'Two dogs.', promptTokens: 1024, answerTokens: 12, loadMs: 1, evalMs: 2, simulated: false },
  );
});

const base64 = (...parts: string[]): string[] => parts.map((part) => Buffer.from(part).toString('base64'));
const line = (content: string): string => `{"message":{"content":${JSON.stringify(content)}},"done":false}`;
const done = '{"done":true,"done_reason":"stop"}';

describe('an answer of Ollama is whole', { timeout: 15_000 }, () => {
  const rows: readonly (readonly [string, ScriptedAnswer])[] = [
    ['as one document without a line break', { chunks: base64('{"message":{"content":"A dog."},"done":true}') }],
    ['with odd counts in its last line', { chunks: base64(line('A dog.'), '\n', '{"done":true,"eval_count":-1}') }],
    ['when the body does not end after done', { end: 'never', chunks: base64(`${line('A dog.')}\n${done}\n`) }],
    ['when more lines follow', { chunks: base64(`${line('A dog.')}\n${done}\n${line(' Late.')}\n{"error":"late"}\n`) }],
  ];
  for (const [name, answer] of rows) {
    test(name, async (t) => {
      const { call } = await scripted(t, answer);
      assert.equal((await call()).text, 'A dog.');
    });
  }
});

test('a clean end without done is a loop that Ollama has cut off', async (t) => {
  const { call, host } = await scripted(t, { pieces: ['ha', 'ha', 'ha'], end: 'without-done' });
  await assert.rejects(call(), { code: 'AnswerLooped', host: host.url, message: /repeated/ });
});

test('an error line about our options is ours', async (t) => {
  const errorText = 'option "seed" must be of type int';
  const { call } = await scripted(t, { pieces: [], end: 'error-line', errorText });
  await assert.rejects(call(), { code: 'BadRequest', message: /seed/ });
});
