import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { humanPart, mergeField, type WriteAction } from '../../domain/field-text.ts';
import {
  decideWrite,
  fieldState,
  fieldStates,
  type FieldState,
  type KnownTexts,
  ourParts,
  partWritten,
  wantsDescription,
  writePolicies,
  type WritePolicy,
} from '../../domain/write-policy.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const nothing: KnownTexts = { ours: [], parts: [], part: undefined, ignore: [], sha };
const wrote = (...fields: readonly string[]): KnownTexts => ({ ...nothing, ours: fields.map(sha) });
const knowing = (...parts: readonly string[]): KnownTexts => ({ ...nothing, parts: parts.map(sha) });

test('the state of a field is told from what we wrote, from blocks, and from what cameras write', () => {
  const rows: readonly [string, KnownTexts, FieldState][] = [
    ['', nothing, 'empty'],
    [' \n\t', nothing, 'empty'],
    ['A dog.', nothing, 'human'],
    ['A dog.', knowing('A dog.'), 'ours'],
    [' A dog.\n', knowing('A dog.'), 'ours'],
    ['A dog.', wrote('A dog.'), 'ours'],
    ['A dog.', { ...nothing, part: 'A dog.' }, 'ours'],
    ['A dog. Rex!', knowing('A dog.'), 'human'],
    ['Rex!\n\nA dog.', knowing('A dog.'), 'mixed'],
    ['Rex!\n\nA dog.', { ...nothing, part: 'A dog.' }, 'mixed'],
    // We wrote all of it, and a part of it is a person's.
    ['Rex!\n\nA dog.', { ...wrote('Rex!\n\nA dog.'), parts: [sha('A dog.')] }, 'mixed'],
    ['Rex!\n\nA dog.', { ...wrote('Rex!\n\nA dog.'), part: 'A dog.' }, 'mixed'],
    // We wrote it, and then more was put below.
    ['Rex!\n\nA dog.\n\nMore.', { ...wrote('Rex!\n\nA dog.'), part: 'A dog.' }, 'mixed'],
    ['A dog.\n\nMore.', wrote('A dog.'), 'human'],
    ['[AI]\nA dog.\n[/AI]', nothing, 'block'],
    ['[AI]\nA dog.\n[/AI]', knowing('[AI]\nA dog.\n[/AI]'), 'ours'],
    ['Rex!\n\n[AI]\nA dog.\n[/AI]', nothing, 'block'],
    ['Rex!\n\n[AI]\nA dog.\n[/AI]', knowing('[AI]\nA dog.\n[/AI]'), 'mixed'],
    ['Rex!\n\n[AI]\nA dog.\n[/AI]', wrote('Rex!\n\n[AI]\nA dog.\n[/AI]'), 'mixed'],
    ['[AI]\nA dog.', nothing, 'human'],
    ['[AI] a [AI] b [/AI] c [/AI]', nothing, 'human'],
    // An outdated text of ours within the one that stands there now.
    ['One.\n\nTwo.', knowing('One.', 'One.\n\nTwo.'), 'ours'],
  ];
  for (const [field, known, expected] of rows) assert.equal(fieldState(field, known), expected, field);
});

test('what a camera writes is told by patterns with stars, in any case of letters, as a whole', () => {
  const ignore = ['OLYMPUS DIGITAL CAMERA', 'DCIM*.JPG', '*processed with vsco*', ' ', '*', '**'];
  const state = (field: string) => fieldState(field, { ...nothing, ignore });
  for (const field of [
    'OLYMPUS DIGITAL CAMERA',
    'Olympus   digital camera ',
    'DCIM\\100GOPRO\\G1.jpg',
    'Processed with VSCO',
  ]) {
    assert.equal(state(field), 'boilerplate', field);
  }
  for (const field of ['My OLYMPUS DIGITAL CAMERA', 'DCIM.JPG is the file', 'anything', '(a+)+', '*']) {
    assert.equal(state(field), 'human', field);
  }
  assert.equal(fieldState('ABA', { ...nothing, ignore: ['AB*BA'] }), 'human');
  assert.equal(fieldState('SONY', { ...knowing('SONY'), ignore: ['sony'] }), 'ours');
  const slow = `${'a*'.repeat(200)}b`;
  assert.equal(fieldState('a'.repeat(60_000), { ...nothing, ignore: [slow] }), 'human');
});

