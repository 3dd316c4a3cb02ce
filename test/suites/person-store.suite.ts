import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faceAt, is, model, type PeopleStores, personWith } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';

/** What every PersonStore promises. `open` gives empty stores. */
export function personStoreSuite(name: string, open: () => Promise<PeopleStores>): void {
  describe(`person store: ${name}`, () => {
    namesOfPeople(open);
    changes(open);
    deletingPeople(open);
  });
}

function namesOfPeople(open: () => Promise<PeopleStores>): void {
  test('two names that fold to the same are one name, and who has it is said', async () => {
    const { people } = await open();
    const anna = await people.create({ name: '  Anna\n Ödegård ' });
    assert.equal(anna.name, 'Anna Ödegård');
    for (const name of ['ANNA ÖDEGÅRD', 'Anna O\u0308degA\u030Ard', 'Ａｎｎａ Ödegård']) {
      await assert.rejects(people.create({ name }), (error) => {
        is('name-taken')(error);
        return String(error).includes(`person ${anna.personId}`);
      });
      assert.deepEqual(await people.findByName(name), anna);
    }
    const other = await people.create({ name: 'Bert' });
    await assert.rejects(people.change(other.personId, { name: 'anna ödegård' }), is('name-taken'));
    assert.equal((await people.change(anna.personId, { name: 'ANNA Ödegård' })).name, 'ANNA Ödegård');
  });

  test('of many who make the same name at once one does', async () => {
    const { people } = await open();
    const made = await Promise.allSettled(
      ['Anna', 'anna', 'ANNA', 'aNNa'].map(async (name) => await people.create({ name })),
    );
    assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const one of made) if (one.status === 'rejected') is('name-taken')(one.reason);
  });

  test('any number of people have no name', async () => {
    const { people } = await open();
    const made = await Promise.all([1, 2, 3].map(async () => await people.create({})));
    assert.equal(new Set(made.map(({ personId }) => personId)).size, 3);
    assert.deepEqual(await people.find(made[0]?.personId ?? ''), { ...made[0], notes: '', hidden: false });
  });
}

function changes(open: () => Promise<PeopleStores>): void {
  test('what is changed is kept, what is not stays, and null takes away', async () => {
    const { people } = await open();
    const wanted = { name: 'Anna', notes: 'aunt\u0000', entityId: 'x-1', birthDate: '1984-02-29', hidden: true };
    const { personId } = await people.create(wanted);
    const anna = { ...wanted, personId, notes: 'aunt' };
    assert.deepEqual(await people.find(personId), anna);
    assert.deepEqual(await people.change(personId, {}), anna);
    assert.deepEqual(await people.change(personId, { hidden: false, birthDate: null }), {
      personId,
      name: 'Anna',
      notes: 'aunt',
      entityId: 'x-1',
      hidden: false,
    });
    assert.deepEqual(await people.change(personId, { name: null, notes: '', entityId: null }), {
      personId,
      notes: '',
      hidden: false,
    });
  });

  test('names, dates and ids that are none are refused, and so is a person who is not there', async () => {
    const { people } = await open();
    const { personId } = await people.create({ name: 'Anna' });
    for (const name of ['', ' \n', '\u200b', 'x'.repeat(201)]) {
      await assert.rejects(people.change(personId, { name }), is('name-invalid'));
    }
    for (const birthDate of ['1984-02-30', '1984', '0000-01-01', "'; --"]) {
      await assert.rejects(people.change(personId, { birthDate }), is('value-invalid'));
    }
    await assert.rejects(people.change(personId, { entityId: ' ' }), is('value-invalid'));
    for (const missing of ['999', 'x', '']) {
      await assert.rejects(people.change(missing, { notes: 'x' }), is('person-missing'));
      assert.equal(await people.find(missing), undefined);
      assert.equal(await people.remove(missing, 'delete'), undefined);
    }
    assert.equal((await people.find(personId))?.name, 'Anna');
  });

  test('a cover is a face of theirs, as long as it is; else the largest and surest one on a photo that is there', async () => {
    const stores = await open();
    const { people, assignments, faces } = stores;
    const { personId, faceIds } = await personWith(stores, 'Anna', ['a', 'b']);
    assert.equal(await people.cover(personId), undefined);
    const assetId = await stores.photo('home', 'a');
    await stores.photo('home', 'b');
    await faces.rerun({ contentHash: hashOf('a'), model, faces: [{ ...faceAt(0), score: 0.9 }] });
    const cover = await people.cover(personId);
    assert.deepEqual([cover?.faceId, cover?.asset], [faceIds[0], { assetId, library: 'home', path: 'a.jpg' }]);
    assert.equal((await people.change(personId, { coverFace: faceIds[1] ?? '' })).coverFace, faceIds[1]);
    assert.equal((await people.cover(personId))?.faceId, faceIds[1]);
    await assert.rejects(people.change(personId, { coverFace: '999' }), is('face-missing'));
    await assignments.unassign([faceIds[1] ?? '']);
    assert.equal((await people.find(personId))?.coverFace, undefined);
    assert.equal((await people.cover(personId))?.faceId, faceIds[0]);
    await assert.rejects(people.change(personId, { coverFace: faceIds[1] ?? '' }), is('face-missing'));
  });
}

function deletingPeople(open: () => Promise<PeopleStores>): void {
  const twoFaces = async () => {
    const stores = await open();
    const { personId, faceIds } = await personWith(stores, 'Anna', ['a']);
    const drawn = await stores.faces.addManual({ contentHash: hashOf('b'), model, box: faceAt(1).box, personId });
    return { ...stores, personId, faceIds: [...faceIds, drawn.faceId] };
  };

  test('when a person is deleted their faces stay and belong to nobody, also those that were marked by hand', async () => {
    const { people, faces, personId, faceIds } = await twoFaces();
    assert.deepEqual(await people.remove(personId, 'set_null'), { faces: 2, manualFaces: 1 });
    for (const faceId of faceIds) {
      const face = await faces.find(faceId);
      assert.ok(face);
      assert.deepEqual([face.person, face.assignedBy], [undefined, undefined]);
    }
    assert.equal(await people.remove(personId, 'set_null'), undefined);
    assert.equal((await people.create({ name: 'Anna' })).name, 'Anna');
  });

  test('or their faces go with them, by hand or not, and their photos are not looked at again by themselves', async () => {
    const { people, faces, personId, faceIds } = await twoFaces();
    assert.deepEqual(await people.remove(personId, 'delete'), { faces: 2, manualFaces: 1 });
    for (const faceId of faceIds) assert.equal(await faces.find(faceId), undefined);
    assert.deepEqual(await faces.detection({ contentHash: hashOf('a'), model }), { status: 'no_faces' });
    assert.equal(await faces.detection({ contentHash: hashOf('b'), model }), undefined);
  });
}
