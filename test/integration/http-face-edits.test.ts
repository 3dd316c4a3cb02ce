import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createImmichStore } from '../../adapters/postgres/immich-store.ts';
import { facesAt, peopleWorld, token } from '../support/people-api.ts';
import { model, vectorOf, withFaces } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';

let database: Database;
before(async () => {
  database = connect((await migratedDatabase()).address, { max: 4, limitMs: 60_000 });
});
after(() => database.close());

async function world(t: TestContext) {
  await emptyTables(database);
  return await peopleWorld(t, database);
}

const box = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };

test('a face is given to somebody by id or name, taken away, answered for and deleted', async (t) => {
  const { ask, photo, stores } = await world(t);
  await photo('a.jpg', 1);
  const [first = '', second = ''] = await withFaces(stores, 'x', 2);
  const patch = (id: string, body: unknown) => ask('PATCH', `/image/faces/${id}`, body);
  const named = await patch(first, { person: { name: 'Anna' } });
  assert.deepEqual([named.status, named.json.person.name, named.json.assignedBy], [200, 'Anna', 'person']);
  const { personId } = named.json.person;
  assert.equal((await patch(second, { person: { id: personId } })).json.person.personId, personId);
  assert.equal((await patch(second, { person: null })).json.person, undefined);
  const ben = await stores.people.create({ name: 'Ben' });
  await stores.assignments.suggest([{ faceId: second, personId: ben.personId, cosine: 0.42 }]);
  assert.equal((await patch(second, { suggestion: 'reject' })).json.suggestion, undefined);
  assert.equal((await patch(second, { suggestion: 'accept' })).json.code, 'face-missing');
  await stores.assignments.suggest([{ faceId: second, personId, cosine: 0.42 }]);
  assert.equal(
    (await patch(second, { suggestion: 'accept' })).json.code,
    'face-missing',
    'who was taken away is not suggested',
  );
  const missing = await Promise.all([
    patch('999', { person: null }),
    patch(first, { person: { id: '999' } }),
    patch(first, { person: { name: ' \u0007 ' } }),
    patch(first, { person: { id: personId, name: 'Anna' } }),
    patch(first, {}),
    patch('x', { person: null }),
  ]);
  assert.deepEqual(
    missing.map(({ status, json }) => [status, json.code]),
    [
      [404, 'face-missing'],
      [404, 'person-missing'],
      [422, 'name-invalid'],
      [400, 'not-understood'],
      [400, 'not-understood'],
      [400, 'not-understood'],
    ],
  );
  assert.equal((await ask('DELETE', `/image/faces/${first}`)).status, 204);
  assert.equal((await ask('DELETE', `/image/faces/${first}`)).json.code, 'face-missing');
});

test('vectors come by page, exact and little-endian, each once', async (t) => {
  const { ask, stores } = await world(t);
  const ids = [...(await withFaces(stores, 'x', 10)), ...(await withFaces(stores, 'y', 3))];
  await stores.photo('pictures', 'y');
  await stores.assignments.foundPerson(ids.slice(0, 1));
  const all: { faceId: string; embedding: string }[] = [];
  for (let next: string | undefined = '0'; next !== undefined;) {
    const after: string = next === '0' ? '' : `&after=${next}`;
    const { json } = await ask('GET', `/faces/embeddings?limit=4${after}`);
    assert.equal(json.model, model);
    all.push(...json.faces);
    next = json.next;
  }
  assert.deepEqual(
    all.map(({ faceId }) => faceId),
    ids,
  );
  const bytes = Buffer.from(all[3]?.embedding ?? '', 'base64');
  assert.equal(bytes.length, 2_048);
  assert.deepEqual(
    Array.from({ length: 512 }, (_, nth) => bytes.readFloatLE(nth * 4)),
    [...vectorOf(3)],
  );
  const page = async (query: string) => (await ask('GET', `/faces/embeddings?${query}`)).json;
  assert.deepEqual(
    (await page('limit=2&offset=3')).faces.map((face: { faceId: string }) => face.faceId),
    ids.slice(3, 5),
  );
  assert.equal((await page('unassigned=true&limit=1')).faces[0].faceId, ids[1]);
  assert.equal((await page('library=pictures')).faces.length, 3);
  assert.equal((await page('library=nix')).code, 'library-missing');
  assert.equal((await page('limit=1001')).code, 'not-understood');
  assert.equal((await page('limit=1e2')).code, 'not-understood');
  const { json } = await ask('GET', '/faces/stats?library=pictures');
  assert.deepEqual([json.model, json.faces, json.people], [model, 3, 0]);
});

