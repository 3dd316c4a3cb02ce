import assert from 'node:assert/strict';
import { symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { TransientError } from '../../domain/errors.ts';
import { clientOf } from '../support/face-services.ts';
import { facesAt, peopleWorld } from '../support/people-api.ts';
import { boxAt, model, peopleStores } from '../support/people-scene.ts';
import { type FaceScript, faceVector, type ScriptedFace, scriptedFaces } from '../support/scripted-faces.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { makePhoto } from '../support/pictures.ts';

let database: Database;
before(async () => {
  database = connect((await migratedDatabase()).address, { max: 4, limitMs: 60_000 });
});
after(() => database.close());

async function world(t: TestContext, more: Parameters<typeof peopleWorld>[2] = {}) {
  await emptyTables(database);
  return await peopleWorld(t, database, more);
}

/** A world whose face service does what the script says. */
async function seeing(t: TestContext, script: FaceScript, more: Parameters<typeof peopleWorld>[2] = {}) {
  const server = await scriptedFaces(t, { answer: () => script });
  return { server, ...(await world(t, { service: clientOf(t, server.url), ...more })) };
}

const box = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };
const one: ScriptedFace = { corners: [60, 30, 140, 120], embedding: faceVector(7) };
const inPicture = (seed: number): ScriptedFace => ({
  corners: [30 * seed, 10, 30 * seed + 20, 40],
  embedding: faceVector(seed),
});

test('a face that a person draws is cut out with a tenth around it, and is like others from then on', async (t) => {
  const { ask, photo, server, vectors, faults } = await seeing(t, { faces: [one] });
  await photo('a.jpg', 1);
  const { status, json } = await ask('POST', facesAt('a.jpg'), { box, person: { name: 'Anna' } });
  assert.equal(status, 201);
  assert.deepEqual(
    [json.vector, json.face.source, json.face.box, json.face.person.name],
    ['kept', 'manual', box, 'Anna'],
  );
  const [call] = server.calls;
  assert.deepEqual(call?.size, { width: 192, height: 144 });
  const vector = await vectors.vectorOf(json.face.faceId);
  assert.ok(vector && Math.abs((vector.embedding[0] ?? 0) - (faceVector(7)[0] ?? 0)) < 1e-6);

  const again = await ask('POST', facesAt('a.jpg'), { box, person: { name: 'ANNA' } });
  assert.equal(again.json.face.faceId, json.face.faceId, 'the same box again is the same face');
  const seen = await ask('GET', facesAt('a.jpg'));
  assert.deepEqual([seen.json.status, seen.json.faces.length], ['unknown', 1]);
  assert.deepEqual(faults, []);
});

test('where a drawn face cannot be kept, nobody is made for it', async (t) => {
  const addManual = () => Promise.reject(new TransientError('DatabaseUnavailable', 'The database is away.'));
  const { ask, photo } = await world(t, { store: { ...peopleStores(database).faces, addManual } });
  await photo('a.jpg', 1);
  assert.equal((await ask('POST', facesAt('a.jpg'), { box, person: { name: 'Anna' } })).status, 503);
  assert.deepEqual((await ask('GET', '/persons')).json.persons, []);
  const odd = await ask('POST', facesAt('a.jpg'), { box, person: { name: ' ' } });
  assert.equal(odd.json.code, 'name-invalid');
});

test('where nobody can look, or no face is seen, it is kept without a vector, and the answer says so', async (t) => {
  const blind = await world(t);
  await blind.photo('a.jpg', 1);
  const { status, json } = await blind.ask('POST', facesAt('a.jpg'), { box });
  assert.deepEqual([status, json.vector, json.face.hasVector, json.face.person], [201, 'no-service', false, undefined]);
  const seeingNone = await seeing(t, {});
  await seeingNone.photo('a.jpg', 1);
  assert.equal((await seeingNone.ask('POST', facesAt('a.jpg'), { box })).json.vector, 'no-face');
  assert.equal((await seeingNone.ask('GET', facesAt('a.jpg'))).json.faces[0].hasVector, false);
});

