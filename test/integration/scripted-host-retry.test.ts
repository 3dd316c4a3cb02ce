import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { conditionsFor } from '../../domain/conditions.ts';
import type { Try } from '../../domain/description.ts';
import { type VisionApi, visionApis, type VisionHost } from '../../domain/vision-host.ts';
import { scripted } from '../support/scripted-host-call.ts';
import { suiteRecipe } from '../suites/vision-model.suite.ts';

const mostIn = { ollama: 'num_predict', openai: 'max_tokens' } as const;
const penaltyIn = { ollama: 'repeat_penalty', openai: 'frequency_penalty' } as const;
const penalty = { ollama: 1.2, openai: 0.5 } as const;

/** What is sent after these faults, with these options of the person's. */
async function sentAfter(t: TestContext, api: VisionApi, options: VisionHost['options'], ...codes: readonly string[]) {
  const { host, call } = await scripted(t, {}, { host: { api }, known: { options } });
  const tries = codes.map((code): Try => ({ code }));
  await call({ conditions: conditionsFor(suiteRecipe, tries) });
  return host.calls[0]?.options ?? {};
}

for (const api of visionApis) {
  describe(`options of the person's (${api})`, () => {
    const most = mostIn[api];
    const theirs = { seed: 42, temperature: 0, [most]: 100, [penaltyIn[api]]: 0.1, top_p: 0.8 };
    const sent = async (t: TestContext, ...codes: readonly string[]) => {
      const { stream_options: _usage, num_ctx: _ctx, ...rest } = await sentAfter(t, api, theirs, ...codes);
      return rest;
    };

    test('win on the first call', async (t) => {
      assert.deepEqual(await sent(t), theirs);
    });
    test('do not undo what a retry changes, and the others hold', async (t) => {
      const after = { ...theirs, seed: 1, temperature: 0.2, [most]: suiteRecipe.numPredict };
      assert.deepEqual(await sent(t, 'AnswerTooSlow'), after);
      assert.deepEqual(await sent(t, 'EmptyAnswer'), { ...after, [most]: suiteRecipe.numPredict * 2 });
      const afterLoop = { ...after, temperature: 0.5, [penaltyIn[api]]: penalty[api] };
      assert.deepEqual(await sent(t, 'AnswerLooped'), afterLoop);
      assert.deepEqual(await sent(t, 'AnswerLooped', 'AnswerLooped'), { ...afterLoop, seed: 2 });
    });
    test('may give more room than a retry does', async (t) => {
      const { [most]: room } = await sentAfter(t, api, { [most]: 4000 }, 'EmptyAnswer');
      assert.equal(room, 4000);
    });
    test('never make a retry equal the first call, even where their seed is that of the retry', async (t) => {
      const options = { seed: 1, temperature: 0.2 };
      const first = await sentAfter(t, api, options);
      const second = await sentAfter(t, api, options, 'AnswerTooSlow');
      const third = await sentAfter(t, api, options, 'AnswerTooSlow', 'AnswerTooSlow');
      assert.equal(new Set([first, second, third].map(({ seed }) => seed)).size, 3);
    });
  });
}

test('an endless answer is refused on a retry as on the first call (Ollama)', async (t) => {
  await assert.rejects(sentAfter(t, 'ollama', { num_predict: -1 }, 'EmptyAnswer'), { code: 'BadConfig' });
});

test('null leaves a field out on a retry, too, and room is given under the name that the server knows (openai)', async (t) => {
  const left = { seed: null, temperature: null, max_tokens: null, frequency_penalty: null };
  const options = { ...left, max_completion_tokens: 100, n_predict: -1 };
  assert.deepEqual(await sentAfter(t, 'openai', options, 'EmptyAnswer', 'AnswerLooped'), {
    stream_options: { include_usage: true },
    max_completion_tokens: suiteRecipe.numPredict * 2,
    n_predict: -1,
  });
});
