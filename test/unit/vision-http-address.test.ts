import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostAddress, hostLabel } from '../../runtime/host-address.ts';

test('what is shown of a host holds no credentials, and a folder before the API is kept', () => {
  const address = hostAddress('https://me:s%20cret@gpu.example/ollama/', 'token');
  assert.equal(address.label, 'https://gpu.example/ollama');
  assert.equal(address.authorization, `Basic ${Buffer.from('me:s cret').toString('base64')}`);
  assert.equal(hostAddress('http://gpu:11434', 'token').authorization, 'Bearer token');
  assert.equal(hostLabel('http://gpu:11434/'), 'http://gpu:11434');
});
