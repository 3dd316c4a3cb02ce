import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { boxAt, faceAt, is, model, type PeopleStores, vectorOf, withFaces } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';

const photo = { contentHash: hashOf('a'), model };

/** What every FaceStore promises of faces that people mark and delete, and of bad input. `open` gives empty stores. */
export function faceEditsSuite(name: string, open: () => Promise<PeopleStores>): void {
  describe(`faces by hand: ${name}`, () => {
    byHand(open);
    deleting(open);
    badVectors(open);
  });
}

function byHand(open: () => Promise<PeopleStores>): void {
  test('a face marked by hand is theirs at once, is the same face when it is marked again, and hides what a model finds there', async () => {
    const { faces, people } = await open();
    const { personId } = await people.create({ name: 'Anna' });
    const drawn = await faces.addManual({ ...photo, box: boxAt(2), embedding: vectorOf(2), personId });
    assert.deepEqual(
      { source: drawn.source, name: drawn.person?.name, by: drawn.assignedBy, hasVector: drawn.hasVector },
      { source: 'manual', name: 'Anna', by: 'person', hasVector: true },
    );
    assert.deepEqual(await faces.addManual({ ...photo, box: boxAt(2), embedding: vectorOf(2), personId }), drawn);
    assert.equal(await faces.detection(photo), undefined);
    assert.deepEqual(await faces.save({ ...photo, faces: [faceAt(2, 40), faceAt(6)] }), { isNew: true });
    assert.equal((await faces.facesOf(photo)).length, 2);
  });

  test('where no service sees a face one can be marked all the same, and is like nobody', async () => {
    const { faces, vectors, assignments } = await open();
    const { faceId, hasVector } = await faces.addManual({ ...photo, box: boxAt(2) });
    assert.equal(hasVector, false);
    assert.equal(await vectors.vectorOf(faceId), undefined);
    assert.deepEqual(await assignments.unassigned({ model, limit: 10 }), []);
  });

  test('a face that is drawn again where nobody can look keeps the vector of its model', async () => {
    const { faces, vectors } = await open();
    const { faceId } = await faces.addManual({ ...photo, box: boxAt(2), embedding: vectorOf(2) });
    assert.equal((await faces.addManual({ ...photo, box: boxAt(2) })).hasVector, true);
    assert.deepEqual((await vectors.vectorOf(faceId))?.embedding, vectorOf(2));
    await faces.addManual({ ...photo, box: boxAt(2), embedding: vectorOf(3) });
    assert.deepEqual((await vectors.vectorOf(faceId))?.embedding, vectorOf(3));
    assert.equal((await faces.addManual({ ...photo, model: 'antelopev2', box: boxAt(2) })).hasVector, false);
  });

  test('nobody gets a face who is not there, and a box leads nowhere out of the picture', async () => {
    const { faces } = await open();
    await assert.rejects(faces.addManual({ ...photo, box: boxAt(1), personId: '999' }), is('person-missing'));
    await assert.rejects(faces.addManual({ ...photo, box: boxAt(1), personId: "1'; --" }), is('person-missing'));
    for (const box of [
      { ...boxAt(1), x: -0.1 },
      { ...boxAt(1), x: 0.99 },
      { ...boxAt(1), width: 0 },
      { ...boxAt(1), height: Number.NaN },
      { ...boxAt(1), y: Number.POSITIVE_INFINITY },
    ]) {
      await assert.rejects(faces.addManual({ ...photo, box }), is('face-invalid'));
    }
    assert.deepEqual(await faces.facesOf(photo), []);
  });
}

function deleting(open: () => Promise<PeopleStores>): void {
  test('a photo whose last face is deleted is not looked at again by itself', async () => {
    const stores = await open();
    const [first = '', second = ''] = await withFaces(stores, 'a', 2);
    assert.equal(await stores.faces.remove([first, first, '999', 'x']), 1);
    assert.deepEqual(await stores.faces.detection(photo), { status: 'detected' });
    assert.equal(await stores.faces.remove([second]), 1);
    assert.equal(await stores.faces.remove([second]), 0);
    assert.deepEqual(await stores.faces.detection(photo), { status: 'no_faces' });
    assert.deepEqual(await stores.faces.save({ ...photo, faces: [faceAt(0)] }), { isNew: false });
  });

  test('deleting what was marked by hand says nothing about the model', async () => {
    const { faces } = await open();
    const { faceId } = await faces.addManual({ ...photo, box: boxAt(2), embedding: vectorOf(2) });
    assert.equal(await faces.remove([faceId]), 1);
    assert.equal(await faces.detection(photo), undefined);
  });
}

function badVectors(open: () => Promise<PeopleStores>): void {
  const changed = (change: (vector: Float32Array) => void) => {
    const embedding = vectorOf(1);
    change(embedding);
    return { ...faceAt(1), embedding };
  };
  for (const [what, face, words] of [
    ['of 511 numbers', { ...faceAt(1), embedding: vectorOf(1).slice(1) }, /512 numbers, not 511/],
    ['of none', { ...faceAt(1), embedding: new Float32Array() }, /512 numbers, not 0/],
    ['with NaN', changed((vector) => vector.fill(Number.NaN, 7, 8)), /no finite number/],
    ['with infinity', changed((vector) => vector.fill(Number.NEGATIVE_INFINITY, 7, 8)), /no finite number/],
    ['of zeros', changed((vector) => vector.fill(0)), /all zero/],
  ] as const) {
    test(`a vector ${what} is refused in words, and nothing of its photo is kept`, async () => {
      const { faces } = await open();
      const found = { ...photo, faces: [faceAt(0), face] };
      await assert.rejects(faces.save(found), (error) => is('face-invalid')(error) && words.test(String(error)));
      await assert.rejects(faces.rerun(found), is('face-invalid'));
      await assert.rejects(faces.addManual({ ...photo, box: boxAt(1), embedding: face.embedding }), is('face-invalid'));
      assert.equal(await faces.detection(photo), undefined);
    });
  }
}
