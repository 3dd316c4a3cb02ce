import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { boxAt, faceAt, model, type PeopleStores, vectorOf, withFaces } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';

const photo = { contentHash: hashOf('a'), model };

/** What every FaceStore promises of what models find. `open` gives empty stores. */
export function faceStoreSuite(name: string, open: () => Promise<PeopleStores>): void {
  describe(`face store: ${name}`, () => {
    firstLook(open);
    secondLook(open);
    otherModels(open);
  });
}

function firstLook(open: () => Promise<PeopleStores>): void {
  test('a photo nobody has looked at is known as nothing, not as one without faces', async () => {
    const { faces } = await open();
    assert.equal(await faces.detection(photo), undefined);
    assert.deepEqual(await faces.facesOf(photo), []);
  });

  test('faces come back as they were found, from left to right, and a second save changes nothing', async () => {
    const { faces, vectors } = await open();
    assert.deepEqual(await faces.save({ ...photo, faces: [faceAt(3), faceAt(1)] }), { isNew: true });
    const first = await faces.facesOf(photo);
    assert.deepEqual(
      first.map(({ box, score }) => ({ box, score })),
      [1, 3].map((place) => ({ box: boxAt(place), score: 0.75 })),
    );
    assert.deepEqual((await vectors.vectorOf(first[0]?.faceId ?? ''))?.embedding, vectorOf(1));
    assert.deepEqual(await faces.save({ ...photo, faces: [faceAt(5)] }), { isNew: false });
    assert.deepEqual(await faces.markFailed({ ...photo, reason: 'broken' }), { isNew: false });
    assert.deepEqual(await faces.facesOf(photo), first);
    assert.deepEqual(await faces.detection(photo), { status: 'detected' });
  });

  test('nobody on it is kept as one marker, whatever is said later', async () => {
    const { faces } = await open();
    assert.deepEqual(await faces.save({ ...photo, faces: [] }), { isNew: true });
    assert.deepEqual(await faces.detection(photo), { status: 'no_faces' });
    assert.deepEqual(await faces.save({ ...photo, faces: [faceAt(1)] }), { isNew: false });
    assert.deepEqual(await faces.save({ ...photo, faces: [] }), { isNew: false });
    assert.deepEqual(await faces.facesOf(photo), []);
  });

  test('a picture that cannot be done is kept with its reason until somebody asks again', async () => {
    const { faces } = await open();
    assert.deepEqual(await faces.markFailed({ ...photo, reason: 'not a \u0000picture' }), { isNew: true });
    assert.deepEqual(await faces.markFailed({ ...photo, reason: 'other' }), { isNew: false });
    assert.deepEqual(await faces.detection(photo), { status: 'failed', reason: 'not a picture' });
    assert.deepEqual(await faces.rerun({ ...photo, faces: [faceAt(1)] }), { kept: 0, added: 1, removed: 0 });
    assert.deepEqual(await faces.detection(photo), { status: 'detected' });
  });

  test('of many that save the same photo at once one does', async () => {
    const { faces } = await open();
    const all = await Promise.all(
      [2, 3, 0, 4, 1].map((count) =>
        faces.save({ ...photo, faces: Array.from({ length: count }, (_, n) => faceAt(n)) }),
      ),
    );
    assert.equal(all.filter(({ isNew }) => isNew).length, 1);
    const saved = [2, 3, 0, 4, 1][all.findIndex(({ isNew }) => isNew)];
    assert.equal((await faces.facesOf(photo)).length, saved);
  });

  test('200 faces on one photo are kept', async () => {
    const { faces } = await open();
    const crowd = Array.from({ length: 200 }, (_, nth) => ({
      ...faceAt(0, nth),
      box: { x: (nth % 20) / 20, y: Math.floor(nth / 20) / 10, width: 0.04, height: 0.08 },
    }));
    await faces.save({ ...photo, faces: crowd });
    assert.equal((await faces.facesOf(photo)).length, 200);
  });
}

