import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hostAddress, hostLabel } from '../../runtime/host-address.ts';
import { cleanText, longestText } from '../../adapters/vision-http/answer-text.ts';
import { type Line, LineTooLong, readLines } from '../../adapters/vision-http/lines.ts';
import { sameModel } from '../../adapters/ollama/probe.ts';

describe('the text that a person reads', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['is trimmed', '  A dog.\n', 'A dog.'],
    ['loses quotes around the whole', '"A dog."', 'A dog.'],
    ['loses typographic quotes too', '“A dog.”', 'A dog.'],
    ['keeps quotes that are part of it', '"Stop" and "Go"', '"Stop" and "Go"'],
    ['loses thinking', '<think>Hm.\nA cat?</think>\n\nA dog.', 'A dog.'],
    ['loses thinking whose beginning the template swallowed', 'Hm.</think>A dog.', 'A dog.'],
    ['loses thinking that was cut', 'A dog.<think>or', 'A dog.'],
    ['is empty where there was thinking only', '<think>or', ''],
    ['has no NUL, which Postgres refuses', 'A\u0000 dog.', 'A dog.'],
    ['has no half surrogate pair', 'A dog\ud83d', 'A dog\ufffd'],
  ];
  for (const [name, raw, clean] of rows) test(name, () => assert.equal(cleanText(raw), clean));

  test('is at most 8,000 characters and never ends inside a character', () => {
    const text = cleanText(`a${'🐕'.repeat(longestText)}`);
    assert.equal(text.length, longestText - 1);
    assert.ok(text.isWellFormed());
  });

  test('does not change when it is cleaned again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (raw) => {
        const once = cleanText(raw.replaceAll(/["'“”„«»]/g, ''));
        assert.equal(cleanText(once), once);
      }),
    );
  });
});

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

test('model names without a tag mean latest, and case does not matter', () => {
  assert.ok(sameModel('llava:latest', 'llava'));
  assert.ok(sameModel('hf.co/Org/Model-GGUF:Q4_K_M', 'hf.co/org/model-gguf:q4_K_M'));
  assert.ok(sameModel('host:5000/llava', 'host:5000/llava:latest'));
  assert.ok(!sameModel('llava:7b', 'llava'));
  assert.ok(!sameModel(undefined, 'llava'));
});

test('what is shown of a host holds no credentials, and a folder before the API is kept', () => {
  const address = hostAddress('https://me:s%20cret@gpu.example/ollama/', 'token');
  assert.equal(address.label, 'https://gpu.example/ollama');
  assert.equal(address.authorization, `Basic ${Buffer.from('me:s cret').toString('base64')}`);
  assert.equal(hostAddress('http://gpu:11434', 'token').authorization, 'Bearer token');
  assert.equal(hostLabel('http://gpu:11434/'), 'http://gpu:11434');
});
