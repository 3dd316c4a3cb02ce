import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { besideEachOther, cellLines, printable, textWidth } from '../../clients/text-columns.ts';

test('text is broken at spaces, and inside a word only where it fits on no line', () => {
  assert.deepEqual(cellLines('one two three', 8), ['one two', 'three']);
  assert.deepEqual(cellLines('a abcdefghij b', 4), ['a', 'abcd', 'efgh', 'ij b']);
  assert.deepEqual(cellLines('First.\n\nSecond one.', 8), ['First.', '', 'Second', 'one.']);
  assert.deepEqual(cellLines('', 8), ['']);
});

test('what takes two places in a terminal counts two, and what joins the character before it none', () => {
  assert.equal(textWidth('海辺'), 4);
  assert.equal(textWidth('e\u0301'), 1);
  assert.deepEqual(cellLines('海辺を歩く', 4), ['海辺', 'を歩', 'く']);
});

test('columns begin at the same place in every line', () => {
  const lines = besideEachOther([['海', 'b', 'c'], ['x'], ['y', 'z']], 4);
  assert.deepEqual(lines, ['海    x     y', 'b           z', 'c']);
});

test('whatever a model says, no line is wider than its column and no control character reaches the terminal', () => {
  const text = fc
    .array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\u001b[2J', '\u009b', '\n', '\u202e', '海', '🎅', ' ')),
    )
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 60 }), (said, width) => {
      for (const line of cellLines(said, width)) {
        assert.ok(textWidth(line) <= width, JSON.stringify(line));
        assert.doesNotMatch(line, /\p{Cc}|\u202e/u);
      }
      assert.equal(cellLines(said, width).join('').replace(/\s/g, ''), printable(said).replace(/\s/g, ''));
    }),
  );
});
