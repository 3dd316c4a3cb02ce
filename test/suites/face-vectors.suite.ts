import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Database } from '../../adapters/postgres/connection.ts';
import { boxAt, faceAt, model, type PeopleStores, personWith, vectorOf, withFaces } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';

type Open = () => Promise<PeopleStores & { readonly other: Database }>;

/** What every FaceVectors promises. `open` gives empty stores, and a connection on which a transaction can be left open. */
export function faceVectorsSuite(name: string, open: Open): void {
  describe(`vectors of faces: ${name}`, () => {
    pages(open);
    news(open);
  });
}

function pages(open: Open): void {
  test('vectors come by id, exact to the smallest number, after a face or from a place on', async () => {
    const stores = await open();
    const ids = await withFaces(stores, 'a', 5);
    const got = async (query: object) =>
      (await stores.vectors.page({ model, limit: 2, ...query })).map(({ faceId }) => ids.indexOf(faceId));
    assert.deepEqual(await got({}), [0, 1]);
    assert.deepEqual(await got({ after: ids[1] }), [2, 3]);
    assert.deepEqual(await got({ offset: 4 }), [4]);
    const odd = Float32Array.from({ length: 512 }, (_, nth) => 1e-45 * (nth + 1));
    await stores.faces.save({ contentHash: hashOf('odd'), model, faces: [{ box: boxAt(0), embedding: odd }] });
    const [last] = await stores.vectors.page({ model, limit: 1, offset: 5 });
    assert.deepEqual(last?.embedding, odd);
    assert.equal(last?.contentHash, hashOf('odd'));
  });

  test('they are chosen by library, and by whether nobody has the face', async () => {
    const stores = await open();
    const [loose] = await withFaces(stores, 'a', 1);
    const anna = await personWith(stores, 'Anna', ['b']);
    await stores.photo('home', 'b');
    const ids = async (query: object) =>
      (await stores.vectors.page({ model, limit: 9, ...query })).map(({ faceId }) => faceId);
    assert.deepEqual(await ids({ unassigned: true }), [loose]);
    assert.deepEqual(await ids({ library: 'home' }), anna.faceIds);
    assert.deepEqual(await ids({ library: 'home', unassigned: true }), []);
    assert.equal((await stores.vectors.vectorOf(anna.faceIds[0] ?? ''))?.personId, anna.personId);
    assert.equal(await stores.vectors.vectorOf('x'), undefined);
  });
}

function news(open: Open): void {
  async function following() {
    const stores = await open();
    let since = await stores.vectors.position();
    const news = async (limit = 100) => {
      const seen: string[] = [];
      for (;;) {
        const { changed, removed, next, isLast } = await stores.vectors.changes({ model, since, limit });
        seen.push(...changed.map(({ faceId, personId }) => `${faceId} of ${personId ?? 'nobody'}`));
        seen.push(...removed.map((faceId) => `${faceId} gone`));
        since = next;
        if (isLast) return seen;
      }
    };
    return { stores, news };
  }

  test('what is new, given to somebody, merged, seen again or gone is told, page by page', async () => {
    const { stores, news } = await following();
    const { people, merges, assignments, faces } = stores;
    const [one = '', two = '', three = ''] = await withFaces(stores, 'a', 3);
    assert.deepEqual(await news(1), [`${one} of nobody`, `${two} of nobody`, `${three} of nobody`]);
    assert.deepEqual(await news(), []);
    const [a, b] = [await people.create({}), await people.create({})];
    await assignments.assign({ faceIds: [one, two], personId: a.personId, by: 'cluster' });
    assert.deepEqual(await news(1), [`${one} of ${a.personId}`, `${two} of ${a.personId}`]);
    await merges.merge({ sources: [a.personId], target: b.personId });
    assert.deepEqual(await news(), [`${one} of ${b.personId}`, `${two} of ${b.personId}`]);
    await people.remove(b.personId, 'set_null');
    assert.deepEqual(await news(), [`${one} of nobody`, `${two} of nobody`]);
    await faces.rerun({ contentHash: hashOf('a'), model, faces: [faceAt(0, 60)] });
    assert.deepEqual((await news(1)).sort(), [`${one} of nobody`, `${two} gone`, `${three} gone`].sort());
    assert.deepEqual((await stores.vectors.vectorOf(one))?.embedding, vectorOf(60));
    assert.deepEqual(await news(), []);
  });

  test('a change whose transaction ends after that of a later one is told all the same', async () => {
    const { stores, news } = await following();
    const { other } = stores;
    const [one = '', two = ''] = await withFaces(stores, 'a', 2);
    assert.equal((await news()).length, 2);
    await other.run((sql) => sql`begin`);
    await other.run((sql) => sql`update darkroom.face_detection set deferred = true where id = ${one}`);
    await stores.assignments.defer([two]);
    assert.deepEqual(await news(1), [`${two} of nobody`]);
    await other.run((sql) => sql`commit`);
    assert.ok((await news(1)).includes(`${one} of nobody`));
    assert.deepEqual(await news(), []);
  });

  test('a reader that knows nothing, or says what is no position, is told everything', async () => {
    const { stores } = await following();
    await withFaces(stores, 'a', 3);
    for (const since of ['0', 'x', '', "1'; --"]) {
      assert.equal((await stores.vectors.changes({ model, since, limit: 9 })).changed.length, 3);
    }
    assert.equal((await stores.vectors.changes({ model: 'other', since: '0', limit: 9 })).changed.length, 0);
  });
}
