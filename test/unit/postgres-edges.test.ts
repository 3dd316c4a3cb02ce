import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isConnectionFault, toDomainError } from '../../adapters/postgres/faults.ts';
import { createGate } from '../../adapters/postgres/gate.ts';
import { storableJson } from '../../adapters/postgres/json.ts';
import { longestStory, trimStory } from '../../adapters/postgres/trim-story.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';

const coded = (code: string) => Object.assign(new Error(`message of ${code}`), { code });

test('what the driver and the server say is classed by whose fault it is', () => {
  for (const code of [
    'ECONNREFUSED',
    'ENOENT',
    'CONNECTION_CLOSED',
    '57P01',
    '57P03',
    '08006',
    '53300',
    '57014',
    '40P01',
  ]) {
    const error = toDomainError(coded(code));
    assert.ok(error instanceof TransientError && error.code === 'DatabaseUnavailable', code);
    assert.match(error.message, new RegExp(`${code}.*DATABASE_URL`));
  }
  const full = toDomainError(coded('53100'));
  assert.ok(full instanceof TransientError && full.code === 'DiskFull');
  for (const code of ['28P01', '28000', '3D000', '42501']) {
    const error = toDomainError(coded(code));
    assert.ok(error instanceof ConfigError && error.message.includes('DATABASE_URL'), code);
  }
});

test('an error that is neither the server nor a setting passes through unchanged', () => {
  for (const error of [coded('23505'), coded('42601'), new Error('no code'), 'text']) {
    assert.equal(toDomainError(error), error);
  }
});

test('a connection is suspect when it broke or leads to the wrong server, not when a statement lost', () => {
  assert.equal(isConnectionFault(coded('57014')), false);
  assert.equal(isConnectionFault(coded('40P01')), false);
  for (const code of ['57P01', '25006', 'ECONNRESET']) assert.equal(isConnectionFault(coded(code)), true, code);
});

test('a gate lets in as many as it should, in the order they came, and forgets who gave up', async () => {
  const gate = createGate(2);
  const patient = new AbortController();
  const order: string[] = [];
  const enter = async (name: string, signal = patient.signal) => {
    const leave = await gate.enter(signal);
    order.push(name);
    return leave;
  };
  const first = await enter('a');
  const second = await enter('b');
  const third = enter('c');
  const stop = new AbortController();
  const gone = enter('d', stop.signal);
  const fifth = enter('e');
  stop.abort(new Error('gave up'));
  await assert.rejects(gone, /gave up/);
  assert.deepEqual(order, ['a', 'b']);
  first();
  first();
  await third;
  assert.deepEqual(order, ['a', 'b', 'c']);
  second();
  await fifth;
  assert.deepEqual(order, ['a', 'b', 'c', 'e']);
});

test('no text that goes into JSON holds what Postgres refuses', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary-ascii' }), (value, text) => {
      const stored = JSON.stringify(storableJson([JSON.parse(JSON.stringify(value)), text, `a\0${text}\uD800`]));
      assert.ok(!stored.includes(String.raw`\u0000`) || stored.includes(String.raw`\\u0000`));
      assert.ok(stored.isWellFormed());
      assert.doesNotMatch(stored, /(?<!\\)(\\\\)*\\ud[89a-f]/i);
    }),
    { numRuns: 50 },
  );
});

test('absent fields are left out of JSON, null stays', () => {
  assert.deepEqual(storableJson({ a: undefined, b: null, c: [1, { d: 'x\0' }] }), { b: null, c: [1, { d: 'x' }] });
});

const line = fc.record({
  step: fc.string({ maxLength: 60 }),
  at: fc.nat(),
  note: fc.string({ maxLength: 600, size: 'max' }),
});

test('a story always fits, keeps its order, and is left alone where it fits already', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 80, size: 'max' }), (story) => {
      const kept = trimStory(story);
      assert.ok(Buffer.byteLength(JSON.stringify(kept)) <= longestStory);
      if (Buffer.byteLength(JSON.stringify(story)) <= longestStory) assert.equal(kept, story);
      else assert.ok(kept.length > 1);
      const times = kept.filter(({ step }) => step !== '…').map(({ at }) => at);
      const original = story.map(({ at }) => at);
      let from = 0;
      for (const at of times) from = original.indexOf(at, from) + 1 || Number.NaN;
      assert.ok(!Number.isNaN(from));
    }),
    { numRuns: 30 },
  );
});

test('lines left out of a story are counted', () => {
  const story = Array.from({ length: 100 }, (_, at) => ({ step: `${at}`, at, note: 'n'.repeat(50) }));
  const kept = trimStory(story);
  const gap = kept.find(({ step }) => step === '…');
  assert.equal(gap?.note, `${story.length - (kept.length - 1)} more`);
});