test('a box outside of the picture, an empty one and what is no number are refused, and nothing is asked or kept', async (t) => {
  const { ask, photo, server } = await seeing(t, { faces: [one] });
  await photo('a.jpg', 1);
  const boxes: readonly (readonly [number, object])[] = [
    [422, { x: 0.8, y: 0, width: 0.4, height: 0.4 }],
    [422, { x: 0, y: 0, width: 0, height: 0.4 }],
    [422, { x: 0.9, y: 0.9, width: 0.2, height: 0.05 }],
    [400, { x: -0.1, y: 0, width: 0.4, height: 0.4 }],
    [400, { x: 1.5, y: 0, width: 0.4, height: 0.4 }],
    [400, { x: Number.NaN, y: 0, width: 0.4, height: 0.4 }],
    [400, { x: '0', y: 0, width: 0.4, height: 0.4 }],
    [400, { x: 0, y: 0, width: 0.4 }],
    [400, { x: 0, y: 0, width: 0.4, height: 0.4, depth: 1 }],
  ];
  for (const [wanted, bad] of boxes) {
    const { status, json } = await ask('POST', facesAt('a.jpg'), { box: bad, person: { name: 'Anna' } });
    assert.equal(status, wanted, JSON.stringify(bad));
    assert.equal(json.code, wanted === 422 ? 'face-invalid' : 'not-understood');
  }
  assert.equal(server.calls.length, 0);
  assert.deepEqual((await ask('GET', facesAt('a.jpg'))).json.faces, []);
  assert.deepEqual((await ask('GET', '/persons')).json.persons, []);
});

test('a path leads nowhere but to a photo that is known, and to no file outside of the library', async (t) => {
  const { ask, photo, root, server } = await seeing(t, { faces: [one] });
  const { file } = await photo('in.jpg', 1);
  const outside = await peopleWorld(t, database, {});
  await writeFile(path.join(outside.root, 'secret.jpg'), await makePhoto({ seed: 9, width: 320, height: 240 }));
  const up = path.relative(root, path.join(outside.root, 'secret.jpg'));
  for (const bad of [
    up,
    '/etc/passwd',
    '../../../../etc/passwd',
    'in.jpg/',
    './in.jpg',
    'in.jpg\0',
    'IN.jpg',
    '..',
    '%2e%2e',
    path.join(outside.root, 'secret.jpg'),
    file,
  ]) {
    for (const [method, at] of [
      ['GET', facesAt(bad)],
      ['POST', facesAt(bad)],
      ['POST', facesAt(bad, 'pictures', '/rerun')],
    ] as const) {
      const { status, json } = await ask(method, at, method === 'POST' && !at.includes('rerun') ? { box } : undefined);
      assert.deepEqual([status, json.code], [404, 'photo-missing'], `${method} ${bad}`);
    }
  }
  // A file that is known, and was replaced by a link that leads out.
  await unlink(file);
  await symlink(path.join(outside.root, 'secret.jpg'), file);
  for (const at of [facesAt('in.jpg'), facesAt('in.jpg', 'pictures', '/rerun')]) {
    const { status, json } = await ask('POST', at, at.includes('rerun') ? undefined : { box });
    assert.ok([410, 422].includes(status), JSON.stringify(json));
    assert.doesNotMatch(JSON.stringify(json), new RegExp(outside.root));
  }
  assert.equal(server.calls.length, 0, 'no byte of it was shown to the face service');
  assert.equal((await ask('GET', facesAt('in.jpg', 'nix'))).json.code, 'library-missing');
  assert.equal((await ask('GET', '/image/faces?library=pictures')).status, 400);
});

test('while the service is away, slow or talks nonsense nothing of a drawn face is kept, and the answer says what to do', async (t) => {
  const rows: readonly (readonly [FaceScript, RegExp])[] = [
    [{ cut: 'before' }, /HostUnreachable|HostFailed|HostBroke/],
    [{ cut: 'middle' }, /HostUnreachable|HostFailed|HostBroke/],
    [{ cut: 'silent' }, /HostTimedOut/],
    [{ status: 503, body: 'busy' }, /Host/],
    [{ body: '{"faces":' }, /Host/],
    [{ body: '{"what":1}' }, /HostSpokeNonsense/],
    [{ faces: [{ ...one, embedding: faceVector(7).slice(0, 511) }] }, /HostSpokeNonsense/],
    [{ faces: [{ ...one, embedding: faceVector(7).map(() => 0) }] }, /HostFailed/],
    [{ faces: [{ ...one, embedding: ['NaN', ...faceVector(7).slice(1)] }] }, /HostFailed|HostSpokeNonsense/],
  ];
  for (const [script, code] of rows) {
    const { ask, photo, faults } = await seeing(t, script, { patienceMs: 700 });
    await photo('a.jpg', 1);
    const { status, json } = await ask('POST', facesAt('a.jpg'), { box, person: { name: 'Anna' } });
    assert.equal(status, 503, `${code}: ${JSON.stringify(json)}`);
    assert.match(json.code, code);
    assert.ok(json.detail.length > 20);
    assert.deepEqual((await ask('GET', facesAt('a.jpg'))).json.faces, []);
    assert.deepEqual((await ask('GET', '/persons')).json.persons, [], 'nobody was made');
    assert.deepEqual(faults, []);
  }
});

