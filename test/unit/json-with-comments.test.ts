import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonSyntaxError, parseJsonWithComments } from '../../runtime/json-with-comments.ts';

test('every JSON text means what it means to JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      assert.deepEqual(parseJsonWithComments(text), JSON.parse(text));
    }),
  );
});

test('comments and commas at the end are passed by, wherever they are, and left alone within text', () => {
  const text = `\uFEFF// first
  { /* a */ "url" /* b */ : "http://a//b/*c*/", // "slots": 2
    "say": "\\"//\\\\", /* two
    lines **/ "list": [1, 2, /* , */ ], "empty": [ ], "none": {},
  } // last`;
  assert.deepEqual(parseJsonWithComments(text), {
    url: 'http://a//b/*c*/',
    say: '"//\\',
    list: [1, 2],
    empty: [],
    none: {},
  });
});

test('a key named __proto__ is a key like others', () => {
  assert.deepEqual(Object.keys(Object(parseJsonWithComments('{"__proto__": {"slots": 1}}'))), ['__proto__']);
});

for (const [text, where] of [
  ['', /^line 1, column 1: there is nothing in it/],
  ['{"a": 1,\n  "token": hush}', /^line 2, column 12: here a value is missing, or text without quotes/],
  ['{"a": 1\n "b": 2}', /^line 2, column 2: a comma or "}" is missing/],
  ['{"a": [1, 2}', /^line 1, column 12: a comma or "]" is missing/],
  ['{"a" 1}', /^line 1, column 6: a colon is missing/],
  ['{a: 1}', /^line 1, column 2: a name in double quotes/],
  ["{'a': 1}", /^line 1, column 2: a name in double quotes/],
  ['{"a": \'hush\'}', /^line 1, column 7: text stands in double quotes/],
  ['{"a": "hush', /^line 1, column 7: this text has no closing quote/],
  ['{"a": "hush\n", "b": 1}', /^line 1, column 7: this text has no closing quote/],
  ['{"a": "\\x"}', /^line 1, column 11: .*backslash that means nothing/],
  ['{"a": 1, "a": 2}', /^line 1, column 13: the name before this is there twice/],
  ['{"a": 01}', /^line 1, column 7: here a value is missing/],
  ['{"a": 1', /^line 1, column 8: its end comes before "}"/],
  ['{"a": 1} x', /^line 1, column 10: something follows after the end/],
  ['{"a": 1 /* b }', /^line 1, column 9: this comment has no end/],
  ['{,}', /^line 1, column 2: a name in double quotes/],
  ['[,]', /^line 1, column 2: here a value is missing/],
  ['['.repeat(1_000), /nested too deep/],
] as const) {
  test(`${JSON.stringify(text.slice(0, 30))} is refused with its place, and nothing of it is quoted`, () => {
    assert.throws(
      () => parseJsonWithComments(text),
      (error: Error) => {
        assert.ok(error instanceof JsonSyntaxError);
        assert.match(error.message, where);
        assert.doesNotMatch(error.message, /hush/);
        return true;
      },
    );
  });
}

test('a file full of nothing but space or one endless text is read to its end', () => {
  assert.throws(() => parseJsonWithComments(' \n'.repeat(500_000)), JsonSyntaxError);
  assert.throws(() => parseJsonWithComments(`"${'x'.repeat(1_000_000)}`), JsonSyntaxError);
  assert.equal(String(parseJsonWithComments(`"${'x'.repeat(1_000_000)}"`)).length, 1_000_000);
  assert.equal(parseJsonWithComments(`${'/**/ '.repeat(200_000)}1`), 1);
});
