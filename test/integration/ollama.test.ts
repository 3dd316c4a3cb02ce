import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { ConfigError, PermanentError, TransientError } from '../../domain/errors.ts';
import type { CallLimits } from '../../domain/vision-host.ts';
import { freePort } from '../support/free-port.ts';
import type { ScriptedAnswer } from '../support/scripted-answer.ts';
import type { ScriptedHostOptions } from '../support/scripted-host.ts';
import { fewBytes as jpeg, scripted } from '../support/scripted-host-call.ts';
import { visionModelSuite } from '../suites/vision-model.suite.ts';

visionModelSuite('Ollama on a scripted host', async (t) => {
  const { host, vision, know } = await scripted(t, { firstByteMs: 20 });
  const nobody = know(`http://127.0.0.1:${await freePort()}`);
  return { vision, host: host.url, model: host.model, jpeg, nobody };
});

test('asks for one picture with thinking off, and with the same options on every call', async (t) => {
  const { host, call } = await scripted(t, {}, { known: { headers: () => ({ authorization: 'Bearer a.b.c' }) } });
  await call();
  assert.deepEqual(host.calls, [
    {
      model: 'scripted-vl',
      prompt: 'Что на фото?',
      think: false,
      keepAlive: '10m',
      stream: true,
      options: { num_ctx: 4096, num_predict: 128, temperature: 0.2, seed: 3 },
      picture: createHash('sha256').update(jpeg).digest('hex'),
      pictureBytes: jpeg.length,
      authorization: 'Bearer a.b.c',
    },
  ]);
});

