import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { answerSchema } from '../../adapters/vision-http/structured.ts';
import { type FaultCode, isDomainError } from '../../domain/errors.ts';
import type { ScriptedAnswer } from '../support/scripted-answer.ts';
import { conditions, fewBytes as jpeg, scripted } from '../support/scripted-host-call.ts';
import { suiteRecipe } from '../suites/vision-model.suite.ts';

const openai = { api: 'openai' } as const;

test('asks for one picture as a data URL, with fields that every server knows', async (t) => {
  const known = { headers: () => ({ authorization: 'Bearer a.b.c' }) };
  const { host, call } = await scripted(t, {}, { host: openai, known });
  await call();
  assert.deepEqual(host.calls, [
    {
      model: 'scripted-vl',
      prompt: 'Что на фото?',
      think: undefined,
      keepAlive: undefined,
      stream: true,
      options: { stream_options: { include_usage: true }, max_tokens: 128, temperature: 0.2, seed: 3 },
      format: undefined,
      picture: createHash('sha256').update(jpeg).digest('hex'),
      pictureBytes: jpeg.length,
      authorization: 'Bearer a.b.c',
      isLoad: false,
    },
  ]);
});

test("the person's own fields win, null leaves one out, and an answer in fields is held to a schema", async (t) => {
  const options = { temperature: 0, max_tokens: null, max_completion_tokens: 99, provider: { sort: 'price' } };
  const { host, call } = await scripted(t, {}, { host: openai, known: { options } });
  await call({ recipe: { ...suiteRecipe, output: 'json' }, conditions: { ...conditions, seed: 0 } });
  const [asked] = host.calls;
  assert.deepEqual(asked?.options, {
    stream_options: { include_usage: true },
    temperature: 0,
    seed: 0,
    max_completion_tokens: 99,
    provider: { sort: 'price' },
  });
  const json_schema = { name: 'photo_description', strict: true, schema: answerSchema };
  assert.deepEqual(asked.format, { type: 'json_schema', json_schema });
});

test('a repeat penalty is sent as the penalty that every server knows, and in the words of one that is known', async (t) => {
  const after = { ...conditions, repeatPenalty: 1.2 };
  const { host, call } = await scripted(t, {}, { host: openai });
  await call({ conditions: after });
  assert.equal(host.calls[0]?.options['frequency_penalty'], 0.5);
  const rows = [
    ['llamacpp', { repeat_penalty: 1.2, chat_template_kwargs: { enable_thinking: false } }],
    ['vllm', { repetition_penalty: 1.2 }],
  ] as const;
  for (const [owned_by, more] of rows) {
    const routes = { 'GET /v1/models': { body: { data: [{ id: 'scripted-vl', owned_by }] } } };
    const { host, call, vision } = await scripted(t, {}, { host: { ...openai, routes } });
    await vision.probe(host.url, host.model, AbortSignal.timeout(5_000));
    await call({ conditions: after });
    const {
      stream_options: _usage,
      max_tokens: _most,
      temperature: _t,
      seed: _s,
      ...sent
    } = host.calls[0]?.options ?? {};
    assert.deepEqual(sent, { frequency_penalty: 0.5, ...more });
  }
});

test('never asks for an answer of no tokens', async (t) => {
  const { host, call } = await scripted(t, {}, { host: openai });
  await assert.rejects(call({ conditions: { ...conditions, numPredict: 0 } }), { code: 'BadConfig' });
  assert.equal(host.total.calls, 0);
});

test('is reached under a base URL that names the version of the API, too', async (t) => {
  const { host, call, know } = await scripted(t, { text: 'A dog.' }, { host: openai });
  assert.equal((await call({ host: know(`${host.url}/v1`) })).host, `${host.url}/v1`);
});

