import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { visionApis } from '../../domain/vision-host.ts';

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
  });
}
