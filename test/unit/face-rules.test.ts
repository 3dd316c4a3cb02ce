import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DetectedFace, FaceBox } from '../../domain/face.ts';
import { bindingOf, type Candidate } from '../../domain/face-binding.ts';
import { checkBox, type KnownFace, matchFaces, overlapOf } from '../../domain/face-match.ts';
import { mergedPerson, previewOf } from '../../domain/merge-preview.ts';
import { checkName, foldName, PeopleError, type Person } from '../../domain/person.ts';

const box = (x: number, y = 0, width = 0.2, height = 0.2): FaceBox => ({ x, y, width, height });
const found = (x: number): DetectedFace => ({ box: box(x), embedding: new Float32Array(512).fill(0.1) });
const known = (faceId: string, x: number, over: Partial<KnownFace> = {}): KnownFace => ({
  faceId,
  model: 'm',
  source: 'model',
  box: box(x),
  ...over,
});
const matched = (all: readonly KnownFace[], places: readonly number[]) =>
  matchFaces({ model: 'm', known: all, found: places.map(found) }).map(({ face, keeps, like }) => [
    face.box.x,
    keeps ?? like,
  ]);

test('boxes overlap by what both cover of what either covers', () => {
  assert.equal(overlapOf(box(0), box(0)), 1);
  assert.equal(overlapOf(box(0), box(0.2)), 0);
  assert.equal(overlapOf(box(0), box(0.5)), 0);
  assert.ok(Math.abs(overlapOf(box(0), box(0.1)) - 1 / 3) < 1e-9);
  assert.ok(Math.abs(overlapOf(box(0, 0, 0.4, 0.4), box(0.1, 0.1)) - 0.25) < 1e-9);
  assert.equal(overlapOf(box(Number.NaN), box(0)), 0);
});

test('after a second look the closest box is the same face, and each is one face only', () => {
  assert.deepEqual(matched([known('a', 0.3)], [0.32, 0.31]), [
    [0.32, undefined],
    [0.31, 'a'],
  ]);
  assert.deepEqual(matched([known('a', 0.3), known('b', 0.33)], [0.32]), [[0.32, 'b']]);
  // A third of 0.2 apart is an overlap of exactly one half: not more than it.
  assert.deepEqual(matched([known('a', 0)], [0.2 / 3 + 1e-9]), [[0.2 / 3 + 1e-9, undefined]]);
});

test('a face marked by hand hides one that a model finds there; one of another model hands on its person, if it has one', () => {
  assert.deepEqual(matched([known('hand', 0.3, { source: 'manual' }), known('a', 0.3)], [0.31, 0.7]), [
    [0.7, undefined],
  ]);
  const other = { model: 'other' };
  assert.deepEqual(matched([known('a', 0.3, other)], [0.3]), [[0.3, undefined]]);
  assert.deepEqual(matched([known('a', 0.3, { ...other, personId: '1' })], [0.3]), [[0.3, 'a']]);
});

test('whatever the boxes are, no face is matched twice and none is invented', () => {
  const place = fc.double({ min: 0, max: 0.8, noNaN: true });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 12 }), fc.array(place, { maxLength: 12 }), (old, now) => {
      const faces = old.map((x, nth) => known(`${nth}`, x));
      const all = matchFaces({ model: 'm', known: faces, found: now.map(found) });
      const kept = all.flatMap(({ keeps }) => keeps ?? []);
      assert.equal(all.length, now.length);
      assert.equal(new Set(kept).size, kept.length);
      assert.ok(kept.every((id) => faces.some(({ faceId }) => faceId === id)));
      const again = matchFaces({ model: 'm', known: faces, found: old.map(found) });
      assert.ok(again.every(({ keeps }) => keeps !== undefined));
    }),
  );
});

test('a box inside the picture passes, also where a sum is rounded up', () => {
  checkBox({ x: 0.7, y: 0.1, width: 0.3, height: 0.9 });
  checkBox({ x: 0, y: 0, width: 1, height: 1 });
  assert.throws(() => checkBox({ x: 0.7, y: 0, width: 0.31, height: 1 }), PeopleError);
});

