import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Database } from '../../adapters/postgres/connection.ts';
import type { FaceIndex } from '../../domain/face-index.ts';
import { boxAt, model, type PeopleStores, vectorOf, withFaces } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';
import { dot, syntheticFaces } from '../support/synthetic-faces.ts';

interface Opened {
  readonly stores: PeopleStores;
  /** As a process finds it that has just started. */
  readonly start: (model: string) => Promise<FaceIndex>;
}
type Open = () => Promise<Opened>;

/** What every FaceIndex promises. `open` gives empty stores. */
export function faceIndexSuite(name: string, open: Open): void {
  describe(`index of faces: ${name}`, () => {
    searches(open);
    news(open);
    refusals(open);
  });
}

/** Ten faces a photo; returns their ids in the order of the vectors. */
async function keep({ faces }: PeopleStores, name: string, vectors: readonly Float32Array[], ofModel = model) {
  const ids: string[] = [];
  for (let at = 0; at < vectors.length; at += 10) {
    const photo = { contentHash: hashOf(`${name} ${at}`), model: ofModel };
    const some = vectors.slice(at, at + 10).map((embedding, nth) => ({ box: boxAt(nth), embedding }));
    await faces.save({ ...photo, faces: some });
    ids.push(...(await faces.facesOf(photo)).map(({ faceId }) => faceId));
  }
  return ids;
}

const idsOf = (found: readonly { readonly faceId: string }[]) => found.map(({ faceId }) => faceId);
const anything = { limit: 100, minCosine: -1 };

function searches(open: Open): void {
  test('what is found is what an exact search finds, best first, each with its cosine', async () => {
    const { stores, start } = await open();
    const { vectors } = syntheticFaces({ seed: 1, faces: 800, people: 20 });
    const ids = await keep(stores, 'many', vectors);
    const index = await start(model);
    await index.refresh();
    let found = 0;
    let wanted = 0;
    for (let nth = 0; nth < 800; nth += 10) {
      const embedding = vectors[nth] ?? new Float32Array();
      const exact = vectors
        .map((vector, at) => ({ faceId: ids[at] ?? '', cosine: dot(vector, embedding) }))
        .filter(({ faceId, cosine }) => faceId !== ids[nth] && cosine >= 0.4)
        .sort((a, b) => b.cosine - a.cosine);
      const cosines = new Map(exact.map(({ faceId, cosine }) => [faceId, cosine]));
      const got = await index.nearest({ embedding, limit: 10, minCosine: 0.4, exclude: ids[nth] ?? '' });
      assert.deepEqual(
        got.map(({ cosine }) => cosine),
        got.map(({ cosine }) => cosine).sort((a, b) => b - a),
      );
      for (const { faceId, cosine } of got) assert.ok(Math.abs(cosine - (cosines.get(faceId) ?? cosine)) < 0.004);
      const best = new Set(idsOf(exact.slice(0, 10)));
      wanted += best.size;
      found += got.filter(({ faceId }) => best.has(faceId)).length;
      assert.ok(got.length <= 10);
    }
    assert.ok(found / wanted >= 0.98, `${found} of ${wanted}`);
  });

  test('a face with a person is found behind any number of nearer ones that nobody has', async () => {
    const { stores, start } = await open();
    const { vectors } = syntheticFaces({ seed: 2, faces: 300, people: 1, lookAlikes: 0 });
    const ids = await keep(stores, 'crowd', vectors);
    const embedding = vectors[0] ?? new Float32Array();
    const farthest = ids
      .map((faceId, nth) => ({ faceId, cosine: dot(vectors[nth] ?? embedding, embedding) }))
      .sort((a, b) => a.cosine - b.cosine)[0]?.faceId;
    const { personId } = await stores.people.create({ name: 'Anna' });
    await stores.assignments.assign({ faceIds: [farthest ?? ''], personId, by: 'person' });
    const index = await start(model);
    await index.refresh();
    const [near] = await index.nearest({ embedding, limit: 3, minCosine: 0.3 });
    assert.equal(near?.personId, undefined);
    const found = await index.nearest({ embedding, limit: 3, minCosine: 0.3, withPerson: true });
    assert.deepEqual(
      found.map(({ faceId, personId: whose }) => [faceId, whose]),
      [[farthest, personId]],
    );
    assert.deepEqual(await index.nearest({ embedding, limit: 3, minCosine: 0.99, withPerson: true }), []);
  });

  test('faces of another model are never found, and where there are none nothing is', async () => {
    const { stores, start } = await open();
    await keep(stores, 'a', [vectorOf(1), vectorOf(2)]);
    const others = await keep(stores, 'b', [vectorOf(1)], 'antelopev2');
    const [index, other, empty] = [await start(model), await start('antelopev2'), await start("it's none")];
    for (const one of [index, other, empty]) await one.refresh();
    const query = { embedding: vectorOf(1), ...anything };
    assert.equal((await index.nearest(query)).length, 2);
    assert.deepEqual(idsOf(await other.nearest(query)), others);
    assert.deepEqual(await empty.nearest(query), []);
  });
}

