import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClusterFacesActivities, type FaceClustering } from '../../activities/cluster-faces.ts';
import { createFaceIndexes } from '../../adapters/face-index/face-indexes.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import type { ClusterFacesResult } from '../../domain/clustering.ts';
import { attempt } from '../support/attempt.ts';
import { boxAt, model, peopleStores, type PeopleStores, vectorOf } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { pairwiseF1, syntheticFaces } from '../support/synthetic-faces.ts';

let database: Database;
before(async () => {
  database = connect((await migratedDatabase()).address, { max: 4 });
});
after(() => database.close());

const nothing: ClusterFacesResult = { looked: 0, assigned: 0, people: 0, suggested: 0, deferred: 0 };

async function open(more: Partial<FaceClustering> = {}) {
  await emptyTables(database);
  const stores = peopleStores(database);
  const { assignments, vectors } = stores;
  const indexes = createFaceIndexes({ database, patient: database, vectors });
  const settings = { maxDistance: 0.5, minFaces: 3, taggedMinCosine: 0.4 };
  const { clusterFaces } = createClusterFacesActivities({ clustering: { indexes, assignments, ...settings, ...more } });
  const pass = async (deferred: boolean): Promise<ClusterFacesResult> => {
    let sum = nothing;
    for (let after: string | undefined; ;) {
      const { next, ...page } = await attempt().run(clusterFaces, {
        model,
        deferred,
        ...(after !== undefined && { after }),
      });
      sum = {
        looked: sum.looked + page.looked,
        assigned: sum.assigned + page.assigned,
        people: sum.people + page.people,
        suggested: sum.suggested + page.suggested,
        deferred: sum.deferred + page.deferred,
      };
      if (next === undefined) return sum;
      after = next;
    }
  };
  return { ...stores, stores, pass };
}

/** Each on a photo of its own. */
async function keep({ faces }: PeopleStores, embeddings: readonly Float32Array[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [nth, embedding] of embeddings.entries()) {
    const photo = { contentHash: hashOf(`face ${nth}`), model };
    await faces.save({ ...photo, faces: [{ box: boxAt(0), embedding }] });
    ids.push((await faces.facesOf(photo))[0]?.faceId ?? '');
  }
  return ids;
}

/** Of length 1, with that cosine to the vector of seed 0; what is besides that is of a seed of its own. */
function alike(cosine: number, seed: number): Float32Array {
  const [middle, noise] = [vectorOf(0), vectorOf(seed)];
  const along = noise.reduce((sum, value, nth) => sum + value * (middle[nth] ?? 0), 0);
  const across = noise.map((value, nth) => value - along * (middle[nth] ?? 0));
  const scale = Math.sqrt(1 - cosine * cosine) / Math.hypot(...across);
  return across.map((value, nth) => value * scale + cosine * (middle[nth] ?? 0));
}

const peopleOf = async ({ faces }: PeopleStores, ids: readonly string[]) =>
  await Promise.all(ids.map(async (faceId) => (await faces.find(faceId))?.person?.personId));

