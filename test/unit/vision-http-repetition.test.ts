import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createRepetitionGuard, endsInLoop } from '../../domain/repetition.ts';

const trips = (text: string, sizes: readonly number[] = [7]): boolean => {
  const guard = createRepetitionGuard();
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    if (guard.loops(text.slice(at, at + size))) return true;
    at += size;
  }
  return false;
};

const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });

test('any phrase that is repeated long enough is a loop, whatever stands before it and however it is cut', () => {
  const phrase = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(({ length }) => length <= 200);
  fc.assert(
    fc.property(phrase, fc.lorem({ maxCount: 60 }), sizes, (said, before, sizes) => {
      const times = Math.ceil(500 / said.length) + 7;
      assert.ok(trips(before + said.repeat(times), sizes));
    }),
  );
});

test('whether a text is a loop does not depend on how it is cut', () => {
  const letters = (from: number, count: number) =>
    Array.from({ length: count }, (_none, at) => String.fromCodePoint(from + at)).join('');
  const numbers = fc.record({
    before: fc.integer({ min: 0, max: 150 }),
    period: fc.integer({ min: 1, max: 40 }),
    // About as long as a loop has to be, so that it matters where the looks are.
    length: fc.integer({ min: 380, max: 520 }),
  });
  fc.assert(
    fc.property(numbers, sizes, ({ before, period, length }, sizes) => {
      const loop = letters(0x430, period).repeat(600).slice(0, length);
      const text = `${letters(0x4e00, before)}${loop}${letters(0x5e00, 300)}`;
      assert.equal(trips(text, sizes), trips(text, [text.length]));
    }),
    { numRuns: 300 },
  );
});

test('prose of words that differ is never a loop', () => {
  const words = fc.uniqueArray(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(words, sizes, (words, sizes) => {
      assert.ok(!trips(words.join(' '), sizes));
    }),
    { numRuns: 50 },
  );
});

describe('what people write is no loop', () => {
  const numbers = (count: number, write: (n: number) => string) =>
    Array.from({ length: count }, (_none, n) => write(n)).join('\n');
  const rows: readonly (readonly [string, string])[] = [
    ['laughter', `A man laughs: ${'ha '.repeat(12)}and a sign says so.`],
    ['a row of dashes', `${'-'.repeat(120)}\nA dog.`],
    ['a list', numbers(80, (n) => `- a chair, number ${n}`)],
    ['a table', `| name | score |\n| --- | --- |\n${numbers(60, (n) => `| player ${n} | ${n * 7} |`)}`],
    ['a refrain', `${'Row, row, row your boat, gently down the stream. '.repeat(5)}The end.`],
    ['a crowd counted out', numbers(40, (n) => `Person ${n} wears a red shirt and stands beside person ${n + 1}.`)],
  ];
  for (const [name, text] of rows) test(name, () => assert.ok(!trips(text)));
});

describe('what models say without end is a loop', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['one character', 'A dog'.padEnd(700, '!')],
    ['line breaks', `A dog${'\n'.repeat(600)}`],
    ['one word', `A dog ${'and '.repeat(200)}`],
    ['a sentence', `A dog. ${'The dog is brown and it sits on the green grass. '.repeat(14)}`],
    ['tags of a structured answer', `{"tags":[${'"dog", "grass", '.repeat(60)}`],
  ];
  for (const [name, text] of rows) test(name, () => assert.ok(trips(text)));
});

test('a loop is seen at the latest a hundred characters after it is long enough', () => {
  assert.ok(!endsInLoop('x'.repeat(399)));
  assert.ok(endsInLoop('x'.repeat(400)));
  assert.ok(trips('ab'.repeat(250)));
  assert.ok(!trips('ab'.repeat(199)));
});
