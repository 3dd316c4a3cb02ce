import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createVectorTable } from '../../adapters/face-index/vector-table.ts';
import { planPage } from '../../domain/cluster-page.ts';
import { clusterLimits, decideFace, type LooseFace } from '../../domain/clustering.ts';
import type { Neighbour } from '../../domain/face-index.ts';
import { pairwiseF1, syntheticFaces } from '../support/synthetic-faces.ts';

const limits = clusterLimits({ maxDistance: 0.5, minFaces: 3, taggedMinCosine: 0.4 });
const of = (faceId: string, cosine: number, personId?: string): Neighbour => ({
  faceId,
  cosine,
  ...(personId !== undefined && { personId }),
});
const decided = (neighbours: readonly Neighbour[], more: Partial<LooseFace> = {}) =>
  decideFace({ faceId: 'f', neighbours, deferred: false, ...more }, limits);
const later = { deferred: true };

describe('whose a face is', () => {
  test('faces that look alike make a person; too few wait for the second pass, and stay alone there', () => {
    assert.deepEqual(decided([of('a', 0.8), of('b', 0.7)]), { kind: 'found', faceIds: ['f', 'a', 'b'] });
    assert.deepEqual(decided([of('a', 0.8), of('b', 0.499)]), { kind: 'defer' });
    assert.deepEqual(decided([of('a', 0.8), of('b', 0.499)], later), { kind: 'leave' });
    assert.deepEqual(decided([], later), { kind: 'leave' });
    const alone = { ...limits, minFaces: 1 };
    assert.deepEqual(decideFace({ faceId: 'f', neighbours: [], deferred: false }, alone), {
      kind: 'found',
      faceIds: ['f'],
    });
  });

  test('a face goes to the person whose faces it is like; one face of theirs is enough in the second pass', () => {
    const [one, two] = [of('a', 0.6, 'p1'), of('b', 0.55, 'p2')];
    assert.deepEqual(decided([one, two]), { kind: 'assign', personId: 'p1', by: 'cluster' });
    assert.deepEqual(decided([one]), { kind: 'defer' });
    assert.deepEqual(decided([one], later), { kind: 'assign', personId: 'p1', by: 'cluster' });
  });

  test('one face that is alike counts less than three', () => {
    const ofTwo = [of('x', 0.72, 'p2'), ...['a', 'b', 'c'].map((id) => of(id, 0.7, 'p1'))];
    const more = [of('y', 0.5, 'p2'), of('z', 0.45, 'p2')];
    assert.deepEqual(decided([...ofTwo, ...more]), { kind: 'assign', personId: 'p1', by: 'cluster' });
  });

  test('faces that nobody has, and that are far more alike, are another person than the one who looks alike', () => {
    const loose = [of('a', 0.9), of('b', 0.88), of('c', 0.85), of('d', 0.6)];
    const alike = (cosine: number) => [...loose, of('x', cosine, 'p1'), of('y', cosine, 'p1')];
    assert.deepEqual(decided(alike(0.62)), { kind: 'found', faceIds: ['f', 'a', 'b', 'c'] });
    assert.deepEqual(decided(alike(0.72)), { kind: 'assign', personId: 'p1', by: 'cluster' });
  });

  test('somebody who may be it is suggested, and bound where the photo is tagged with them', () => {
    assert.deepEqual(decided([of('a', 0.45, 'p1')], later), { kind: 'suggest', personId: 'p1', cosine: 0.45 });
    const tagged = new Set(['p1']);
    assert.deepEqual(decided([of('a', 0.45, 'p1')], { ...later, tagged }), {
      kind: 'assign',
      personId: 'p1',
      by: 'tags',
    });
    assert.deepEqual(decided([of('a', 0.39, 'p1')], { ...later, tagged }), { kind: 'leave' });
  });
});

describe('a page of faces', () => {
  test('is decided in one go: what is given to one face is seen by the next', () => {
    const face = (faceId: string, ...neighbours: Neighbour[]): LooseFace => ({ faceId, neighbours, deferred: false });
    const plan = planPage(
      [
        face('1', of('2', 0.8), of('3', 0.7)),
        face('2', of('1', 0.8), of('3', 0.7)),
        face('4', of('1', 0.6), of('3', 0.6)),
        face('5', of('9', 0.7, 'p'), of('8', 0.6, 'p')),
        face('6', of('5', 0.8), of('9', 0.6, 'p')),
        face('7', of('1', 0.3)),
      ],
      limits,
    );
    assert.deepEqual(plan, {
      assign: [{ personId: 'p', by: 'cluster', faceIds: ['5', '6'] }],
      found: [['1', '2', '3', '4']],
      defer: ['7'],
      suggest: [],
    });
  });
});

/** All faces in two passes, page by page, as the workflow does it, with people and faces in memory. */
function clustered({ vectors }: ReturnType<typeof syntheticFaces>): (string | undefined)[] {
  const table = createVectorTable();
  const has: (string | undefined)[] = vectors.map(() => undefined);
  const put = (nth: number, personId?: string) => {
    const embedding = vectors[nth] ?? new Float32Array();
    if (personId !== undefined) has[nth] = personId;
    table.put({ faceId: `${nth}`, embedding, ...(personId !== undefined && { personId }) });
  };
  vectors.forEach((_, nth) => put(nth));
  let people = 0;
  for (const deferred of [false, true]) {
    for (let at = 0; at < vectors.length; at += 100) {
      const faces = vectors.slice(at, at + 100).flatMap((embedding, nth) => {
        const query = { embedding, limit: 64, minCosine: 0.4, exclude: `${at + nth}` };
        return has[at + nth] === undefined
          ? [{ faceId: `${at + nth}`, deferred, neighbours: table.nearest(query) }]
          : [];
      });
      const { assign, found } = planPage(faces, limits);
      for (const { personId, faceIds } of assign) for (const id of faceIds) put(Number(id), personId);
      for (const faceIds of found) {
        people += 1;
        for (const id of faceIds) put(Number(id), `p${people}`);
      }
    }
  }
  return has;
}

test('people are told apart from those who look like them: pairs are right to 0.97 and more, for each of three seeds', () => {
  for (const seed of [1, 2, 3]) {
    const set = syntheticFaces({ seed, faces: 3_000, people: 60 });
    const f1 = pairwiseF1(set.people, clustered(set));
    assert.ok(f1 >= 0.97, `seed ${seed}: ${f1}`);
  }
});