type Row = readonly [FieldState, WriteAction];
/** Ours is of another recipe here. */
const table: Readonly<Record<WritePolicy, readonly Row[]>> = {
  none: [
    ['empty', 'write'],
    ['ours', 'write'],
    ['mixed', 'keep'],
    ['block', 'keep'],
    ['human', 'keep'],
    ['boilerplate', 'write'],
  ],
  all: [
    ['empty', 'write'],
    ['ours', 'write'],
    ['mixed', 'replace-own'],
    ['block', 'replace-own'],
    ['human', 'write'],
    ['boilerplate', 'write'],
  ],
  'missing-ai': [
    ['empty', 'write'],
    ['ours', 'write'],
    ['mixed', 'replace-own'],
    ['block', 'keep'],
    ['human', 'append'],
    ['boilerplate', 'write'],
  ],
  'preserve-human': [
    ['empty', 'write'],
    ['ours', 'write'],
    ['mixed', 'replace-own'],
    ['block', 'replace-own'],
    ['human', 'append'],
    ['boilerplate', 'write'],
  ],
};

for (const policy of writePolicies) {
  for (const [state, expected] of table[policy]) {
    test(`${policy}: a field that is ${state} → ${expected}`, () => {
      const question = { policy, state, recipeIsSame: false, appendOwn: true };
      assert.equal(decideWrite(question), expected);
      assert.equal(wantsDescription(policy, state, { redo: true }), expected !== 'keep');

      const isOurs = state === 'ours' || state === 'mixed';
      const same = isOurs ? 'keep' : expected;
      assert.equal(decideWrite({ ...question, recipeIsSame: true }), same, 'the recipe is the same');
      assert.equal(wantsDescription(policy, state, { redo: false }), same !== 'keep');

      const alone = expected === 'append' ? 'keep' : expected;
      assert.equal(decideWrite({ ...question, appendOwn: false }), alone, 'nothing may be put below');
      assert.equal(wantsDescription(policy, state, { redo: true, appendOwn: false }), alone !== 'keep');

      const meanwhile = state === 'human' && expected === 'write' ? 'keep' : expected;
      assert.equal(decideWrite({ ...question, changedMeanwhile: true }), meanwhile, 'typed while the model thought');
    });
  }
}

test('the table has a row for every policy and state', () => {
  assert.deepEqual(Object.keys(table).toSorted(), [...writePolicies].toSorted());
  for (const rows of Object.values(table))
    assert.deepEqual(rows.map(([state]) => state).toSorted(), [...fieldStates].toSorted());
});

const paragraph = fc.constantFrom(
  'Rex at the lake',
  '[AI]\nold\n[/AI]',
  '[AI]',
  'our [AI]x[/AI] dog',
  '$20',
  'A dog.',
  'Two\nlines',
);
const field = fc.array(paragraph, { maxLength: 4 }).map((parts) => parts.join('\n\n'));

interface Step {
  /** The write was meant and did not happen. */
  readonly crash: boolean;
  /** What a person does afterwards. */
  readonly typed: 'nothing' | 'below' | 'above';
}
const step: fc.Arbitrary<Step> = fc.record({
  crash: fc.boolean(),
  typed: fc.constantFrom('nothing', 'below', 'above'),
});

/** Everything that is left of a photo's field, and of what is known of it, after some runs of different recipes. */
function afterRuns(policy: WritePolicy, wrapper: 'off' | 'ai', start: string, steps: readonly Step[]) {
  let field = start;
  const [ours, parts]: [string[], string[]] = [[], []];
  const known = { ...nothing, ours, parts };
  const human = [humanPart(start)];
  for (const [index, { crash, typed }] of steps.entries()) {
    const state = fieldState(field, known);
    const action = decideWrite({ policy, state, recipeIsSame: false, appendOwn: true });
    // The second paragraph is in every text.
    const text = `Recipe ${index}.\n\nIt costs $20.`;
    const next = mergeField({ field, text, action, wrapper, isOurs: ourParts(known) });
    if (action !== 'keep') {
      const part = partWritten(field, next, known);
      assert.ok(part?.includes(text), `${part} of ${next}`);
      ours.push(sha(next));
      parts.push(sha(part ?? ''));
      assert.equal(partWritten(next, next, known), part, 'a retry finds the same part');
      if (!crash) field = next;
    }
    if (typed === 'nothing') continue;
    const words = `Typed ${index}`;
    field = typed === 'above' ? `${words}\n\n${field}` : `${field}\n\n${words}`;
    human.push(words);
  }
  return { field, human: human.join('\n').split('\n') };
}

test('over many recipes, crashes and people who write between them, no policy but `all` takes a word from a person', () => {
  const policy = fc.constantFrom('none' as const, 'missing-ai' as const, 'preserve-human' as const);
  const wrapper = fc.constantFrom('off' as const, 'ai' as const);
  fc.assert(
    fc.property(policy, wrapper, field, fc.array(step, { minLength: 1, maxLength: 5 }), (...given) => {
      const { field: end, human } = afterRuns(...given);
      for (const words of human) assert.ok(end.includes(words.trim()), `${words} in ${end}`);
      // Nor does a text of ours stay behind when the next is written.
      assert.ok(end.split('It costs $20.').length <= 2, end);
    }),
    { numRuns: 2_000 },
  );
});
