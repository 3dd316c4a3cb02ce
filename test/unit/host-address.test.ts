import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSecrets } from '../../clients/doctor/vision-hosts.ts';
import { plainHost } from '../../domain/vision-host.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { hostAddress, isReadableOnTheWay } from '../../runtime/host-address.ts';

test('what is sent over http:// can be read on its way, unless it stays in the house', () => {
  for (const url of [
    'https://api.example.com',
    'http://localhost:11434',
    'http://gpu-box:11434',
    'http://gpu.local',
    'http://gpu.home.arpa',
    'http://host.docker.internal:11434',
    'http://box.tail1234.ts.net',
    'http://127.3.2.1',
    'http://192.168.1.2',
    'http://172.31.0.1',
    'http://100.100.1.1',
    'http://[::1]:1',
    'http://[fd00::1]',
    'http://[fe80::1]',
  ]) {
    assert.ok(!isReadableOnTheWay(url), url);
  }
  for (const url of [
    'http://api.example.com/v1',
    'http://8.8.8.8',
    'http://172.32.0.1',
    'http://[2001:db8::1]',
    'http://notlocal.com',
  ]) {
    assert.ok(isReadableOnTheWay(url), url);
  }
});

test('doctor notes a token that goes over such a way, and only then', () => {
  const host = (label: string, headers: Record<string, string>) => plainHost(label, 'm', { headers: () => headers });
  const [note] = openSecrets(host('http://api.example.com', { authorization: 'Bearer hush' }));
  assert.equal(note?.level, 'note');
  assert.doesNotMatch(JSON.stringify(note), /hush/);
  assert.deepEqual(openSecrets(host('http://api.example.com', {})), []);
  assert.deepEqual(openSecrets(host('http://gpu', { authorization: 'Bearer hush' })), []);
});

test('a percent sign in a login that begins no escape stands for itself', () => {
  const basic = `Basic ${Buffer.from('me:100%').toString('base64')}`;
  assert.equal(hostAddress('http://me:100%@gpu').authorization, basic);
});

test('a misspelt name is understood where one is near, and not where none is', () => {
  const known = ['url', 'slots', 'tokenEnv', 'tokenFile', 'firstByteSec', 'timeoutSec'];
  const meant = (name: string) => didYouMean(name, known);
  assert.equal(meant('slot'), 'slots');
  assert.equal(meant('sltos'), 'slots');
  assert.equal(meant('token_env'), 'tokenEnv');
  assert.equal(meant('FIRST-BYTE-SEC'), 'firstByteSec');
  assert.equal(meant('ulr'), 'url');
  assert.equal(meant('colour'), undefined);
  assert.equal(meant(''), undefined);
});
