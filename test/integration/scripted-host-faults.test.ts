import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FaultCode, isDomainError } from '../../domain/errors.ts';
import { type VisionApi, visionApis } from '../../domain/vision-host.ts';
import type { ScriptedAnswer } from '../support/scripted-answer.ts';
import { ollamaRows, proxyRows } from '../support/scripted-answer-rows.ts';
import { openaiRows } from '../support/scripted-answer-rows-openai.ts';
import { scripted } from '../support/scripted-host-call.ts';
import { httpReply, rawServer } from '../support/scripted-host-raw.ts';

const statusRows = { ollama: [...ollamaRows, ...proxyRows], openai: [...openaiRows, ...proxyRows] };

const meets = (code: FaultCode, words: RegExp) => (error: unknown) => {
  assert.ok(isDomainError(error), String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

for (const api of visionApis) {
  test(`each status and body goes on the right account (${api})`, async (t) => {
    const { call, host } = await scripted(t, {}, { host: { api } });
    for (const { status, body, code, words, headers } of statusRows[api]) {
      host.script(() => ({ status, body, headers: { ...headers } }));
      await assert.rejects(call(), meets(code, words), `${status} ${body}`);
    }
  });
}

const page = '<!DOCTYPE html><html><title>Welcome to Airport WiFi</title></html>';
type Row = readonly [name: string, answer: ScriptedAnswer, code: FaultCode, words: RegExp];

/** What is no answer, whatever the host speaks. */
const rows: readonly Row[] = [
  ['half a line at the end', { pieces: ['A'], end: 'half-line' }, 'HostBroke', /broke off/],
  ['nothing at all', { body: '' }, 'HostSpokeNonsense', /before it began/],
  [
    'an error line in the middle',
    { pieces: ['A', 'B'], end: 'error-line', errorText: 'unexpected EOF' },
    'HostFailed',
    /EOF/,
  ],
  ['an error line as the first', { pieces: [], end: 'error-line', errorText: 'out of memory' }, 'HostFailed', /memory/],
  [
    'an error line with gzip',
    { end: 'error-line', errorText: 'out of memory', encoding: 'gzip' },
    'HostFailed',
    /memory/,
  ],
  ['no text', { pieces: [] }, 'EmptyAnswer', /stop/],
  ['blank text', { text: ' \n ' }, 'EmptyAnswer', /stop/],
  [
    'thinking only',
    { pieces: [], thinking: 'Hm', doneReason: 'length' },
    'EmptyAnswer',
    /instruct.*VISION_NUM_PREDICT/,
  ],
  ['a reset before the headers', { reset: 'before-headers' }, 'HostBroke', /before it answered/],
  ['a reset after the headers', { reset: 'after-headers' }, 'HostBroke', /before it answered/],
  ['a reset in the middle', { reset: 'mid-body', pieces: ['A', 'B', 'C'], pieceMs: 1 }, 'HostBroke', /in the middle/],
  [
    'a reset in the middle of gzip',
    { reset: 'mid-body', encoding: 'gzip', chunkBytes: 9, pieceMs: 1 },
    'HostBroke',
    /broke off/,
  ],
  ['a page under 200', { body: page, headers: { 'content-type': 'text/html' } }, 'HostSpokeNonsense', /VISION_HOSTS/],
  ['a page under 200 byte by byte', { body: page, chunkBytes: 1 }, 'HostSpokeNonsense', /VISION_HOSTS/],
  [
    'a redirect',
    { status: 302, body: '', headers: { location: 'http://wifi/' } },
    'HostSpokeNonsense',
    /http:\/\/wifi\//,
  ],
  ['JSON of somebody else', { body: '{"status":"ok"}' }, 'HostSpokeNonsense', /status/],
  ['a very long page', { status: 500, body: 'x'.repeat(3_000_000) }, 'HostFailed', /500/],
  ['a line without end', { body: 'x'.repeat(1_100_000) }, 'HostSpokeNonsense', /1048576/],
  [
    'a small body that becomes a large one',
    { body: 'x'.repeat(40_000_000), encoding: 'gzip' },
    'HostSpokeNonsense',
    /1048576/,
  ],
  ['an unknown encoding', { headers: { 'content-encoding': 'compress' } }, 'HostSpokeNonsense', /compress/],
  [
    'an encoding too often',
    { headers: { 'content-encoding': 'gzip, gzip, gzip' } },
    'HostSpokeNonsense',
    /not known .gzip, gzip, gzip/,
  ],
  ['an encoding that it is not in', { headers: { 'content-encoding': 'gzip' } }, 'HostSpokeNonsense', /encoding/],
  ['a phrase without end', { pieces: Array.from({ length: 400 }, () => 'the dog ') }, 'AnswerLooped', /repeated/],
  ['a loop in its thoughts', { thinking: 'hm '.repeat(300), text: 'A dog.' }, 'AnswerLooped', /repeated/],
];

for (const api of visionApis) {
  describe(`what is no answer goes on the right account (${api})`, () => {
    for (const [name, answer, code, words] of rows) {
      test(`${name} is ${code}`, async (t) => {
        const { call } = await scripted(t, answer, { host: { api } });
        await assert.rejects(call(), meets(code, words));
      });
    }

    test('a loop frees the host at once, which would have gone on', async (t) => {
      const pieces = Array.from({ length: 120 }, () => 'the dog ');
      const { call, host } = await scripted(t, { pieces, end: 'never', pieceMs: 0.1 }, { host: { api } });
      await assert.rejects(call(), { code: 'AnswerLooped', host: host.url });
      host.script(() => ({ text: 'free' }));
      assert.equal((await call()).text, 'free');
    });

    test('a full host says how long to leave it alone', async (t) => {
      const body = '{"error":"server busy"}';
      const { call } = await scripted(t, { status: 503, body, headers: { 'retry-after': '7' } }, { host: { api } });
      await assert.rejects(call(), { code: 'HostBusy', retryAfterMs: 7000 });
    });

    test('a host that wants to be left alone says so when it is asked, too, and for how long', async (t) => {
      const { vision, know } = await scripted(t, {}, { host: { api } });
      const asked = async (status: number, ...headers: readonly string[]) => {
        const host = know(await rawServer(t, httpReply(status, '{"error":"Slow down."}', ...headers)));
        return await vision.probe(host, 'any', AbortSignal.timeout(5_000));
      };
      for (const status of [429, 503]) {
        const detail = `asks to be left alone for a while (${status}): Slow down.`;
        assert.deepEqual(await asked(status, 'Retry-After: 7'), { state: 'busy', detail, retryAfterMs: 7000 });
        assert.deepEqual(await asked(status, 'retry-after: 7', 'retry-after-ms: 6500'), {
          state: 'busy',
          detail,
          retryAfterMs: 6500,
        });
      }
      const detail = 'asks to be left alone for a while (429): Slow down.';
      assert.deepEqual(await asked(429), { state: 'busy', detail });
      assert.deepEqual(await asked(429, 'retry-after: soon'), { state: 'busy', detail });
      assert.equal((await asked(503)).state, 'away');
      assert.equal((await asked(502, 'retry-after: 7')).state, 'away');
    });

    test('content faults name the host that answered', async (t) => {
      const { host, call } = await scripted(t, { pieces: [] }, { host: { api } });
      await assert.rejects(call(), { code: 'EmptyAnswer', host: host.url });
    });

    test('a body that ends without frame and without its last line is blamed on the host', async (t) => {
      const { call, know } = await scripted(t, {}, { host: { api } });
      const host = know(await rawServer(t, `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${firstLine[api]}\n`));
      await assert.rejects(call({ host }), { code: 'HostBroke' });
    });

    test('a body shorter than it was said to be is blamed on the host', async (t) => {
      const { call, know } = await scripted(t, {}, { host: { api } });
      const host = know(await rawServer(t, `HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${firstLine[api]}\n`));
      await assert.rejects(call({ host }), { code: 'HostBroke' });
    });

    test('a status whose page breaks off still counts', async (t) => {
      const { call, know } = await scripted(t, {}, { host: { api } });
      const host = know(await rawServer(t, httpReply(503, 'x'.repeat(99)).slice(0, -50)));
      await assert.rejects(call({ host }), { code: 'HostBusy' });
    });

    test('a port that speaks something else than HTTP is no vision host', async (t) => {
      const { call, vision, know } = await scripted(t, {}, { host: { api } });
      const host = know(await rawServer(t, 'SSH-2.0-OpenSSH_9.9\r\n'));
      await assert.rejects(call({ host }), { code: 'HostSpokeNonsense' });
      assert.equal((await vision.probe(host, 'any', AbortSignal.timeout(5_000))).state, 'nonsense');
    });
  });
}

const firstLine: Readonly<Record<VisionApi, string>> = {
  ollama: '{"message":{"content":"ha"},"done":false}',
  openai: 'data: {"choices":[{"delta":{"content":"ha"},"finish_reason":null}]}\n',
};