test('from a cosine of 0.5 on a face is bound, from 0.4 on a person is asked, below that nothing happens', () => {
  const at = (cosine: number, personId = 'a'): Candidate => ({ personId, cosine });
  const kinds = [0.5, 0.4999, 0.4, 0.3999, Number.NaN].map((cosine) => bindingOf([at(cosine)]).kind);
  assert.deepEqual(kinds, ['bind', 'suggest', 'suggest', 'none', 'none']);
  assert.deepEqual(bindingOf([]), { kind: 'none' });
  assert.deepEqual(bindingOf([at(0.45, 'b'), at(0.6), at(0.55, 'b')]), { ...at(0.6), kind: 'bind', by: 'cluster' });
});

test("less will do for a person whom the photo's own tags name, where nobody is alike enough by themselves", () => {
  const candidates = [
    { personId: 'a', cosine: 0.48 },
    { personId: 'b', cosine: 0.42 },
  ];
  const tagged = new Set(['b', 'c']);
  assert.deepEqual(bindingOf(candidates, tagged), { personId: 'b', cosine: 0.42, kind: 'bind', by: 'tags' });
  assert.equal(bindingOf(candidates, tagged, { bind: 0.5, suggest: 0.4, tagged: 0.43 }).kind, 'suggest');
  const sure = [...candidates, { personId: 'a', cosine: 0.5 }];
  assert.deepEqual(bindingOf(sure, tagged), { personId: 'a', cosine: 0.5, kind: 'bind', by: 'cluster' });
  assert.equal(bindingOf([{ personId: 'b', cosine: 0.39 }], tagged).kind, 'none');
});

test('names are the same whatever their case, width and composition are, and folding twice changes nothing', () => {
  for (const name of ['ÅSA', 'åsa', 'A\u030ASA', 'Åsa', 'ÅＳA']) assert.equal(foldName(checkName(name)), 'åsa');
  assert.notEqual(foldName('Asa'), foldName('Åsa'));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      assert.equal(foldName(foldName(text)), foldName(text));
    }),
    { numRuns: 300 },
  );
});

test('a name is kept in one line, or refused', () => {
  assert.equal(checkName(' Anna\u0007\nMaria '), 'Anna Maria');
  assert.equal(checkName('海'.repeat(200)).length, 200);
  for (const name of ['', '\u200b\u202e', '\ud800', 'x'.repeat(201)]) assert.throws(() => checkName(name), PeopleError);
});

const somebody = (personId: string, over: Partial<Person> = {}): Person => ({
  personId,
  notes: '',
  hidden: false,
  ...over,
});

test('who is made of several has what the target has, else what the first of the others has', () => {
  const sources = [
    somebody('2', { name: 'Bert', birthDate: '1984-02-29' }),
    somebody('3', { name: 'Cleo', notes: 'n' }),
  ];
  assert.deepEqual(mergedPerson(somebody('1', { entityId: 'x', hidden: true }), sources), {
    personId: '1',
    name: 'Bert',
    notes: 'n',
    entityId: 'x',
    birthDate: '1984-02-29',
    hidden: true,
  });
});

test('a preview says of everybody why they cannot be merged, and counts those who can', () => {
  const sides = [
    { person: somebody('1'), faces: 4 },
    { person: somebody('2'), faces: 3 },
    { person: somebody('3'), faces: 0, mergedInto: { personId: '9', heirId: '8' } },
    { person: somebody('4'), faces: 0, mergedInto: { personId: '1', heirId: '1' } },
  ];
  const preview = previewOf({ sources: ['2', '2', '3', '4', '5', '1'], target: '1' }, sides);
  assert.deepEqual(preview.problems, [
    'Person 3 was merged already: they are person 8 now.',
    'There is no person 5; they may have been deleted.',
    'Person 1 cannot be merged into themselves.',
  ]);
  assert.deepEqual(previewOf({ sources: ['2'], target: '7' }, sides).target, undefined);
  assert.deepEqual(previewOf({ sources: ['4', '2'], target: '1' }, sides).problems, []);
});
