import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facesInWords, peopleTold } from '../../domain/face-people.ts';

const anna = { personId: '1', name: 'Anna', birthDate: '1990-06-01' };
const ben = { personId: '2', name: 'Ben' };

test('people are told with their age when the photo was taken, where both days are known', () => {
  assert.deepEqual(peopleTold([anna, ben], { takenAt: '2024-05-31T12:00:00' }), ['Anna (33)', 'Ben']);
  assert.deepEqual(peopleTold([anna], {}), ['Anna']);
  assert.deepEqual(peopleTold([], {}), []);
});

test('whom the library names comes first and is told once, however the name is written', () => {
  const told = peopleTold([anna, ben], { people: ['ANNA (34)', 'Zoe'], takenAt: '2024-07-01T12:00:00' });
  assert.deepEqual(told, ['ANNA (34)', 'Zoe', 'Ben']);
});

test('a story tells how many faces there are, who they are, and never who is hidden', () => {
  const of = (name?: string, hidden = false) => ({
    person: { personId: '1', hidden, ...(name !== undefined && { name }) },
  });
  assert.equal(facesInWords([]), 'nobody is on it');
  assert.equal(facesInWords([of('Anna'), of('Ben'), of(), {}]), '4 faces: Anna, Ben; 2 without a name');
  assert.equal(facesInWords([of('Anna', true)]), '1 face');
});
