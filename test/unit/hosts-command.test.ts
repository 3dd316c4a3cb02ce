import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hosts } from '../../clients/commands/hosts.ts';
import { createOutput } from '../../clients/output.ts';
import { hostReportFreshMs } from '../../domain/host-report.ts';
import { plainHost } from '../../domain/vision-host.ts';
import { changesInWords, hostChanges } from '../../runtime/host-changes.ts';
import { hostsInWords } from '../../workers/up-hosts.ts';

const reported = [
  {
    host: 'http://cloud',
    role: 'fallback',
    model: 'org/n',
    state: 'capped',
    busy: 0,
    slots: 4,
    calls: 1,
    tokensToday: 9_000,
  },
  { host: 'http://gpu:11434', role: 'primary', model: 'm', state: 'busy', busy: 1, slots: 1, calls: 2, loaded: true },
  { host: 'http://old:11434', role: 'primary', model: 'm', state: 'ready', busy: 0, slots: 1, calls: 0, loaded: false },
].map((one) => ({
  api: 'ollama',
  canonical: 'm',
  detail: one.state === 'capped' ? 'no more tokens today' : '',
  ...one,
}));

/** What is printed of hosts that were reported `age` milliseconds ago. */
async function printed(columns: number, { json = false, age = 0 } = {}): Promise<string[]> {
  const parts: string[] = [];
  const facts = {
    get: async () => ({ value: { hosts: reported }, updated: Date.now() - age }),
    put: async () => undefined,
  };
  await hosts({ facts }, createOutput({ write: (text) => parts.push(text), columns }), { json });
  return parts.join('').split('\n').slice(0, -1);
}

test('hosts are listed in the order of their roles, with their share and what is the matter', async () => {
  assert.deepEqual(await printed(100), [
    '  http://gpu:11434  m                 busy 1/1                     2 calls (67 %)',
    '  http://old:11434  m                 ready 0/1, model not loaded  no call yet',
    '  http://cloud      org/n (fallback)  capped 0/4                   1 call (33 %)',
    '    9,000 tokens today (UTC)',
    '    http://cloud: no more tokens today',
  ]);
});

test('in a narrow terminal each host takes several lines', async () => {
  const lines = await printed(40);
  assert.deepEqual(lines.slice(0, 4), ['  http://gpu:11434', '    m', '    busy 1/1', '    2 calls (67 %)']);
  assert.ok(
    lines.every((line) => line.length <= 40),
    lines.join('\n'),
  );
});

test('for programs there is everything, with the share as a number', async () => {
  const { hosts: all }: { hosts: unknown[] } = JSON.parse((await printed(100, { json: true })).join(''));
  assert.equal(all.length, 3);
  assert.match(JSON.stringify(all[1]), /"share":0\.666/);
});

test('an engine that has said nothing for a while is told of instead of its old words', async () => {
  const lines = await printed(100, { age: hostReportFreshMs + 1 });
  assert.match(lines.join(' '), /has said nothing about its hosts for half a minute.* See darkroom doctor/);
  assert.doesNotMatch(lines.join(' '), /gpu/);
});

test('at the start a person reads which hosts are used in which role, and under which other name they have the model', () => {
  const models = { primary: 'm', fallback: 'n' };
  const list = [
    plainHost('http://a', 'm'),
    plainHost('http://b', 'm', { models: { primary: 'org/m', fallback: 'n' } }),
    plainHost('http://c', 'm', { models: { fallback: 'org/n' } }),
  ];
  assert.deepEqual(hostsInWords(list, models), [
    '  vision    m on http://a, http://b (org/m)',
    '  fallback  n on http://b, http://c (org/n)',
  ]);
  assert.equal(hostsInWords(list.slice(0, 1), models).length, 1);
});

test('what a reload changed is told by address, and a new token is a change', () => {
  const [a, b] = [plainHost('http://a', 'm'), plainHost('http://b', 'm')];
  const before = [a, b, plainHost('http://c', 'm', { headers: () => ({ authorization: 'hush-1' }) })];
  const after = [
    plainHost('http://a', 'm'),
    plainHost('http://c', 'm', { headers: () => ({ authorization: 'hush-2' }) }),
    plainHost('http://d', 'm'),
  ];
  const changes = hostChanges(before, after);
  assert.deepEqual(changes, { added: ['http://d'], removed: ['http://b'], changed: ['http://c'] });
  const words = '3 vision hosts: added http://d; removed, after what it is at: http://b; changed http://c';
  assert.equal(changesInWords(changes, 3), words);
  assert.equal(changesInWords(hostChanges(before, before), 1), '1 vision host: nothing changed');
});
