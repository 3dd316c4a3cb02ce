import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addClustered, clusteredInWords, nextPlace, nothingClustered } from '../../domain/cluster-round.ts';

const round = { ...nothingClustered, startedAt: 0 };

test('a round goes through all pages of new faces, then through those that were put off', () => {
  const one = { looked: 3, all: false };
  assert.deepEqual(nextPlace({ deferred: false }, { next: '7' }, one), { deferred: false, after: '7' });
  assert.deepEqual(nextPlace({ deferred: false, after: '7' }, {}, one), { deferred: true });
  assert.deepEqual(nextPlace({ deferred: true }, { next: '9' }, one), { deferred: true, after: '9' });
  assert.equal(nextPlace({ deferred: true, after: '9' }, {}, one), undefined);
});

test('without a new face those that were put off are left alone, unless all are asked for', () => {
  assert.equal(nextPlace({ deferred: false }, {}, { looked: 0, all: false }), undefined);
  assert.deepEqual(nextPlace({ deferred: false }, {}, { looked: 0, all: true }), { deferred: true });
});

test('pages are added up, and a face that was looked at twice is told once', () => {
  const first = addClustered(round, { ...nothingClustered, looked: 4, assigned: 3, people: 1, deferred: 1, next: '4' });
  const both = addClustered(first, { ...nothingClustered, looked: 1, suggested: 1 });
  assert.deepEqual(both, { ...round, looked: 5, assigned: 3, people: 1, suggested: 1, deferred: 1 });
  assert.equal(
    clusteredInWords(both),
    '4 faces looked at: 3 given to somebody, 1 person without a name so far, 1 to be asked about (darkroom people suggest)',
  );
  assert.equal(clusteredInWords(round), 'no new faces');
  assert.equal(clusteredInWords({ ...round, looked: 1 }), '1 face looked at: 0 given to somebody');
});
