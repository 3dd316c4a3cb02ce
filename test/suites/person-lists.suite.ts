import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faceAt, facesOfPerson, model, type PeopleStores, personWith, withFaces } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';

/** What every PersonStore promises of its lists and figures. `open` gives empty stores. */
export function personListsSuite(name: string, open: () => Promise<PeopleStores>): void {
  describe(`lists of people: ${name}`, () => lists(open));
}

function lists(open: () => Promise<PeopleStores>): void {
  test('people are counted by photos that are there, in each library, those with a name first', async () => {
    const stores = await open();
    const anna = await personWith(stores, 'Anna', ['a', 'b', 'c']);
    const few = await personWith(stores, undefined, ['d']);
    const many = await personWith(stores, undefined, ['e', 'f']);
    const zoe = await stores.people.create({ name: 'zoe', hidden: true });
    for (const name of ['a', 'b']) await stores.photo('home', name);
    for (const name of ['a', 'd']) await stores.photo('work', name);
    const shown = (await stores.people.list({ limit: 10, withHidden: true })).map((one) => [
      one.personId,
      one.faces,
      one.photos,
      ...one.libraries.map(({ library, photos }) => `${library} ${photos}`),
    ]);
    assert.deepEqual(shown, [
      [anna.personId, 3, 3, 'home 2', 'work 1'],
      [zoe.personId, 0, 0],
      [many.personId, 2, 0],
      [few.personId, 1, 1, 'work 1'],
    ]);
    const ids = async (query: Parameters<typeof stores.people.list>[0]) =>
      (await stores.people.list(query)).map(({ personId }) => personId);
    assert.deepEqual(await ids({ library: 'work', limit: 10 }), [anna.personId, few.personId]);
    assert.deepEqual(await ids({ only: 'unnamed', limit: 1, offset: 1 }), [few.personId]);
    assert.deepEqual(await ids({ only: 'named', limit: 10 }), [anna.personId]);
    assert.deepEqual(await ids({ words: 'NN', limit: 10 }), [anna.personId]);
    assert.deepEqual(await ids({ library: "x'; --", limit: 10 }), []);
  });

  test('a person is found on their photos, page by page, and where', async () => {
    const stores = await open();
    const { personId, faceIds } = await personWith(stores, 'Anna', ['a', 'b', 'c']);
    const [inHome, inWork] = [await stores.photo('home', 'a'), await stores.photo('work', 'c')];
    const first = await stores.people.faces({ personId, limit: 2 });
    assert.deepEqual(
      first.map(({ faceId, asset }) => [faceId, asset?.library]),
      [
        [faceIds[0], 'home'],
        [faceIds[1], undefined],
      ],
    );
    const rest = await stores.people.faces({ personId, limit: 2, after: first[1]?.faceId ?? '' });
    assert.deepEqual([rest[0]?.faceId, rest[0]?.asset?.path, rest.length], [faceIds[2], 'c.jpg', 1]);
    assert.deepEqual(
      (await stores.people.faces({ personId, library: 'work', limit: 9 })).map(({ faceId }) => faceId),
      [faceIds[2]],
    );
    assert.deepEqual(
      (await stores.people.photos({ personId, limit: 9 })).map(({ assetId }) => assetId),
      [inHome, inWork],
    );
    assert.deepEqual(await stores.people.photos({ personId, limit: 9, after: inHome, library: 'home' }), []);
    assert.deepEqual(await facesOfPerson(stores, 'x'), []);
  });

  test('figures count photos once by their bytes, and of a library only its own', async () => {
    const stores = await open();
    await personWith(stores, 'Anna', ['a']);
    await personWith(stores, undefined, ['b']);
    await stores.people.create({ name: 'Nobody', hidden: true });
    const [loose = ''] = await withFaces(stores, 'c', 2);
    await stores.faces.save({ contentHash: hashOf('d'), model, faces: [] });
    await stores.faces.markFailed({ contentHash: hashOf('e'), model, reason: 'broken' });
    await stores.faces.addManual({ contentHash: hashOf('d'), model, box: faceAt(1).box });
    const anna = (await stores.people.findByName('anna'))?.personId ?? '';
    await stores.assignments.suggest([{ faceId: loose, personId: anna, cosine: 0.45 }]);
    for (const library of ['home', 'work']) await stores.photo(library, 'a');
    const all = await stores.people.stats({ model });
    assert.deepEqual(all, {
      photosWithFaces: 4,
      photosWithoutFaces: 0,
      photosFailed: 1,
      faces: 5,
      manualFaces: 1,
      assignedFaces: 2,
      suggestedFaces: 1,
      people: 3,
      namedPeople: 2,
      hiddenPeople: 1,
    });
    const { photosWithFaces, faces, people, namedPeople } = await stores.people.stats({ model, library: 'work' });
    assert.deepEqual([photosWithFaces, faces, people, namedPeople], [1, 1, 1, 1]);
    assert.equal((await stores.people.stats({ model: 'other', library: 'none' })).faces, 0);
  });
}
