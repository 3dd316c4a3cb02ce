import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type VisionApi, visionApis } from '../../domain/vision-host.ts';
import type { ScriptedAnswer } from '../support/scripted-answer.ts';

import { scripted } from '../support/scripted-host-call.ts';

const base64 = (...parts: string[]): string[] => parts.map((part) => Buffer.from(part).toString('base64'));

/** A whole answer with these counts as they stand, in each place where a kind of host tells them. */
const counted = {
  ollama: (prompt: string, answer: string) => [
    base64(
      '{"message":{"content":"A dog."}}\n',
      `{"done":true,"prompt_eval_count":${prompt},"eval_count":${answer},"load_duration":1e999,"eval_duration":1e999}\n`,
    ),
  ],
  openai: (prompt: string, answer: string) =>
    [
      `"usage":{"prompt_tokens":${prompt},"completion_tokens":${answer}}`,
      `"timings":{"prompt_n":${prompt},"predicted_n":${answer},"predicted_ms":1e999}`,
    ].map((told) =>
      base64(
        'data: {"choices":[{"delta":{"content":"A dog."},"finish_reason":"stop"}]}\n\n',
        `data: {"choices":[],${told}}\n\n`,
      ),
    ),
};

const loop = JSON.stringify('the dog '.repeat(120));
/** All of it in the line that ends it. */
const loopAtOnce: Readonly<Record<VisionApi, ScriptedAnswer>> = {
  ollama: { body: `{"message":{"content":${loop}},"done":true,"prompt_eval_count":1024,"eval_count":12}` },
  openai: {
    body: `{"choices":[{"message":{"content":${loop}},"finish_reason":"length"}],"usage":{"prompt_tokens":1024,"completion_tokens":12}}`,
  },
};
type Paid = readonly [name: string, code: string, answer: ScriptedAnswer];
const refusals: readonly Paid[] = [
  ['a refusal', 'Refused', { pieces: [], refusal: 'I cannot help with that.' }],
  ['a filtered one', 'Refused', { text: 'A per', doneReason: 'content_filter' }],
];

for (const api of visionApis) {
  describe(`what an answer cost (${api})`, () => {
    const rows: readonly (readonly [prompt: string, answer: string, kept: readonly unknown[]])[] = [
      ['12.5', '3000000000', [undefined, undefined]],
      ['1e999', '"7"', [undefined, undefined]],
      ['2147483648', '-1', [undefined, undefined]],
      ['2147483647', '0', [2_147_483_647, 0]],
    ];
    for (const [prompt, answer, kept] of rows) {
      test(`is kept where a database can keep it: ${prompt} and ${answer} tokens`, async (t) => {
        const { call, host } = await scripted(t, {}, { host: { api } });
        for (const chunks of counted[api](prompt, answer)) {
          host.script(() => ({ chunks }));
          const { text, promptTokens, answerTokens, loadMs = 0, evalMs = 0 } = await call();
          assert.deepEqual([text, promptTokens, answerTokens], ['A dog.', ...kept]);
          assert.ok(Number.isFinite(loadMs + evalMs), 'durations without end are left out');
        }
      });
    }

    const paid: readonly Paid[] = [
      ['an empty one', 'EmptyAnswer', { text: ' ' }],
      ['one that only thought', 'EmptyAnswer', { pieces: [], thinking: 'Hm', doneReason: 'length' }],
      ['a looping one that is whole', 'AnswerLooped', loopAtOnce[api]],
      ...(api === 'openai' ? refusals : []),
    ];
    for (const [name, code, answer] of paid) {
      test(`is told of ${name}, which is billed too`, async (t) => {
        const { call, host } = await scripted(t, answer, { host: { api } });
        await assert.rejects(call(), { code, host: host.url, usage: { promptTokens: 1024, answerTokens: 12 } });
      });
    }

    test('is not guessed for a loop that we have cut off', async (t) => {
      const pieces = Array.from({ length: 120 }, () => 'the dog ');
      const { call } = await scripted(t, { pieces, pieceMs: 0.1, end: 'never' }, { host: { api } });
      await assert.rejects(call(), { code: 'AnswerLooped', usage: {} });
    });
  });
}