test('looking again replaces faces of the model, keeps those that were drawn, and of 200 faces the 100 largest', async (t) => {
  const { ask, photo, server, faces, assignments, people } = await seeing(t, { faces: [1, 2, 3].map(inPicture) });
  const { contentHash } = await photo('a.jpg', 1);
  const rerun = () => ask('POST', facesAt('a.jpg', 'pictures', '/rerun'));
  assert.deepEqual({ ...(await rerun()).json, faces: 0 }, { kept: 0, added: 3, removed: 0, faces: 0 });
  const [first] = await faces.facesOf({ contentHash, model });
  const anna = await people.create({ name: 'Anna' });
  await assignments.assign({ faceIds: [first?.faceId ?? ''], personId: anna.personId, by: 'person' });
  await faces.addManual({ contentHash, model, box: { x: 0.7, y: 0.7, width: 0.25, height: 0.25 } });
  server.script(() => ({ faces: [inPicture(1), inPicture(5)] }));
  const { status, json } = await rerun();
  assert.deepEqual([status, json.kept, json.added, json.removed], [200, 1, 1, 2]);
  assert.deepEqual(
    json.faces.map((face: { source: string; person?: { name: string } }) => [face.source, face.person?.name]),
    [
      ['model', 'Anna'],
      ['model', undefined],
      ['manual', undefined],
    ],
  );
  const crowd = Array.from({ length: 200 }, (_, nth) => {
    const [left, top] = [(nth % 20) * 16, Math.floor(nth / 20) * 20];
    return { corners: [left, top, left + 8 + nth / 50, top + 12] as const, embedding: faceVector(nth + 1) };
  });
  server.script(() => ({ faces: crowd }));
  const many = (await rerun()).json.faces.filter((face: { source: string }) => face.source === 'model');
  assert.equal(many.length, 100);
});

test('a picture that cannot be read, has changed or is gone says so, and the faces that are known stay', async (t) => {
  const { ask, photo, faces, server } = await seeing(t, { faces: [one] });
  const { file, contentHash } = await photo('a.jpg', 1);
  await faces.addManual({ contentHash, model, box: boxAt(1) });
  const both = async (code: string, status: number) => {
    for (const what of ['', '/rerun']) {
      const answer = await ask('POST', facesAt('a.jpg', 'pictures', what), what === '' ? { box } : undefined);
      assert.deepEqual([answer.status, answer.json.code], [status, code]);
    }
  };
  await writeFile(file, await makePhoto({ seed: 2, width: 320, height: 240 }));
  await both('photo-changed', 409);
  await truncate(file, 700);
  await both('picture-unreadable', 422);
  await unlink(file);
  await both('photo-gone', 410);
  assert.equal(server.calls.length, 0);
  assert.equal((await faces.facesOf({ contentHash, model })).length, 1);
});

test('a picture that the service cannot do leaves a drawn face without a vector, and those of the model as they are', async (t) => {
  const server = await scriptedFaces(t, { api: 'generic', answer: () => ({ status: 422, body: '{"detail":"no"}' }) });
  const service = clientOf(t, server.url, { api: 'generic' });
  const { ask, photo } = await world(t, { service });
  await photo('a.jpg', 1);
  assert.equal((await ask('POST', facesAt('a.jpg'), { box })).json.vector, 'refused');
  const { status, json } = await ask('POST', facesAt('a.jpg', 'pictures', '/rerun'));
  assert.deepEqual([status, json.code], [422, 'picture-unreadable']);
  const blind = await world(t);
  await blind.photo('a.jpg', 1);
  assert.equal((await blind.ask('POST', facesAt('a.jpg', 'pictures', '/rerun'))).json.code, 'face-service-missing');
});

test('who draws a face while all slots are taken waits for one, and is told when none comes', async (t) => {
  const server = await scriptedFaces(t, { answer: () => ({ faces: [one] }) });
  let taken = 2;
  const service = clientOf(t, server.url);
  const busy = {
    detect: () => Promise.reject(new TransientError('NoHost', 'All slots are taken.')),
    async embed(task: Parameters<typeof service.embed>[0]) {
      if (taken-- > 0) throw new TransientError('NoHost', 'All slots are taken.');
      return { embedding: await service.embed(task) };
    },
  };
  const { ask, photo } = await world(t, { eyes: busy, patienceMs: 4_000 });
  await photo('a.jpg', 1);
  assert.equal((await ask('POST', facesAt('a.jpg'), { box })).json.vector, 'kept');
  const never = await world(t, { eyes: busy, patienceMs: 300 });
  await never.photo('a.jpg', 1);
  const { status, json } = await never.ask('POST', facesAt('a.jpg', 'pictures', '/rerun'));
  assert.deepEqual([status, json.code, json.detail], [503, 'NoHost', 'All slots are taken.']);
});