function secondLook(open: () => Promise<PeopleStores>): void {
  test('after a second look who is who stays: same ids and people where boxes overlap, others come and go', async () => {
    const stores = await open();
    const { faces, assignments, people, vectors } = stores;
    const [left = '', right = ''] = await withFaces(stores, 'a', 2);
    const { personId } = await people.create({ name: 'Anna' });
    await assignments.assign({ faceIds: [left], personId, by: 'person' });
    const moved = { ...faceAt(0, 50), box: { ...boxAt(0), x: 0.01 } };
    assert.deepEqual(await faces.rerun({ ...photo, faces: [moved, faceAt(7)] }), { kept: 1, added: 1, removed: 1 });
    const now = await faces.facesOf(photo);
    assert.deepEqual(
      now.map(({ faceId, person, assignedBy }) => ({ left: faceId === left, name: person?.name, assignedBy })),
      [
        { left: true, name: 'Anna', assignedBy: 'person' },
        { left: false, name: undefined, assignedBy: undefined },
      ],
    );
    assert.equal(now[0]?.box.x, 0.01);
    assert.deepEqual((await vectors.vectorOf(left))?.embedding, vectorOf(50));
    assert.equal(await faces.find(right), undefined);
    assert.deepEqual(await faces.rerun({ ...photo, faces: [moved, faceAt(7)] }), { kept: 2, added: 0, removed: 0 });
  });

  test('a second look that sees nobody leaves a marker, and what was marked by hand', async () => {
    const stores = await open();
    await withFaces(stores, 'a', 3);
    const drawn = await stores.faces.addManual({ ...photo, box: boxAt(8), embedding: vectorOf(8) });
    assert.deepEqual(await stores.faces.rerun({ ...photo, faces: [] }), { kept: 0, added: 0, removed: 3 });
    assert.deepEqual(await stores.faces.detection(photo), { status: 'no_faces' });
    assert.deepEqual(await stores.faces.facesOf(photo), [drawn]);
  });

  test('copies in two libraries share their faces, and a prompt gets names from left to right', async () => {
    const stores = await open();
    const [one, two, three, four] = await withFaces(stores, 'a', 4);
    await stores.photo('home', 'a');
    await stores.photo('work', 'a');
    const names = [
      [two, { name: 'Anna', birthDate: '1984-02-29' }],
      [one, { name: 'Bert' }],
      [three, { name: 'Secret', hidden: true }],
      [four, {}],
    ] as const;
    for (const [faceId = '', person] of names) {
      const { personId } = await stores.people.create(person);
      await stores.assignments.assign({ faceIds: [faceId], personId, by: 'person' });
    }
    const told = (await stores.faces.peopleOf(photo)).map(({ name, birthDate }) => [name, birthDate]);
    assert.deepEqual(told, [
      ['Bert', undefined],
      ['Anna', '1984-02-29'],
    ]);
  });
}

function otherModels(open: () => Promise<PeopleStores>): void {
  const other = { ...photo, model: 'antelopev2' };

  test('another model sees the photo for itself, and its faces get the people of those in the same place', async () => {
    const stores = await open();
    const { faces, assignments, people } = stores;
    const [left = ''] = await withFaces(stores, 'a', 2);
    const { personId } = await people.create({ name: 'Anna' });
    await assignments.assign({ faceIds: [left], personId, by: 'cluster' });
    assert.deepEqual(await faces.save({ ...other, faces: [faceAt(0, 9), faceAt(5)] }), { isNew: true });
    assert.deepEqual(
      (await faces.facesOf(other)).map(({ model, person, assignedBy }) => ({ model, name: person?.name, assignedBy })),
      [
        { model: 'antelopev2', name: 'Anna', assignedBy: 'cluster' },
        { model: 'antelopev2', name: undefined, assignedBy: undefined },
      ],
    );
    assert.deepEqual(
      (await faces.facesOf(photo)).map(({ model }) => model),
      [model, model],
    );
    assert.equal((await faces.peopleOf(other)).length, 1);
  });

  test('vectors of one model are not among those of another', async () => {
    const stores = await open();
    await withFaces(stores, 'a', 2);
    await stores.faces.save({ ...other, faces: [faceAt(0)] });
    assert.equal((await stores.vectors.page({ model, limit: 10 })).length, 2);
    assert.equal((await stores.assignments.unassigned({ model: other.model, limit: 10 })).length, 1);
  });
}
