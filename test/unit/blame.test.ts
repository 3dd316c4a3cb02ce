import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Blame, blameOf, type FailedCall, failsHosts } from '../../domain/blame.ts';
import { ConfigError, PermanentError, TransientError } from '../../domain/errors.ts';

const failed = new TransientError('HostFailed', 'the runner has unexpectedly stopped');
const broke = new TransientError('HostBroke', 'connection reset');
const fair = { proven: true, alone: true, breaksBefore: 0 };

const rows: readonly (readonly [string, FailedCall, Blame])[] = [
  ['a failure alone on a host that did others', { ...fair, error: failed }, 'photo'],
  ['a failure on a host that has done nothing yet', { ...fair, error: failed, proven: false }, 'host'],
  ['a failure beside other calls', { ...fair, error: failed, alone: false }, 'suspect'],
  ['a failure beside others on an unproven host', { ...fair, error: failed, alone: false, proven: false }, 'host'],
  ['a connection that breaks once', { ...fair, error: broke }, 'broke'],
  ['a connection that breaks again', { ...fair, error: broke, breaksBefore: 1 }, 'photo'],
  [
    'silence beyond its limit, again',
    { ...fair, error: new TransientError('HostTimedOut', ''), breaksBefore: 1 },
    'photo',
  ],
  ['a host that is off', { ...fair, error: new TransientError('HostUnreachable', 'refused') }, 'host'],
  ['a busy host', { ...fair, error: new TransientError('HostBusy', '503') }, 'host'],
  ['a web page instead of an answer', { ...fair, error: new TransientError('HostSpokeNonsense', 'html') }, 'host'],
  ['a model that is missing', { ...fair, error: new TransientError('ModelMissing', '404') }, 'host'],
  [
    'a request that a host refuses which took others',
    { ...fair, error: new ConfigError('BadRequest', '400') },
    'photo',
  ],
  ['the same before it took any', { ...fair, error: new ConfigError('BadRequest', '400'), proven: false }, 'host'],
  ['a closed door', { ...fair, error: new ConfigError('Unauthorized', '401') }, 'host'],
  [
    'an empty answer, which the workflow counts itself',
    { ...fair, error: new PermanentError('EmptyAnswer', '') },
    'host',
  ],
  ['a cancellation', { ...fair, error: new Error('canceled') }, 'host'],
];

for (const [name, call, blame] of rows) {
  test(`whose fault: ${name} (${blame})`, () => assert.equal(blameOf(call), blame));
}

test('a fault that is counted names its host and keeps what the host said', () => {
  const fault = failsHosts('http://a:11434', failed);
  assert.equal(fault.code, 'FailsHosts');
  assert.equal(fault.host, 'http://a:11434');
  assert.match(fault.message, /did other photos and failed on this one: the runner has unexpectedly stopped/);
  assert.equal(fault.cause, failed);
});