const base64 = (...parts: string[]): string[] => parts.map((part) => Buffer.from(part).toString('base64'));
const event = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`;
const said = (content: unknown, finish_reason: string | null = null): string =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason }] });
const stop = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const done = 'data: [DONE]\n\n';

describe('an answer of an OpenAI-compatible server is whole', { timeout: 15_000 }, () => {
  const rows: readonly (readonly [string, ScriptedAnswer])[] = [
    ['without [DONE]', { chunks: base64(said('A dog.') + stop) }],
    [
      'without a space after data, and with other fields of events',
      { chunks: base64(`event: x\nid: 1\nretry: 5\n${said('A dog.').replace(': ', ':')}${stop}`) },
    ],
    [
      'with comments while it waits',
      { chunks: base64(': OPENROUTER PROCESSING\n\n', ':\n\n', said('A dog.') + stop + done), pieceMs: 5 },
    ],
    ['with its last piece in the event that ends it', { chunks: base64(said('A ') + said('dog.', 'stop') + done) }],
    ['when the body does not end after [DONE]', { end: 'never', chunks: base64(said('A dog.') + stop + done) }],
    ['when an error follows', { chunks: base64(`${said('A dog.')}${stop}${event({ error: { message: 'late' } })}`) }],
    [
      'when the connection breaks after its end',
      { reset: 'after-done', pieceMs: 1, chunks: base64(said('A dog.') + stop) },
    ],
    [
      'in parts, of which some are thoughts',
      {
        chunks: base64(
          said([
            { type: 'thinking', thinking: [] },
            { type: 'text', text: 'A dog.' },
          ]) + stop,
        ),
      },
    ],
    [
      'with odd counts',
      { chunks: base64(said('A dog.') + stop + event({ choices: [], usage: { prompt_tokens: 'x' } }) + done) },
    ],
    [
      'from a server that does not stream',
      { chunks: base64('{"choices":[{"message":{"content":"A dog."},"finish_reason":"stop"}]}') },
    ],
  ];
  for (const [name, answer] of rows) {
    test(name, async (t) => {
      const { call } = await scripted(t, answer, { host: openai });
      assert.equal((await call()).text, 'A dog.');
    });
  }
});

describe('what is no answer of an OpenAI-compatible server goes on the right account', () => {
  const failed = (error: object) => ({ chunks: base64(said('A ') + event({ error, choices: [] })) });
  const rows: readonly (readonly [string, ScriptedAnswer, FaultCode, RegExp])[] = [
    ['[DONE] without a finish_reason', { chunks: base64(said('A dog.') + done) }, 'HostBroke', /finish_reason/],
    ['the end without a finish_reason', { pieces: ['A dog.'], end: 'without-done' }, 'HostBroke', /finish_reason/],
    ['finish_reason error', { chunks: base64(said('A dog.', 'error')) }, 'HostFailed', /finish_reason error/],
    ['an error in the middle', failed({ message: 'Provider disconnected', code: 502 }), 'HostFailed', /disconnected/],
    ['an error with a word for a code', failed({ message: 'gone', code: 'server_error' }), 'HostFailed', /gone/],
    [
      'vLLM’s error in the middle',
      { chunks: base64(said('A ') + event({ object: 'error', message: 'engine died' })) },
      'HostFailed',
      /engine died/,
    ],
    ['a rate limit in the middle', failed({ message: 'slow down', code: 429 }), 'HostBusy', /slow down/],
    ['the end of credit in the middle', failed({ message: 'no credit', code: 402 }), 'Unauthorized', /no credit/],
    ['a refusal', { pieces: [], refusal: 'I cannot help with that.' }, 'Refused', /I cannot help/],
    ['a content filter', { text: 'A per', doneReason: 'content_filter' }, 'Refused', /content_filter/],
    ['half an event that is the first', { chunks: base64('data: {"choi') }, 'HostSpokeNonsense', /choi/],
    ['[DONE] alone', { chunks: base64(done) }, 'HostSpokeNonsense', /before it began/],
    ['comments alone', { chunks: base64(': ping\n\n') }, 'HostSpokeNonsense', /before it began/],
  ];
  for (const [name, answer, code, words] of rows) {
    test(`${name} is ${code}`, async (t) => {
      const { call } = await scripted(t, answer, { host: openai });
      await assert.rejects(call(), (error) => {
        assert.ok(isDomainError(error), String(error));
        assert.equal(error.code, code);
        assert.match(error.message, words);
        return true;
      });
    });
  }
});

test('a refusal names the host, and a refused word beside an answer does not take it away', async (t) => {
  const { call, host } = await scripted(t, { pieces: [], refusal: 'No.' }, { host: openai });
  await assert.rejects(call(), { code: 'Refused', host: host.url });
  host.script(() => ({ text: 'A dog.', refusal: 'No faces.' }));
  assert.equal((await call()).text, 'A dog.');
});

test('comments and empty pieces do not start the pauses of an answer: the picture is still being read', async (t) => {
  const chunks = base64(': OPENROUTER PROCESSING\n\n', said(''), said('A dog.') + stop);
  const { call } = await scripted(t, { chunks, pieceMs: 150 }, { host: openai, limits: { idleMs: 50 } });
  assert.equal((await call()).text, 'A dog.');
});

test('durations are llama.cpp’s own where it tells them, and else from the first piece to the last', async (t) => {
  const timings = { prompt_n: 1300, predicted_n: 40, predicted_ms: 812.4 };
  const last = event({ choices: [{ delta: {}, finish_reason: 'stop' }], timings });
  const { call, host } = await scripted(t, { chunks: base64(said('A dog.') + last + done) }, { host: openai });
  const { promptTokens, answerTokens, evalMs } = await call();
  assert.deepEqual({ promptTokens, answerTokens, evalMs }, { promptTokens: 1300, answerTokens: 40, evalMs: 812 });
  host.script(() => ({ firstByteMs: 80, pieces: ['A ', 'dog.'], pieceMs: 40 }));
  const { evalMs: measured = 0, totalMs } = await call();
  assert.ok(measured > 0 && measured < totalMs - 60, `${measured} of ${totalMs}`);
});