test('a token never shows up in what is answered or told as a fault, right or wrong', async (t) => {
  const { ask, url, faults, photo, api } = await world(t);
  await photo('a.jpg', 1);
  const wrong = await fetch(`${url}/persons?token=${token}`, { headers: { authorization: 'Bearer other-secret' } });
  assert.equal(wrong.status, 401);
  assert.doesNotMatch(await wrong.text(), /other-secret|long-enough/);
  const odd = await ask('GET', `/persons?token=${token}`);
  assert.equal(odd.status, 400);
  assert.doesNotMatch(JSON.stringify(odd.json), new RegExp(token));
  Object.assign(api, { libraries: () => Promise.reject(new Error('inner words')) });
  const broken = await ask('GET', '/persons?library=pictures');
  assert.equal(broken.status, 500);
  assert.doesNotMatch(JSON.stringify(broken.json), /inner words/);
  assert.equal(faults.length, 1);
  assert.doesNotMatch(faults.join(' '), new RegExp(token));
});

test('the face that stands for a person is a small picture of its own', async (t) => {
  const { ask, photo, faces, people, url, reads } = await world(t);
  const { contentHash } = await photo('a.jpg', 1);
  const anna = await people.create({ name: 'Anna' });
  const cover = () => ask('GET', `/persons/${anna.personId}/cover`);
  assert.equal((await cover()).json.code, 'face-missing');
  await faces.addManual({ contentHash, model, box, personId: anna.personId });
  const { status, bytes } = await cover();
  assert.equal(status, 200);
  const { format, width, height } = await sharp(bytes).metadata();
  assert.deepEqual([format, width, height], ['jpeg', 192, 144]);
  assert.equal((await ask('GET', '/persons/999/cover')).json.code, 'person-missing');

  assert.deepEqual((await cover()).bytes, bytes);
  const asked = (tag: string) =>
    fetch(`${url}/persons/${anna.personId}/cover`, {
      headers: { authorization: `Bearer ${token}`, 'if-none-match': tag },
    });
  const tag = (await asked('"other"')).headers.get('etag') ?? '';
  assert.equal((await asked(tag)).status, 304);
  assert.equal(reads.length, 1, 'it was cut out once');
  const other = { ...box, x: box.x + 0.05 };
  const { faceId } = await faces.addManual({ contentHash, model, box: other, personId: anna.personId });
  await people.change(anna.personId, { coverFace: faceId });
  assert.equal((await asked(tag)).status, 200);
});

test('a photo of an Immich is known by what is shown of it, and by its id alone', async (t) => {
  const { ask, faces } = await world(t);
  const immich = createImmichStore({ database });
  const library = await immich.ensure({
    name: 'immich',
    root: 'http://immich',
    ownerId: 'a',
    keySha: 'k',
    firstLook: 'over',
  });
  const [id, name] = ['6f1d2c3b-1111-4222-8333-944455566677', 'IMG_1.jpg'];
  const [known] = await immich.register(library, [{ id, path: `${id}/${name}` }]);
  const hash = hashOf('immich');
  await database.run(
    (sql) => sql`update darkroom.asset set content_hash = ${hash} where id = ${known?.asset.assetId ?? ''}`,
  );
  await faces.addManual({ contentHash: hash, model, box });
  for (const at of [id, `${id}/${name}`]) {
    assert.equal((await ask('GET', facesAt(at, 'immich'))).json.faces.length, 1, at);
  }
  assert.equal((await ask('GET', facesAt(name, 'immich'))).json.code, 'photo-missing');
  assert.equal((await ask('GET', facesAt(id, 'pictures'))).json.code, 'photo-missing');
});
