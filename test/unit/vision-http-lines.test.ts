import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Line, LineTooLong, readLines } from '../../adapters/vision-http/lines.ts';

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect(text: string, sizes: readonly number[] = [7], bounds = {}): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of readLines(inPieces(Buffer.from(text), sizes), bounds)) lines.push(line);
  return lines;
}

test('lines are the same wherever the chunks end, inside a character too', async () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => `{"ж":${JSON.stringify(text)}}`);
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(word), sizes, fc.constantFrom('\n', '\r\n', '\n\n'), async (words, sizes, eol) => {
      const lines = await collect(words.map((word) => word + eol).join(''), sizes);
      assert.deepEqual(
        lines,
        words.map((text) => ({ text, closed: true })),
      );
    }),
    { numRuns: 50 },
  );
});

test('what stands after the last line break is told from a whole line', async () => {
  assert.deepEqual(await collect('{"a":1}\n{"b'), [
    { text: '{"a":1}', closed: true },
    { text: '{"b', closed: false },
  ]);
});

test('a line without end and a body without end are given up', async () => {
  const read = (bounds: object) => collect('x\n'.repeat(5) + 'y'.repeat(90), [10], bounds);
  await assert.rejects(read({ maxLine: 50, maxBody: 1_000 }), LineTooLong);
  await assert.rejects(read({ maxLine: 1_000, maxBody: 50 }), LineTooLong);
  assert.equal((await read({ maxLine: 90, maxBody: 100 })).length, 6);
});
