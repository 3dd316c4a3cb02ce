import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  facesOfPerson,
  model,
  type PeopleStores,
  personWith,
  vectorOf,
  withFaces,
  is,
} from '../support/people-scene.ts';

/** What every FaceAssignments promises. `open` gives empty stores. */
export function faceAssignmentsSuite(name: string, open: () => Promise<PeopleStores>): void {
  describe(`whose faces they are: ${name}`, () => {
    assigning(open);
    clustering(open);
    suggesting(open);
  });
}

function assigning(open: () => Promise<PeopleStores>): void {
  test('a person may give a face to anybody; a program only one that nobody has', async () => {
    const stores = await open();
    const { assignments } = stores;
    const [loose = ''] = await withFaces(stores, 'z', 1);
    const anna = await personWith(stores, 'Anna', ['a']);
    const bert = await personWith(stores, 'Bert', ['b']);
    const [held = ''] = anna.faceIds;
    const toBert = { faceIds: [held, loose, '999', 'x'], personId: bert.personId };
    assert.deepEqual(await assignments.assign({ ...toBert, by: 'cluster' }), [loose]);
    assert.deepEqual(await assignments.assign({ ...toBert, by: 'tags' }), []);
    assert.deepEqual(await assignments.assign({ ...toBert, by: 'person' }), [loose, held]);
    assert.deepEqual(await assignments.assign({ ...toBert, by: 'person' }), []);
    assert.equal((await stores.faces.find(loose))?.assignedBy, 'person');
    assert.deepEqual(await facesOfPerson(stores, bert.personId), [loose, ...bert.faceIds, held].sort());
    for (const personId of ['999', 'x']) {
      await assert.rejects(assignments.assign({ faceIds: [loose], personId, by: 'cluster' }), is('person-missing'));
    }
  });

  test('"this is not them" holds: no program gives the face back, also where they were merged since; a person may', async () => {
    const stores = await open();
    const { assignments, merges } = stores;
    const anna = await personWith(stores, 'Anna', ['a']);
    const bert = await personWith(stores, 'Bert', []);
    assert.deepEqual(await assignments.unassign([...anna.faceIds, '999']), anna.faceIds);
    assert.deepEqual(await assignments.unassign(anna.faceIds), []);
    assert.equal((await stores.faces.find(anna.faceIds[0] ?? ''))?.person, undefined);
    const give = (personId: string, by: 'cluster' | 'person') =>
      assignments.assign({ faceIds: anna.faceIds, personId, by });
    assert.deepEqual(await give(anna.personId, 'cluster'), []);
    const [merge] = await merges.merge({ sources: [anna.personId], target: bert.personId });
    assert.deepEqual(await give(bert.personId, 'cluster'), []);
    await merges.unmerge(merge?.mergeId ?? '');
    assert.deepEqual(await give(bert.personId, 'cluster'), anna.faceIds);
    assert.deepEqual(await give(anna.personId, 'person'), anna.faceIds);
    assert.deepEqual(await give(anna.personId, 'person'), []);
  });
}

function clustering(open: () => Promise<PeopleStores>): void {
  test('faces that nobody has come page by page with their vectors, those put off apart', async () => {
    const stores = await open();
    const { assignments } = stores;
    const ids = await withFaces(stores, 'a', 4);
    await personWith(stores, 'Anna', ['b']);
    const first = await assignments.unassigned({ model, limit: 3 });
    assert.deepEqual(
      first.map(({ faceId }) => faceId),
      ids.slice(0, 3),
    );
    assert.deepEqual(first[2]?.embedding, vectorOf(2));
    const after = ids[2] ?? '';
    assert.deepEqual((await assignments.unassigned({ model, after, limit: 3 })).length, 1);
    await assignments.defer([ids[1] ?? '', '999']);
    const put = async (deferred: boolean) =>
      (await assignments.unassigned({ model, limit: 9, deferred })).map(({ faceId }) => ids.indexOf(faceId));
    assert.deepEqual([await put(true), await put(false)], [[1], [0, 2, 3]]);
  });

  test('faces that look alike found one person, however often and by how many that is asked', async () => {
    const stores = await open();
    const { assignments } = stores;
    const faceIds = await withFaces(stores, 'a', 3);
    const all = await Promise.all([1, 2, 3, 4].map(async () => await assignments.foundPerson(faceIds)));
    const [personId = ''] = all;
    assert.equal(new Set(all).size, 1);
    assert.deepEqual(await facesOfPerson(stores, personId), faceIds);
    assert.deepEqual(await stores.people.find(personId), { personId, notes: '', hidden: false });
    assert.equal(await assignments.foundPerson(['999', 'x']), undefined);
    assert.equal((await stores.people.list({ limit: 9 })).length, 1);
  });
}