test('never lets num_predict 0 through, which would be an answer without end', async (t) => {
  const { host, call } = await scripted(t);
  await assert.rejects(call({ conditions: { seed: 0, temperature: 0, numPredict: 0 } }), { code: 'BadConfig' });
  assert.equal(host.total.calls, 0);
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
const line = (content: string, more = ''): string =>
  `{"message":{"content":${JSON.stringify(content)}},"done":false${more}}`;
const done = '{"done":true,"done_reason":"stop"}';

describe('an answer is whole', { timeout: 15_000 }, () => {
  const rows: readonly (readonly [string, ScriptedAnswer, string])[] = [
    ['with line breaks of Windows', { crlf: true, pieces: ['A ', 'dog.'] }, 'A dog.'],
    [
      'as one document without a line break',
      { chunks: base64('{"message":{"content":"A dog."},"done":true}') },
      'A dog.',
    ],
    ['after early headers', { headersFirstMs: 20, text: 'A dog.' }, 'A dog.'],
    [
      'with odd counts in its last line',
      { chunks: base64(line('A dog.'), '\n', '{"done":true,"eval_count":-1}') },
      'A dog.',
    ],
    ['when the connection breaks after done', { reset: 'after-done', text: 'A dog.', pieceMs: 1 }, 'A dog.'],
    [
      'when the body does not end after done',
      { end: 'never', chunks: base64(`${line('A dog.')}\n${done}\n`) },
      'A dog.',
    ],
    [
      'when more lines follow',
      { chunks: base64(`${line('A dog.')}\n${done}\n${line(' Late.')}\n{"error":"late"}\n`) },
      'A dog.',
    ],
    ['cut by num_predict', { text: 'A dog and', doneReason: 'length' }, 'A dog and'],
  ];
  for (const [name, answer, text] of rows) {
    test(name, async (t) => {
      const { call } = await scripted(t, answer);
      assert.equal((await call()).text, text);
    });
  }

  test('with chunks that end inside a character', async (t) => {
    const bytes = Buffer.from(`${line('Собака 🐕.')}\n${done}\n`);
    const chunks = [...bytes].map((byte) => Buffer.from([byte]).toString('base64'));
    const { call } = await scripted(t, { chunks, pieceMs: 0.1 });
    assert.equal((await call()).text, 'Собака 🐕.');
  });
});

const page = '<!DOCTYPE html><html><title>Welcome to Airport WiFi</title></html>';

describe('what is no answer goes on the right account', () => {
  const rows: readonly (readonly [string, ScriptedAnswer, string, RegExp])[] = [
    [
      'a clean end without done: the model looped',
      { pieces: ['ha', 'ha', 'ha'], end: 'without-done' },
      'AnswerLooped',
      /repeated/,
    ],
    ['half a line at the end', { pieces: ['A'], end: 'half-line' }, 'HostFailed', /broke off/],
    ['nothing at all', { body: '' }, 'HostSpokeNonsense', /before it began/],
    [
      'an error line in the middle',
      { pieces: ['A', 'B'], end: 'error-line', errorText: 'unexpected EOF' },
      'HostFailed',
      /unexpected EOF/,
    ],
    [
      'an error line as the first',
      { pieces: [], end: 'error-line', errorText: 'out of memory' },
      'HostFailed',
      /out of memory/,
    ],
    [
      'an error line about our options',
      { pieces: [], end: 'error-line', errorText: 'option "seed" must be of type int' },
      'BadRequest',
      /seed/,
    ],
    ['no text', { pieces: [] }, 'EmptyAnswer', /stop/],
    ['blank text', { text: ' \n ' }, 'EmptyAnswer', /stop/],
    [
      'thinking only',
      { pieces: [], thinking: 'Hm', doneReason: 'length' },
      'EmptyAnswer',
      /instruct.*VISION_NUM_PREDICT/,
    ],
    ['a reset before the headers', { reset: 'before-headers' }, 'HostFailed', /before it answered/],
    ['a reset after the headers', { reset: 'after-headers' }, 'HostFailed', /before it answered/],
    [
      'a reset in the middle',
      { reset: 'mid-body', pieces: ['A', 'B', 'C'], pieceMs: 1 },
      'HostFailed',
      /in the middle/,
    ],
    ['a page under 200', { body: page, headers: { 'content-type': 'text/html' } }, 'HostSpokeNonsense', /VISION_HOSTS/],
    ['JSON of somebody else', { body: '{"status":"ok"}' }, 'HostSpokeNonsense', /status/],
    [
      'a redirect to a sign-in page',
      { status: 302, body: '', headers: { location: 'http://wifi/' } },
      'HostSpokeNonsense',
      /http:\/\/wifi\//,
    ],
    ['a status with a page', { status: 404, body: page }, 'HostSpokeNonsense', /Airport/],
    ['a very long page', { status: 500, body: 'x'.repeat(3_000_000) }, 'HostFailed', /500/],
    ['a line without end', { body: 'x'.repeat(1_100_000) }, 'HostSpokeNonsense', /1048576/],
  ];
  for (const [name, answer, code, words] of rows) {
    test(`${name} is ${code}`, async (t) => {
      const { call } = await scripted(t, answer);
      await assert.rejects(call(), (error) => {
        assert.ok(error instanceof TransientError || error instanceof PermanentError || error instanceof ConfigError);
        assert.equal(error.code, code);
        assert.match(error.message, words);
        return true;
      });
    });
  }

  test('a full host says how long to leave it alone', async (t) => {
    const { call } = await scripted(t, {
      status: 503,
      body: '{"error":"server busy"}',
      headers: { 'retry-after': '7' },
    });
    await assert.rejects(call(), { code: 'HostBusy', retryAfterMs: 7000 });
  });

  test('content faults name the host that answered', async (t) => {
    const { host, call } = await scripted(t, { pieces: [] });
    await assert.rejects(call(), { code: 'EmptyAnswer', host: host.url });
  });
});

async function rawServer(t: TestContext, reply: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

test('a body that ends without frame or done is blamed on the host: a dying one looks the same', async (t) => {
  const { call, know } = await scripted(t);
  const host = await rawServer(t, `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${line('ha')}\n`);
  await assert.rejects(call({ host: know(host) }), { code: 'HostFailed' });
});

test('a port that speaks something else than HTTP is no Ollama', async (t) => {
  const { call, vision, know } = await scripted(t);
  const host = know(await rawServer(t, 'SSH-2.0-OpenSSH_9.9\r\n'));
  await assert.rejects(call({ host }), { code: 'HostSpokeNonsense' });
  assert.equal((await vision.probe(host, 'any', AbortSignal.timeout(5_000))).state, 'nonsense');
});

describe('slow is not dead', () => {
  test('a long silence before the first byte is one call, however short the idle limit is', async (t) => {
    const { host, call } = await scripted(t, { firstByteMs: 300, text: 'A dog.' }, { limits: { idleMs: 50 } });
    assert.equal((await call()).text, 'A dog.');
    assert.equal(host.total.calls, 1);
  });

  test('an answer of many slow pieces is one call, longer than the limits for its beginning and its pauses', async (t) => {
    const pieces = Array.from({ length: 16 }, () => 'x');
    const { host, call } = await scripted(t, { pieces, pieceMs: 50 }, { limits: { firstByteMs: 300, idleMs: 400 } });
    assert.equal((await call()).text, 'x'.repeat(16));
    assert.equal(host.total.calls, 1);
  });
});

describe('each limit has its own account', () => {
  const loris = base64(
    ...line('A dog.')
      .split('')
      .map((character) => character),
  );
  const rows: readonly (readonly [string, ScriptedAnswer, Partial<CallLimits>, string, RegExp])[] = [
    ['silence', { firstByteMs: 60_000 }, { firstByteMs: 100 }, 'HostTimedOut', /VISION_FIRST_BYTE_SEC/],
    [
      'silence after headers',
      { headersFirstMs: 60_000 },
      { firstByteMs: 100 },
      'HostTimedOut',
      /VISION_FIRST_BYTE_SEC/,
    ],
    [
      'bytes that make no line',
      { chunks: loris, pieceMs: 20 },
      { firstByteMs: 200 },
      'HostTimedOut',
      /VISION_FIRST_BYTE_SEC/,
    ],
    [
      'silence in the middle',
      { pieces: ['A', 'B'], pieceMs: 60_000 },
      { idleMs: 100 },
      'HostTimedOut',
      /VISION_IDLE_SEC/,
    ],
    [
      'no end',
      { pieces: Array.from({ length: 999 }, () => 'x'), pieceMs: 20 },
      { overallMs: 300 },
      'AnswerTooSlow',
      /VISION_TIMEOUT_SEC/,
    ],
    ['no beginning', { firstByteMs: 60_000 }, { overallMs: 100 }, 'HostTimedOut', /VISION_TIMEOUT_SEC/],
  ];
  for (const [name, answer, limits, code, words] of rows) {
    test(`${name} is ${code}, and the host is free again`, async (t) => {
      const { host, call } = await scripted(t, answer, { limits });
      await assert.rejects(call(), (error) => {
        assert.ok(error instanceof TransientError || error instanceof PermanentError);
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

test('canceling a call frees the host at once, in the middle of an answer and in its queue', async (t) => {
  const { host, call } = await scripted(t, { pieces: ['A', 'B'], pieceMs: 60_000 });
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

describe('asking a host finds out', () => {
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
  test('that it is simulated', async (t) => {
    assert.deepEqual(await ask(t, { simulated: true }), { state: 'ready', simulated: true });
  });

  const answers: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'that it is a web page',
      `HTTP/1.1 200 OK\r\ncontent-length: ${page.length}\r\n\r\n${page}`,
      'nonsense',
      /VISION_HOSTS/,
    ],
    ['that it is another API', 'HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}', 'nonsense', /404/],
    ['that it wants a token', 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n', 'unauthorized', /VISION_TOKEN/],
    ['that only its proxy is there', 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n', 'away', /502/],
  ];
  for (const [name, reply, state, words] of answers) {
    test(name, async (t) => {
      const { vision, know } = await scripted(t);
      const probe = await vision.probe(know(await rawServer(t, reply)), 'any', AbortSignal.timeout(10_000));
      assert.equal(probe.state, state);
      assert.ok('detail' in probe && words.test(probe.detail));
    });
  }
});
