import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostLines, tokenLine, withWork } from '../../clients/host-lines.ts';
import type { ReportedHost } from '../../clients/host-report.ts';
import { costs, hostWork } from '../../domain/host-work.ts';
import type { HostTotals } from '../../domain/status.ts';

const a = 'http://gpu:11434';
const b = 'http://openrouter.example/api/v1';
const totals: readonly HostTotals[] = [
  {
    host: a,
    model: 'qwen3-vl',
    simulated: false,
    calls: 30,
    promptTokens: 30_000,
    answerTokens: 3_000,
    totalMs: 90_000,
    evalMs: 30_000,
    evalTokens: 2_400,
    firstAt: 0,
    lastAt: 1,
  },
  {
    host: b,
    model: 'second',
    simulated: false,
    calls: 10,
    promptTokens: 10_000,
    answerTokens: 1_000,
    totalMs: 10_000,
    evalMs: 0,
    evalTokens: 0,
    firstAt: 0,
    lastAt: 1,
  },
];
const price = { promptPerMillion: 2, answerPerMillion: 10, currency: 'USD' };
const gpu: ReportedHost = {
  host: a,
  api: 'ollama',
  role: 'primary',
  model: 'qwen3-vl:4b-instruct-q4_K_M',
  canonical: 'qwen3-vl',
  state: 'ready',
  detail: '',
  busy: 0,
  slots: 1,
  calls: 0,
  simulated: false,
  loaded: false,
};
const router: ReportedHost = {
  ...gpu,
  host: b,
  api: 'openai',
  role: 'fallback',
  model: 'vendor/second',
  canonical: 'second',
  state: 'capped',
  detail: 'has used its 1000 tokens of today (tokensPerDay); goes on at midnight UTC; next call in 60 min',
  tokensToday: 1_010,
  tokensPerDay: 1_000,
  loaded: undefined,
  price,
};

test('a host’s share, speed and cost come from its descriptions, speed without the time in its queue', () => {
  assert.deepEqual(hostWork(totals, { host: a, model: 'qwen3-vl' }), {
    calls: 30,
    share: 0.75,
    secondsEach: 3,
    tokensPerSecond: 80,
    promptTokens: 30_000,
    answerTokens: 3_000,
    simulated: false,
  });
  const work = hostWork(totals, { host: b, model: 'second', price });
  assert.equal(work.tokensPerSecond, undefined);
  assert.deepEqual(work.cost, { amount: 0.03, currency: 'USD' });
  assert.deepEqual(costs([work, work]), [{ amount: 0.06, currency: 'USD' }]);
  assert.deepEqual(hostWork([], { host: a, model: 'qwen3-vl' }).share, 0);
});

test('hosts are a table where it fits, with what is wrong below', () => {
  const hosts = withWork([gpu, router], totals);
  assert.deepEqual(hostLines(hosts, 200), [
    '  http://gpu:11434                  qwen3-vl:4b-instruct-q4_K_M  ready 0/1, model not loaded  30 described (75 %), 3.0 s each, 80 tokens/s',
    '  http://openrouter.example/api/v1  vendor/second (fallback)     capped 0/1                   10 described (25 %), 1.0 s each',
    '    1,010 of 1,000 tokens today (UTC)',
    '    http://openrouter.example/api/v1: has used its 1000 tokens of today (tokensPerDay); goes on at midnight UTC; next call in 60 min',
  ]);
  assert.equal(tokenLine(hosts), '44,000 tokens since the start, 0.0300 USD');
});

test('in a narrow terminal each host has lines of its own, none too wide', () => {
  const lines = hostLines(withWork([gpu, router], totals), 44);
  assert.deepEqual(lines.slice(0, 6), [
    '  http://gpu:11434',
    '    qwen3-vl:4b-instruct-q4_K_M',
    '    ready 0/1, model not loaded',
    '    30 described (75 %), 3.0 s each, 80',
    '    tokens/s',
    '  http://openrouter.example/api/v1',
  ]);
  assert.ok(lines.every((line) => line.length <= 44));
});

test('before the first answer there are no tokens to tell of', () => {
  const hosts = withWork([gpu], []);
  assert.equal(tokenLine(hosts), undefined);
  assert.match(hostLines(hosts, 200).join('\n'), /no description yet/);
});
