import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ollamaKind } from '../../adapters/ollama/kind.ts';
import { UnknownEncoding } from '../../adapters/vision-http/decompress.ts';
import { errorText } from '../../adapters/vision-http/error-text.ts';
import { faultOf } from '../../adapters/vision-http/faults.ts';
import { networkFault } from '../../adapters/vision-http/network-faults.ts';
import { type RetryHeaders, waitOf } from '../../adapters/vision-http/retry-after.ts';
import { type FaultCode, isDomainError, TransientError } from '../../domain/errors.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const host = 'http://gpu:11434';
const page = '<!DOCTYPE html><html><head><title>Sign in to Hotel WiFi</title></head></html>';
const fault = (status: number, body: string, headers: RetryHeaders = {}) =>
  faultOf(ollamaKind, { host, model: 'scripted-vl', status, body, now, ...headers });

test('Retry-After is honoured in seconds, in milliseconds and as a date, and nonsense in it is ignored', () => {
  assert.equal(waitOf({ retryAfter: '120' }, now), 120_000);
  assert.equal(waitOf({ retryAfter: 'Sat, 21 Nov 2026 10:05:00 GMT' }, now), 300_000);
  assert.equal(waitOf({ retryAfter: 'Sat, 21 Nov 2026 09:00:00 GMT' }, now), 0);
  assert.equal(waitOf({ retryAfter: 'soon' }, now), undefined);
  assert.equal(waitOf({ retryAfter: '2', retryAfterMs: '1500' }, now), 1500);
  assert.equal(waitOf({ retryAfter: '2', retryAfterMs: 'x' }, now), 2000);
  assert.equal(waitOf({}, now), undefined);
});

test('a wait is whole milliseconds, and at most 7 days: a timer cannot count to 25', () => {
  const week = 604_800_000;
  assert.equal(waitOf({ retryAfterMs: '1500.25' }, now), 1501);
  assert.equal(waitOf({ retryAfterMs: '9000000000' }, now), week);
  assert.equal(waitOf({ retryAfter: '99999999' }, now), week);
  assert.equal(waitOf({ retryAfter: 'Fri, 31 Dec 9999 23:59:59 GMT' }, now), week);
  for (const endless of ['Infinity', '1e999', 'NaN', '9'.repeat(400)]) {
    assert.equal(waitOf({ retryAfterMs: endless }, now), undefined, endless);
    assert.equal(waitOf({ retryAfter: endless }, now), undefined, endless);
    assert.equal(waitOf({ retryAfterMs: endless, retryAfter: '2' }, now), 2000, endless);
  }
});

test('every fault that means to wait carries how long: busy ones and broken ones', () => {
  for (const status of [429, 500, 502, 503]) {
    const error = fault(status, '{"error":"later"}', { retryAfter: '7' });
    assert.ok(error instanceof TransientError);
    assert.equal(error.retryAfterMs, 7000);
  }
});

test('the text of an error is found in every shape that is about, and a page has none', () => {
  const nested = JSON.stringify({ error: JSON.stringify({ error: { code: 400, message: 'inner words', type: 'x' } }) });
  assert.deepEqual(errorText(nested), { text: 'inner words', kind: 'x 400' });
  assert.deepEqual(errorText('{"error":{"message":"as OpenAI says it","code":null}}'), {
    text: 'as OpenAI says it',
    kind: '',
  });
  assert.deepEqual(errorText('{"object":"error","message":"as vLLM says it","code":400}'), {
    text: 'as vLLM says it',
    kind: '400',
  });
  assert.deepEqual(errorText('{"detail":[{"msg":"one"},{"msg":"two"}]}'), { text: 'one; two', kind: '' });
  assert.deepEqual(errorText(JSON.stringify({ error: '{"half' })), { text: '{"half', kind: '' });
  assert.equal(errorText(page), undefined);
});

test('a redirect is told by its origin and path: the rest may be a session', () => {
  const where = (location: string) =>
    /redirects to (.*?)\. Check/.exec(
      faultOf(ollamaKind, { host, model: 'scripted-vl', status: 302, body: '', location, now }).message,
    )?.[1];
  const rows: readonly (readonly [string, string])[] = [
    ['https://wifi.example/login?token=abc#def', 'https://wifi.example/login'],
    ['https://me:secret@wifi.example:8443/a/b;jsessionid=1/c?x', 'https://wifi.example:8443/a/b/c'],
    ['//wifi.example/login?token=abc', 'http://wifi.example/login'],
    ['/login;jsessionid=1?token=abc#def', '/login'],
    ['login#token=abc', 'login'],
    ['?token=abc', 'somewhere else'],
    ['http://me:secret@[bad/login', 'somewhere else'],
    ['//me:secret@[bad/login', 'somewhere else'],
    ['data:text/plain,abc', 'somewhere else'],
    ['', 'somewhere else'],
    [`/${'x'.repeat(500)}`, `/${'x'.repeat(199)}…`],
    [`http://wifi.example/${'x'.repeat(500)}`, `http://wifi.example/${'x'.repeat(180)}…`],
  ];
  for (const [location, shown] of rows) assert.equal(where(location), shown, location);
});

test('a long body never makes a long message', () => {
  assert.ok(fault(500, JSON.stringify({ error: 'x'.repeat(50_000) })).message.length < 500);
  assert.ok(fault(404, 'y '.repeat(50_000)).message.length < 600);
});

describe('a broken connection says whether the host was ever reached', () => {
  const codes: readonly (readonly [string, FaultCode])[] = [
    ['ECONNREFUSED', 'HostUnreachable'],
    ['ENOTFOUND', 'HostUnreachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'HostUnreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'HostUnreachable'],
    ['ECONNRESET', 'HostBroke'],
    ['UND_ERR_SOCKET', 'HostBroke'],
    ['EMFILE', 'HostBroke'],
    ['Z_BUF_ERROR', 'HostBroke'],
    ['Z_DATA_ERROR', 'HostSpokeNonsense'],
    ['ERR__ERROR_FORMAT_RESERVED', 'HostSpokeNonsense'],
    ['HPE_INVALID_CONSTANT', 'HostSpokeNonsense'],
  ];
  for (const [system, code] of codes) {
    test(`${system} is ${code}`, () => {
      const error = Object.assign(new Error('x'), { code: system });
      const fault = networkFault(ollamaKind, host, error, 'before it answered');
      assert.ok(isDomainError(fault));
      assert.equal(fault.code, code);
      assert.match(fault.message, /http:\/\/gpu:11434/);
    });
  }
  test('an encoding that nobody knows is nonsense', () => {
    const fault = networkFault(ollamaKind, host, new UnknownEncoding('compress'), '');
    assert.ok(isDomainError(fault));
    assert.match(fault.message, /encoding.*compress/);
  });
  test('an error that is not of the network stays what it is', () => {
    const error = new TypeError('a mistake of ours');
    assert.equal(networkFault(ollamaKind, host, error, ''), error);
  });
});
