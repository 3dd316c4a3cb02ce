import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formerPart,
  humanPart,
  longestOwn,
  mergeField,
  ownPart,
  ownText,
  type MergeInput,
} from '../../domain/field-text.ts';

const merge = (field: string, over: Partial<MergeInput> = {}) =>
  mergeField({ field, text: 'NEW', action: 'replace-own', wrapper: 'off', ...over });
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

test('each action does to the field what it says', () => {
  const rows: readonly [string, Partial<MergeInput>, string][] = [
    ['', { action: 'write' }, 'NEW'],
    ['', { action: 'write', wrapper: 'ai' }, '[AI]\nNEW\n[/AI]'],
    ['', { action: 'append' }, 'NEW'],
    ['Rex at the lake', { action: 'keep' }, 'Rex at the lake'],
    ['Rex at the lake', { action: 'write' }, 'NEW'],
    ['Rex at the lake', { action: 'append' }, 'Rex at the lake\n\nNEW'],
    ['Rex at the lake\n', { action: 'append', wrapper: 'ai' }, 'Rex at the lake\n\n[AI]\nNEW\n[/AI]'],
    ['Rex\r\n\r\nat the lake', { action: 'append' }, 'Rex\r\n\r\nat the lake\n\nNEW'],
    ['Rex\n\nOLD', { previous: 'OLD' }, 'Rex\n\nNEW'],
    ['OLD\n\nRex', { previous: 'OLD' }, 'NEW\n\nRex'],
    ['above\n\nOLD\n\nbelow', { previous: 'OLD' }, 'above\n\nNEW\n\nbelow'],
    ['OLD', { previous: 'OLD' }, 'NEW'],
    ['it is OLD', { previous: 'OLD' }, 'it is OLD\n\nNEW'],
    ['[AI]\nOLD\n[/AI]', {}, 'NEW'],
    ['[AI]\nOLD\n[/AI]', { wrapper: 'ai' }, '[AI]\nNEW\n[/AI]'],
    ['Rex\n\n[AI]\nOLD\n[/AI]', {}, 'Rex\n\nNEW'],
    ['Rex [AI]OLD[/AI] at the lake', {}, 'Rex \n\nNEW\n\n at the lake'],
    ['Rex\n[AI]OLD[/AI]\nat the lake', { wrapper: 'ai' }, 'Rex\n\n[AI]\nNEW\n[/AI]\n\nat the lake'],
    ['[AI]a[/AI] Rex [AI]b[/AI]', {}, 'NEW\n\n Rex'],
    ['Rex\n\nOLD', { previous: '[AI]\nOLD\n[/AI]' }, 'Rex\n\nOLD\n\nNEW'],
    ['Rex', { text: ' \n', action: 'write' }, 'Rex'],
  ];
  for (const [field, over, expected] of rows) assert.equal(merge(field, over), expected, JSON.stringify([field, over]));
});

test('a dollar sign in a text is a dollar sign', () => {
  for (const text of ['It costs $20', "$& $1 $` $' $$", '$<name>']) {
    for (const field of ['[AI]\nx\n[/AI]', 'Rex\n\n[AI]\nx\n[/AI]\n\nlake', 'Rex']) {
      assert.ok(merge(field, { text }).includes(text), field);
      assert.ok(merge(field, { text, wrapper: 'ai' }).includes(`[AI]\n${text}\n[/AI]`), field);
    }
  }
});

test('a block that is not closed, is nested or has no beginning takes no word of a person with it', () => {
  const rows: readonly [string, string][] = [
    ['[AI]\nold, never closed\n\nRex', '[AI]\nold, never closed\n\nRex\n\nNEW'],
    ['Rex [/AI]', 'Rex [/AI]\n\nNEW'],
    ['[AI] Rex [AI]old[/AI]', '[AI] Rex \n\nNEW'],
    ['[AI]old[/AI] Rex [/AI]', 'NEW\n\n Rex [/AI]'],
    // Nobody can tell what the outer pair encloses.
    ['[AI] a [AI]b[/AI] c [/AI]', '[AI] a [AI]b[/AI] c [/AI]\n\nNEW'],
    ['[ai]Rex[/ai]', '[ai]Rex[/ai]\n\nNEW'],
  ];
  for (const [field, expected] of rows) {
    assert.equal(merge(field), expected);
    assert.equal(merge(expected), expected, 'once more');
  }
});

test('our part is found by its text or its hash, and what is left is the person’s', () => {
  const field = 'Rex\n\nOLD one.\n\nOLD two.\n\n  at the lake ';
  const text = 'OLD one.\n\nOLD two.';
  assert.equal(ownPart(field, [text]), text);
  assert.equal(
    ownPart(field, (one) => sha(one) === sha(text)),
    text,
  );
  assert.equal(humanPart(field, [text]), 'Rex\n\nat the lake');
  assert.equal(ownPart(field), undefined);
  assert.equal(humanPart(field), field.trim());
  assert.equal(ownPart('Rex [AI]\nOLD\n[/AI]'), 'OLD');
  assert.equal(humanPart('Rex [AI]\nOLD\n[/AI] and [AI]b[/AI]'), 'Rex\n\nand');
  const isOurs = (one: string) => sha(one) === sha(text);
  assert.equal(merge(field.trim(), { isOurs }), 'Rex\n\nNEW\n\n  at the lake');
});

