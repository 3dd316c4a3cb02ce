import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorText, faultOf, retryAfterMs } from '../../adapters/ollama/faults.ts';
import { networkFault } from '../../adapters/vision-http/network-faults.ts';
import { type FaultCode, isDomainError, PermanentError, TransientError } from '../../domain/errors.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const json = (error: unknown): string => JSON.stringify({ error });
const nested = (message: string): string => json(JSON.stringify({ error: { code: 400, message, type: 'x' } }));
const page = '<!DOCTYPE html><html><head><title>Sign in to Hotel WiFi</title></head></html>';

const fault = (status: number, body: string, headers: { retryAfter?: string; location?: string } = {}) =>
  faultOf({ host: 'http://gpu:11434', model: 'qwen3-vl:4b', status, body, now, ...headers });

/** The status table, as measured on 0.17.4 and 0.33.0: status, body, what it means, and what the message must name. */
const rows: readonly (readonly [number, string, FaultCode, RegExp])[] = [
  [400, json('missing request body'), 'BadRequest', /missing request body/],
  [400, json('model is required'), 'BadRequest', /VISION_MODEL/],
  [400, json('invalid model name'), 'BadRequest', /VISION_MODEL/],
  [400, json('illegal base64 data at input byte 4'), 'BadRequest', /illegal base64/],
  [400, json('"tiny-vl" does not support thinking'), 'BadRequest', /thinking/],
  [400, json('time: invalid duration "soon"'), 'BadRequest', /soon/],
  [400, json('"tiny" does not support chat'), 'ModelCannotSee', /VISION_MODEL/],
  [
    400,
    nested('Multimodal data provided, but model does not support multimodal requests.'),
    'ModelCannotSee',
    /qwen3-vl:4b on http:\/\/gpu:11434/,
  ],
  [400, nested('Failed to load image or audio file'), 'Undecodable', /cannot read this picture/],
  [400, json('the input length exceeds the context length'), 'BadRequest', /VISION_NUM_CTX/],
  [400, nested('request (5000 tokens) exceeds the available context size (4096)'), 'BadRequest', /VISION_NUM_CTX/],
  [400, '<html><h1>400 The plain HTTP request was sent to HTTPS port</h1></html>', 'HostSpokeNonsense', /VISION_HOSTS/],
  [401, '{"error":"unauthorized","signin_url":"https://ollama.com"}', 'Unauthorized', /VISION_TOKEN/],
  [403, '', 'Unauthorized', /OLLAMA_HOST/],
  [404, json("model 'qwen3-vl:4b' not found"), 'ModelMissing', /ollama pull qwen3-vl:4b$/],
  [404, json('model "qwen3-vl:4b" not found, try pulling it first'), 'ModelMissing', /ollama pull qwen3-vl:4b$/],
  [404, '404 page not found', 'HostSpokeNonsense', /no Ollama.*VISION_HOSTS/],
  [404, json('Not Found'), 'HostSpokeNonsense', /VISION_HOSTS/],
  [405, '405 method not allowed', 'HostSpokeNonsense', /VISION_HOSTS/],
  [302, '', 'HostSpokeNonsense', /redirects/],
  [511, page, 'HostSpokeNonsense', /Sign in to Hotel WiFi/],
  [413, '<html><title>413 Request Entity Too Large</title></html>', 'BadRequest', /VISION_LONG_SIDE/],
  [429, json('too many requests'), 'HostBusy', /busy/],
  [499, json('request canceled'), 'HostFailed', /canceled/],
  [
    500,
    json('model runner has unexpectedly stopped, this may be due to resource limitations'),
    'HostFailed',
    /stopped/,
  ],
  [500, json('error loading model: tensor not found'), 'HostFailed', /tensor/],
  [500, json('option "temperature" must be of type float32'), 'BadRequest', /temperature/],
  [500, json('invalid format: "xml"; expected "json" or a valid JSON Schema object'), 'BadRequest', /xml/],
  [500, json('invalid JSON schema in format'), 'BadRequest', /schema/],
  [500, nested('image input is not supported - hint: you may need to provide the mmproj'), 'ModelCannotSee', /mmproj/],
  [500, json('got exception: Chunk not found'), 'HostFailed', /Chunk/],
  [500, '', 'HostFailed', /500/],
  [501, '<html><title>Error response</title></html>', 'HostSpokeNonsense', /501/],
  [502, '<html><title>502 Bad Gateway</title></html>', 'HostFailed', /502/],
  [503, json('server busy, please try again.  maximum pending requests exceeded'), 'HostBusy', /maximum pending/],
  [504, '', 'HostFailed', /504/],
];

describe('a status and its body say whose fault it is', () => {
  for (const [status, body, code, words] of rows) {
    test(`${status} ${body.slice(0, 60)} is ${code}`, () => {
      const error = fault(status, body);
      assert.equal(error.code, code);
      assert.match(error.message, words);
    });
  }
});

test('every picture that a host cannot read names the host, so that another one is tried next', () => {
  const error = fault(400, nested('Failed to load image or audio file'));
  assert.ok(error instanceof PermanentError);
  assert.equal(error.host, 'http://gpu:11434');
});

test('Retry-After is honoured in seconds and as a date, and nonsense in it is ignored', () => {
  const waitOf = (retryAfter: string) => {
    const error = fault(503, json('busy'), { retryAfter });
    return error instanceof TransientError ? error.retryAfterMs : 'no wait';
  };
  assert.equal(waitOf('120'), 120_000);
  assert.equal(waitOf('Sat, 21 Nov 2026 10:05:00 GMT'), 300_000);
  assert.equal(waitOf('Sat, 21 Nov 2026 09:00:00 GMT'), 0);
  assert.equal(waitOf('soon'), undefined);
  assert.equal(retryAfterMs(undefined, now), undefined);
});

test("llama-server's own error inside Ollama's is taken out, and a page is no error text", () => {
  assert.equal(errorText(nested('inner words')), 'inner words');
  assert.equal(errorText(json({ message: 'as OpenAI says it', code: 400 })), 'as OpenAI says it');
  assert.equal(errorText(json('{"half')), '{"half');
  assert.equal(errorText(page), undefined);
});

test('a long body never makes a long message', () => {
  assert.ok(fault(500, json('x'.repeat(50_000))).message.length < 400);
  assert.ok(fault(404, 'y '.repeat(50_000)).message.length < 400);
});

describe('a broken connection says whether the host was ever reached', () => {
  const codes: readonly (readonly [string, FaultCode])[] = [
    ['ECONNREFUSED', 'HostUnreachable'],
    ['ENOTFOUND', 'HostUnreachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'HostUnreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'HostUnreachable'],
    ['ECONNRESET', 'HostFailed'],
    ['UND_ERR_SOCKET', 'HostFailed'],
    ['EMFILE', 'HostFailed'],
    ['HPE_INVALID_CONSTANT', 'HostSpokeNonsense'],
  ];
  for (const [system, code] of codes) {
    test(`${system} is ${code}`, () => {
      const fault = networkFault(
        'http://gpu:11434',
        Object.assign(new Error('x'), { code: system }),
        'before it answered',
      );
      assert.ok(isDomainError(fault));
      assert.equal(fault.code, code);
      assert.match(fault.message, /http:\/\/gpu:11434/);
    });
  }
  test('an error that is not of the network stays what it is', () => {
    const error = new TypeError('a mistake of ours');
    assert.equal(networkFault('http://gpu:11434', error, ''), error);
  });
});