/** An index, and how it is asked for the face of a seed after a refresh. */
async function following(open: Open) {
  const opened = await open();
  const index = await opened.start(model);
  const near = async (seed: number, withPerson = false) => {
    await index.refresh();
    return await index.nearest({ embedding: vectorOf(seed), limit: 1, minCosine: 0.9, withPerson });
  };
  return { ...opened, index, near };
}

function news(open: Open): void {
  const followed = () => following(open);

  test('after a refresh new faces are found, those that are no more are not, and each has the person of now', async () => {
    const { stores, near } = await followed();
    assert.deepEqual(await near(1), []);
    const [one = '', two = ''] = await withFaces(stores, 'a', 2);
    assert.deepEqual(idsOf(await near(1)), [two]);
    const { personId } = await stores.people.create({});
    await stores.assignments.assign({ faceIds: [two], personId, by: 'cluster' });
    assert.equal((await near(1, true))[0]?.personId, personId);
    await stores.assignments.unassign([two]);
    assert.deepEqual(await near(1, true), []);
    await stores.faces.remove([two]);
    assert.deepEqual(await near(1), []);
    assert.deepEqual(idsOf(await near(0)), [one]);
  });

  test('a face that is seen anew is found by its new vector', async () => {
    const { stores, near } = await followed();
    const [one] = await withFaces(stores, 'a', 1);
    assert.deepEqual(idsOf(await near(0)), [one]);
    const faces = [{ box: boxAt(0), embedding: vectorOf(60) }];
    await stores.faces.rerun({ contentHash: hashOf('a'), model, faces });
    assert.deepEqual(await near(0), []);
    assert.deepEqual(idsOf(await near(60)), [one]);
  });

  test('whoever refreshes finds what was written before, however many do', async () => {
    const { stores, index } = await followed();
    await Promise.all([1, 2, 3].map(() => index.refresh()));
    const under = index.refresh();
    const [one] = await withFaces(stores, 'a', 1);
    const all = [under, index.refresh(), index.refresh()];
    await Promise.all(all);
    assert.deepEqual(idsOf(await index.nearest({ embedding: vectorOf(0), ...anything })), [one]);
  });

  test('a process that starts later finds the same', async () => {
    const { stores, start, near } = await followed();
    const ids = await withFaces(stores, 'a', 5);
    await stores.faces.remove(ids.slice(0, 1));
    await near(0);
    const later = await start(model);
    await later.refresh();
    assert.deepEqual(idsOf(await later.nearest({ embedding: vectorOf(0), ...anything })).sort(), ids.slice(1).sort());
  });
}

/** Where the database has several sessions: `other` gives one on which a transaction can be left open. */
export function concurrentNewsSuite(name: string, open: Open, other: () => Database): void {
  test(`index of faces, ${name}: a change whose transaction ends after that of a later one is found`, async () => {
    const { stores, near } = await following(open);
    const [one = ''] = await withFaces(stores, 'a', 1);
    await near(0);
    const { personId } = await stores.people.create({});
    await other().run((sql) => sql`begin`);
    await other().run(
      (sql) => sql`
        update darkroom.face_detection set person_id = ${personId}, assigned_by = 'person', assigned = now() where id = ${one}`,
    );
    const [two] = await withFaces(stores, 'b', 2);
    assert.deepEqual(await near(0, true), []);
    assert.ok(two !== undefined);
    await other().run((sql) => sql`commit`);
    assert.equal((await near(0, true))[0]?.personId, personId);
  });
}

function refusals(open: Open): void {
  test('what is no vector of a face is refused', async () => {
    const { stores, start } = await open();
    await withFaces(stores, 'a', 1);
    const index = await start(model);
    await index.refresh();
    const bad = [
      new Float32Array(0),
      new Float32Array(511).fill(1),
      new Float32Array(513).fill(1),
      new Float32Array(512),
      vectorOf(1).fill(Number.NaN, 5, 6),
      vectorOf(1).fill(Infinity, 5, 6),
    ];
    for (const embedding of bad) await assert.rejects(index.nearest({ embedding, ...anything }), RangeError);
    assert.equal((await index.nearest({ embedding: vectorOf(0), ...anything })).length, 1);
  });
}