test('our part of a field that we wrote is what stood there in no form before', () => {
  const rows: readonly [string | undefined, string, string | undefined][] = [
    [undefined, 'a\n\nb', 'a\n\nb'],
    ['Rex', 'Rex\n\na\n\nb', 'a\n\nb'],
    ['Rex', 'a', 'a'],
    ['Rex\n\nOLD', 'Rex\n\nNEW', 'NEW'],
    ['Rex [AI]OLD[/AI] lake', 'Rex \n\nNEW\n\n lake', 'NEW'],
    ['Rex\n\n[AI]\nOLD\n[/AI]', 'Rex\n\n[AI]\nNEW\n[/AI]', '[AI]\nNEW\n[/AI]'],
    ['A[AI]x[/AI]B[AI]y[/AI]C', 'A\n\nNEW\n\nB\n\nC', 'NEW'],
    ['Rex', 'Rex', undefined],
    ['', '', undefined],
  ];
  for (const [before, written, expected] of rows) assert.equal(formerPart(before, written), expected, written);
  assert.equal(formerPart('Sea.\n\nOne boat.', 'Sea.\n\nTwo boats.'), 'Two boats.');
  assert.equal(formerPart('Sea.\n\nOne boat.', 'Sea.\n\nTwo boats.', ['Sea.\n\nOne boat.']), 'Sea.\n\nTwo boats.');
  assert.equal(formerPart('Rex\n\nSea.', 'Rex\n\nSea.\n\nTwo boats.', ['Sea.']), 'Sea.\n\nTwo boats.');
});

test('our text is cut between words where a model ran wild, a person’s never', () => {
  const human = 'Ж'.repeat(60_000);
  const words = merge('', { action: 'write', text: 'word '.repeat(10_000) });
  assert.ok(words.length <= longestOwn && words.endsWith('word … (shortened)'), words.slice(-30));
  assert.equal(ownText(words, 'off'), words);
  const emoji = ownText('🎅'.repeat(20_000), 'ai');
  assert.ok(emoji.isWellFormed() && emoji.length <= longestOwn + 11);
  assert.equal(merge(human, { action: 'append' }), `${human}\n\nNEW`);
  assert.equal(ownText('a\0b\r\nc\td\u0007 [AI] [/AI] \uD800', 'off'), 'ab\nc\td (AI) (/AI) \uFFFD');
});

/** Fields as people and programs leave them, of pieces that can go wrong together. */
const piece = fc.constantFrom(
  '[AI]',
  '[/AI]',
  '[AI]\nold\n[/AI]',
  '[A',
  'I]',
  '\n',
  '\n\n',
  '\r\n \n',
  ' ',
  'OLD',
  'NEW',
  'Rex',
  '$&',
  'ё',
  '🎅',
);
const words = fc.array(piece, { maxLength: 14 }).map((parts) => parts.join(''));
const input = fc.record({
  text: words,
  wrapper: fc.constantFrom('off' as const, 'ai' as const),
  action: fc.constantFrom('append' as const, 'replace-own' as const),
  previous: fc.option(words, { nil: undefined }),
});

const isWithin = (part: string, whole: string): boolean => {
  let at = 0;
  for (const character of part) {
    at = whole.indexOf(character, at) + character.length;
    if (at < character.length) return false;
  }
  return true;
};
const ownTexts = (...texts: readonly (string | undefined)[]) =>
  texts.flatMap((text) => (text === undefined ? [] : [ownText(text, 'off'), ownText(text, 'ai'), text.trim()]));

test('whatever stands in a field, merging loses no character of a person and puts our text there', () => {
  fc.assert(
    fc.property(words, input, (field, rest) => {
      const merged = mergeField({ field, ...rest });
      const own = ownText(rest.text, rest.wrapper);
      assert.ok(merged.includes(own));
      // A text that is known to be ours is not a person's, whoever typed the same.
      const human = humanPart(field, ownTexts(rest.previous, rest.text));
      assert.ok(isWithin(human.replace(/\s/g, ''), merged), `${human} in ${merged}`);
    }),
    { numRuns: 2_000 },
  );
});

test('merging once more, as after a crash, changes nothing', () => {
  fc.assert(
    fc.property(words, input, (field, rest) => {
      const merged = mergeField({ field, ...rest });
      assert.equal(mergeField({ field: merged, ...rest, previous: rest.text }), merged);
      if (rest.previous === undefined) assert.equal(mergeField({ field: merged, ...rest }), merged);
    }),
    { numRuns: 2_000 },
  );
});

test('our part is replaced again and again, and the person’s words stay as they were after the first time', () => {
  fc.assert(
    fc.property(
      words,
      fc.array(fc.constantFrom('One.', 'Two\n\nthree $1.', 'Four'), { minLength: 2, maxLength: 5 }),
      (field, texts) => {
        let at = field.trim();
        let before: string | undefined = at;
        for (const text of texts) {
          const next = mergeField({
            field: at,
            text,
            action: 'append',
            wrapper: 'off',
            previous: before === at ? undefined : formerPart(before, at),
          });
          before = at;
          at = next;
        }
        assert.ok(isWithin(humanPart(field).replace(/\s/g, ''), at), at);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a field of many thousand paragraphs or marks is merged at once', () => {
  let looks = 0;
  const isOurs = (text: string) => {
    looks += text.length;
    return false;
  };
  for (const unit of ['a\n\n', '[AI]', '[/AI]', '[AI]\n\n', '\n \n', '[AI]x[/AI]\n\n']) {
    const field = unit.repeat(20_000);
    assert.ok(merge(field, { isOurs, previous: 'a' }).includes('NEW'));
  }
  assert.ok(looks < 5_000_000, `${looks} characters hashed`);
});