describe('clustering of faces that nobody has', () => {
  test('goes through all pages, puts pairs together that belong together, and finds nothing to do the second time', async () => {
    const { stores, pass } = await open();
    const set = syntheticFaces({ seed: 4, faces: 1_200, people: 40 });
    const ids = await keep(stores, set.vectors);
    const first = await pass(false);
    const second = await pass(true);
    assert.equal(second.looked, first.deferred);
    const people = await peopleOf(stores, ids);
    assert.ok(pairwiseF1(set.people, people) >= 0.97);
    assert.equal(new Set(people.filter((one) => one !== undefined)).size, first.people + second.people);
    assert.equal(people.filter((one) => one !== undefined).length, first.assigned + second.assigned);
    assert.deepEqual(await pass(false), nothing);
    const third = await pass(true);
    assert.deepEqual([third.assigned, third.people], [0, 0]);
    assert.deepEqual(await peopleOf(stores, ids), people);
  });

  test('a face of somebody who has a name and few faces is put off, then given to them', async () => {
    const { stores, pass, people, assignments } = await open();
    const [one = '', two = ''] = await keep(stores, [alike(1, 1), alike(0.7, 2)]);
    const { personId } = await people.create({ name: 'Anna' });
    await assignments.assign({ faceIds: [one], personId, by: 'person' });
    assert.deepEqual(await pass(false), { ...nothing, looked: 1, deferred: 1 });
    assert.deepEqual(await pass(true), { ...nothing, looked: 1, assigned: 1 });
    assert.deepEqual(await peopleOf(stores, [two]), [personId]);
  });

  test('where a person said "not them", the face goes to the next one whom it is like, or to nobody', async () => {
    const { stores, pass, people, assignments } = await open();
    const ids = await keep(stores, [alike(1, 1), alike(0.95, 2), alike(0.93, 3), alike(0.7, 4), alike(0.9, 5)]);
    const [face = '', ...others] = ids;
    const [anna, ben] = [await people.create({ name: 'Anna' }), await people.create({ name: 'Ben' })];
    await assignments.assign({ faceIds: others.slice(0, 2), personId: anna.personId, by: 'person' });
    await assignments.assign({ faceIds: others.slice(2, 3), personId: ben.personId, by: 'person' });
    await assignments.reject({ faceIds: [face, others[3] ?? ''], personId: anna.personId });
    await assignments.reject({ faceIds: others.slice(3), personId: ben.personId });
    await pass(false);
    await pass(true);
    assert.deepEqual(await peopleOf(stores, [face]), [ben.personId]);
    assert.notEqual((await peopleOf(stores, others.slice(3)))[0], anna.personId);
  });

  test('somebody who may be it is suggested; a tag of the photo that names them is enough', async () => {
    let tagged = false;
    const { stores, pass, people, assignments, faces } = await open({
      taggedPeople: async (hashes) => new Map(tagged ? hashes.map((hash) => [hash, new Set(['1'])]) : []),
    });
    const [one = '', two = ''] = await keep(stores, [alike(1, 1), alike(0.45, 2)]);
    const { personId } = await people.create({ name: 'Anna' });
    assert.equal(personId, '1');
    await assignments.assign({ faceIds: [one], personId, by: 'person' });
    await pass(false);
    assert.equal((await pass(true)).suggested, 1);
    const suggestion = (await faces.find(two))?.suggestion;
    assert.deepEqual([suggestion?.personId, Math.round((suggestion?.cosine ?? 0) * 100)], [personId, 45]);
    tagged = true;
    await pass(true);
    const found = await faces.find(two);
    assert.deepEqual([found?.person?.personId, found?.assignedBy], [personId, 'tags']);
  });

  test('faces that people gave to somebody stay theirs, and names come only from people', async () => {
    const { stores, pass, people, assignments } = await open();
    const ids = await keep(
      stores,
      [0.95, 0.94, 0.93, 0.92].map((cosine, nth) => alike(cosine, nth + 1)),
    );
    const { personId } = await people.create({ name: 'Ben' });
    await assignments.assign({ faceIds: ids.slice(0, 1), personId, by: 'person' });
    await pass(false);
    assert.deepEqual(new Set(await peopleOf(stores, ids)), new Set([personId]));
    assert.deepEqual(
      (await people.list({ limit: 9 })).map(({ name }) => name),
      ['Ben'],
    );
  });

  test('somebody who is merged while a page is decided costs the page nothing', async () => {
    const { stores, pass, people, assignments, merges } = await open();
    const ids = await keep(
      stores,
      [0.95, 0.94, 0.93].map((cosine, nth) => alike(cosine, nth + 1)),
    );
    const [anna, ben] = [await people.create({ name: 'Anna' }), await people.create({ name: 'Ben' })];
    await assignments.assign({ faceIds: ids.slice(0, 2), personId: anna.personId, by: 'person' });
    const indexes = createFaceIndexes({ database, patient: database, vectors: stores.vectors });
    const old = await indexes.of(model);
    await old.refresh();
    await merges.merge({ sources: [anna.personId], target: ben.personId });
    const stale = { ...old, refresh: async () => undefined };
    const { clusterFaces } = createClusterFacesActivities({
      clustering: {
        indexes: { of: async () => stale },
        assignments,
        maxDistance: 0.5,
        minFaces: 3,
        taggedMinCosine: 0.4,
      },
    });
    const looked = await attempt().run(clusterFaces, { model, deferred: false });
    assert.deepEqual(looked, { ...nothing, looked: 1 });
    await pass(false);
    assert.deepEqual(await peopleOf(stores, ids), [ben.personId, ben.personId, ben.personId]);
  });

  test('without a face service there is nothing to do', async () => {
    const { clusterFaces } = createClusterFacesActivities({});
    assert.deepEqual(await attempt().run(clusterFaces, { model, deferred: false }), nothing);
  });
});