function suggesting(open: () => Promise<PeopleStores>): void {
  async function scene() {
    const stores = await open();
    const faceIds = await withFaces(stores, 'z', 3);
    await stores.photo('home', 'z');
    const anna = await personWith(stores, 'Anna', ['a']);
    const shown = async (query: { personId?: string; library?: string } = {}) =>
      (await stores.assignments.suggestions({ model, limit: 9, ...query })).map(({ faceId, suggestion }) => [
        faceIds.indexOf(faceId),
        suggestion.name,
      ]);
    return { ...stores, stores, faceIds, anna, shown };
  }

  test('suggestions come the most alike first, and go when the face is somebody’s', async () => {
    const { assignments, faceIds, anna, shown } = await scene();
    const [zero = '', one = '', two = ''] = faceIds;
    const { personId } = anna;
    await assignments.suggest([
      { faceId: zero, personId, cosine: 0.41 },
      { faceId: one, personId, cosine: 0.49 },
      { faceId: two, personId, cosine: Number.NaN },
      { faceId: two, personId: '999', cosine: 0.45 },
      { faceId: anna.faceIds[0] ?? '', personId, cosine: 0.45 },
    ]);
    const both = [
      [1, 'Anna'],
      [0, 'Anna'],
    ];
    assert.deepEqual(await shown(), both);
    assert.deepEqual(await shown({ personId, library: 'home' }), both);
    assert.deepEqual(await shown({ library: 'work' }), []);
    assert.deepEqual(await shown({ personId: 'x' }), []);
    await assignments.assign({ faceIds: [one], personId, by: 'person' });
    assert.deepEqual(await shown(), [[0, 'Anna']]);
  });

  test('who says no is not asked again about the same person', async () => {
    const { stores, assignments, faceIds, anna, shown } = await scene();
    const suggestion = { faceId: faceIds[0] ?? '', personId: anna.personId, cosine: 0.45 };
    await assignments.suggest([suggestion]);
    await assignments.reject({ faceIds, personId: anna.personId });
    await assignments.reject({ faceIds, personId: 'x' });
    assert.deepEqual(await shown(), []);
    await assignments.suggest([suggestion]);
    assert.deepEqual(await shown(), []);
    assert.deepEqual(await assignments.assign({ faceIds, personId: anna.personId, by: 'tags' }), []);
    const bert = await personWith(stores, 'Bert', []);
    await assignments.suggest([{ ...suggestion, personId: bert.personId }]);
    assert.deepEqual(await shown(), [[0, 'Bert']]);
  });

  test('a suggestion follows its person into a merge, and ends with them', async () => {
    const { stores, assignments, merges, people, faceIds, anna, shown } = await scene();
    await assignments.suggest([{ faceId: faceIds[0] ?? '', personId: anna.personId, cosine: 0.45 }]);
    const bert = await personWith(stores, 'Bert', []);
    const [merge] = await merges.merge({ sources: [anna.personId], target: bert.personId });
    assert.deepEqual(await shown({ personId: bert.personId }), [[0, 'Bert']]);
    await merges.unmerge(merge?.mergeId ?? '');
    assert.deepEqual(await shown(), [[0, 'Anna']]);
    await people.remove(anna.personId, 'set_null');
    assert.deepEqual(await shown(), []);
  });
}
