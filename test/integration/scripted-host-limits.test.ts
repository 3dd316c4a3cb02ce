import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDomainError } from '../../domain/errors.ts';
import { type CallLimits, visionApis } from '../../domain/vision-host.ts';
import type { ScriptedAnswer } from '../support/scripted-answer.ts';
import { scripted } from '../support/scripted-host-call.ts';

const dots = (count: number) => Array.from({ length: count }, (_none, n) => `${n}.`);

/** Limits end a call here long before these do. */
const long = 60_000;
type Row = readonly [name: string, answer: ScriptedAnswer, limits: Partial<CallLimits>, code: string, words: RegExp];

const rows: readonly Row[] = [
  ['silence', { firstByteMs: long }, { firstByteMs: 100 }, 'HostTimedOut', /VISION_FIRST_BYTE_SEC/],
  ['silence after headers', { headersFirstMs: long }, { firstByteMs: 100 }, 'HostTimedOut', /VISION_FIRST_BYTE_SEC/],
  ['bytes that make no line', { chunkBytes: 1, pieceMs: 20 }, { firstByteMs: 200 }, 'HostTimedOut', /FIRST_BYTE_SEC/],
  [
    'silence in the middle',
    { pieces: ['A', 'B'], pieceMs: long },
    { idleMs: 100 },
    'HostTimedOut',
    /(IDLE|FIRST_BYTE)_SEC/,
  ],
  ['an end that does not come', { end: 'never', pieces: ['A'] }, { idleMs: 100 }, 'HostTimedOut', /VISION_IDLE_SEC/],
  ['no end', { pieces: dots(999), pieceMs: 20 }, { overallMs: 300 }, 'AnswerTooSlow', /VISION_TIMEOUT_SEC/],
  ['no beginning', { firstByteMs: long }, { overallMs: 100 }, 'HostTimedOut', /VISION_TIMEOUT_SEC/],
];

for (const api of visionApis) {
  describe(`slow is not dead (${api})`, () => {
    test('a long silence before the first byte is one call, however short the idle limit is', async (t) => {
      const answer = { firstByteMs: 300, text: 'A dog.' };
      const { host, call } = await scripted(t, answer, { host: { api }, limits: { idleMs: 50 } });
      assert.equal((await call()).text, 'A dog.');
      assert.equal(host.total.calls, 1);
    });

    test('an answer of many slow pieces is one call, longer than the limits for its beginning and its pauses', async (t) => {
      const limits = { firstByteMs: 300, idleMs: 400 };
      const { host, call } = await scripted(t, { pieces: dots(16), pieceMs: 50 }, { host: { api }, limits });
      assert.equal((await call()).text, dots(16).join(''));
      assert.equal(host.total.calls, 1);
    });

    test('bytes that come one at a time are one call where they make lines often enough', async (t) => {
      const answer = { text: 'A dog.', chunkBytes: 8, pieceMs: 2 };
      const { host, call } = await scripted(t, answer, { host: { api }, limits: { idleMs: 500 } });
      assert.equal((await call()).text, 'A dog.');
      assert.equal(host.total.calls, 1);
    });
  });

  describe(`each limit has its own account (${api})`, () => {
    for (const [name, answer, short, code, words] of rows) {
      test(`${name} is ${code}, and the host is free again`, async (t) => {
        // A host of this kind may send an empty piece at first: a pause after that is still before the answer.
        const limits = api === 'openai' && short.idleMs !== undefined ? { ...short, firstByteMs: short.idleMs } : short;
        const { host, call } = await scripted(t, answer, { host: { api }, limits });
        await assert.rejects(call(), (error) => {
          assert.ok(isDomainError(error), String(error));
          assert.equal(error.code, code);
          assert.match(error.message, words);
          return true;
        });
        // The host answers one at a time: served only because the connection of the first call was closed.
        host.script(() => ({ text: 'free' }));
        assert.equal((await call()).text, 'free');
      });
    }
  });

  test(`canceling a call frees the host at once, in the middle of an answer and in its queue (${api})`, async (t) => {
    const { host, call } = await scripted(t, { pieces: ['A', 'B', 'C'], pieceMs: 500 }, { host: { api } });
    const running = new AbortController();
    const queued = new AbortController();
    const began = new Promise<void>((resolve) => {
      void call({ signal: running.signal, onPiece: () => resolve() }).catch(() => {});
    });
    await began;
    const second = call({ signal: queued.signal });
    queued.abort(new Error('not wanted'));
    await assert.rejects(second, /not wanted/);
    host.script(() => ({ text: 'free' }));
    running.abort();
    assert.equal((await call()).text, 'free');
    assert.deepEqual(host.total, { calls: 2, finished: 1, atOnce: 0, mostAtOnce: 1 });
  });
}
