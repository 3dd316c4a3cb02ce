import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { peopleWorld } from '../support/people-api.ts';
import { boxAt, facesOfPerson, model, personWith, withFaces } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';

let database: Database;
before(async () => {
  database = connect((await migratedDatabase()).address, { max: 6, limitMs: 60_000 });
});
after(() => database.close());

async function world(t: TestContext) {
  await emptyTables(database);
  const opened = await peopleWorld(t, database);
  const { stores } = opened;
  for (const name of ['a1', 'a2', 'b1']) await stores.photo('pictures', name);
  const anna = await personWith(stores, 'Anna', ['a1', 'a2']);
  const b = await personWith(stores, undefined, ['b1']);
  return { ...opened, anna: anna.personId, annas: anna.faceIds, b: b.personId, bs: b.faceIds };
}

test('people are listed, made, read and changed', async (t) => {
  const { ask, anna, annas, b } = await world(t);
  const { json } = await ask('GET', '/persons');
  assert.deepEqual(
    json.persons.map((one: { personId: string; name?: string; faces: number; photos: number }) => [
      one.personId,
      one.name,
      one.faces,
      one.photos,
    ]),
    [
      [anna, 'Anna', 2, 2],
      [b, undefined, 1, 1],
    ],
  );
  assert.equal((await ask('GET', '/persons?limit=1')).json.next, 1);
  assert.equal((await ask('GET', '/persons?limit=1&offset=1')).json.persons[0].personId, b);
  assert.equal((await ask('GET', '/persons?name=NN&only=named&library=pictures')).json.persons.length, 1);
  assert.equal((await ask('GET', '/persons?library=nix')).json.code, 'library-missing');
  const made = await ask('POST', '/persons', { name: ' Ben\n', birthDate: '1984-02-29', notes: 'uncle' });
  assert.deepEqual([made.status, made.json.name, made.json.hidden], [201, 'Ben', false]);
  const at = `/persons/${made.json.personId}`;
  const changed = await ask('PATCH', at, { name: null, hidden: true, notes: '' });
  assert.deepEqual(changed.json, { personId: made.json.personId, notes: '', birthDate: '1984-02-29', hidden: true });
  assert.equal((await ask('GET', '/persons')).json.persons.length, 2);
  assert.equal((await ask('GET', '/persons?hidden=true')).json.persons.length, 3);
  const whole = await ask('GET', `/persons/${anna}`);
  assert.deepEqual(
    [whole.json.faces, whole.json.libraries, whole.json.merges],
    [2, [{ library: 'pictures', photos: 2 }], []],
  );
  assert.equal((await ask('PATCH', `/persons/${anna}`, { coverFace: annas[1] })).json.coverFace, annas[1]);
});

test('what cannot be is refused with a code, and who has the name is told', async (t) => {
  const { ask, anna, bs } = await world(t);
  const refused = async (method: string, at: string, body: unknown, code: string, status: number) => {
    const { status: was, json } = await ask(method, at, body);
    assert.deepEqual([was, json.code], [status, code], `${method} ${at} ${JSON.stringify(body)}`);
    return json;
  };
  assert.equal((await refused('POST', '/persons', { name: 'ＡＮＮＡ' }, 'name-taken', 409)).otherPerson, anna);
  await refused('POST', '/persons', { name: '' }, 'name-invalid', 422);
  await refused('POST', '/persons', { name: 'x'.repeat(201) }, 'name-invalid', 422);
  await refused('POST', '/persons', { birthDate: '1983-02-29' }, 'value-invalid', 422);
  await refused('POST', '/persons', { notes: 'x'.repeat(10_001) }, 'value-invalid', 422);
  await refused('POST', '/persons', { name: 7 }, 'not-understood', 400);
  await refused('POST', '/persons', { nmae: 'Anna' }, 'not-understood', 400);
  await refused('POST', '/persons', { coverFace: '1' }, 'not-understood', 400);
  await refused('PATCH', `/persons/${anna}`, { coverFace: bs[0] }, 'face-missing', 404);
  for (const [method, at, body] of [
    ['GET', '/persons/999', undefined],
    ['PATCH', '/persons/999', { name: 'Zoe' }],
    ['DELETE', '/persons/999', undefined],
    ['GET', '/persons/999/faces', undefined],
    ['POST', '/persons/999/merge', { sources: [anna] }],
  ] as const) {
    await refused(method, at, body, 'person-missing', 404);
  }
  await refused('GET', '/persons/abc', undefined, 'not-understood', 400);
  await refused('GET', '/persons/1e3', undefined, 'not-understood', 400);
});

test('faces of a person come by page, with a photo that each is on', async (t) => {
  const { ask, anna, annas } = await world(t);
  const first = await ask('GET', `/persons/${anna}/faces?limit=1`);
  assert.deepEqual(
    [first.json.faces[0].faceId, first.json.faces[0].asset.path, first.json.next],
    [annas[0], 'a1.jpg', annas[0]],
  );
  const second = await ask('GET', `/persons/${anna}/faces?limit=1&after=${first.json.next}`);
  assert.deepEqual([second.json.faces[0].faceId, second.json.next], [annas[1], undefined]);
  assert.equal((await ask('GET', `/persons/${anna}/faces?library=nix`)).json.code, 'library-missing');
});

test('deleting a person leaves their faces to nobody, or takes them along, drawn ones too', async (t) => {
  const { ask, anna, annas, b, faces } = await world(t);
  const drawn = await faces.addManual({ contentHash: hashOf('a1'), model, box: boxAt(7), personId: anna });
  assert.equal((await ask('DELETE', `/persons/${b}?cascade=all`)).status, 400);
  const first = await ask('DELETE', `/persons/${anna}`);
  assert.deepEqual([first.status, first.json], [200, { faces: 3, manualFaces: 1, cascade: 'set_null' }]);
  assert.ok((await faces.find(drawn.faceId)) !== undefined && (await faces.find(annas[0] ?? ''))?.person === undefined);

  const again = await ask('POST', '/persons', { name: 'Anna' });
  await ask('PATCH', `/image/faces/${drawn.faceId}`, { person: { id: again.json.personId } });
  const second = await ask('DELETE', `/persons/${again.json.personId}?cascade=delete`);
  assert.deepEqual(second.json, { faces: 1, manualFaces: 1, cascade: 'delete' });
  assert.equal(await faces.find(drawn.faceId), undefined);
  assert.equal((await ask('DELETE', `/persons/${again.json.personId}`)).json.code, 'person-missing');
});

test('a merge is looked at, done and taken back; each side of it knows it', async (t) => {
  const { ask, anna, annas, b, bs, stores } = await world(t);
  const merge = (body: object, target = anna) => ask('POST', `/persons/${target}/merge`, body);
  const preview = await merge({ sources: [b], preview: true });
  assert.deepEqual([preview.json.done, preview.json.sources[0].faces, preview.json.merges], [false, 1, []]);
  assert.deepEqual(await facesOfPerson(stores, anna), annas);
  const done = await merge({ sources: [b] });
  const [{ mergeId }] = done.json.merges;
  assert.deepEqual([done.json.done, done.json.merges.length], [true, 1]);
  assert.deepEqual(await facesOfPerson(stores, anna), [...annas, ...bs]);
  assert.equal((await merge({ sources: [b] })).json.merges[0].isNew, false);
  assert.deepEqual((await ask('GET', `/persons/${anna}`)).json.merges[0].source, { personId: b });
  const gone = await ask('GET', `/persons/${b}`);
  assert.deepEqual([gone.status, gone.json.code, gone.json.otherPerson], [409, 'person-merged', anna]);
  assert.equal((await ask('DELETE', `/persons/${b}`)).json.code, 'person-merged');

  const other = await ask('POST', '/persons', { name: 'Cleo' });
  await merge({ sources: [other.json.personId] });
  const several = await ask('POST', `/persons/${anna}/unmerge`, {});
  assert.deepEqual([several.status, several.json.code, several.json.merges.length], [409, 'merge-several', 2]);
  const undone = await ask('POST', `/persons/${anna}/unmerge`, { mergeId });
  assert.deepEqual(undone.json, { sourceId: b, targetId: anna, faces: 1, isNew: true });
  assert.deepEqual(await facesOfPerson(stores, b), bs);
  assert.equal((await ask('POST', `/persons/${anna}/unmerge`, { mergeId })).json.isNew, false);
  assert.equal((await ask('POST', `/persons/${other.json.personId}/unmerge`, {})).status, 200);
  assert.equal((await ask('POST', `/persons/${anna}/unmerge`, {})).json.code, 'merge-missing');
  assert.equal((await ask('POST', `/persons/${b}/unmerge`, { mergeId: '999' })).json.code, 'merge-missing');
  assert.match((await ask('GET', `/persons/${anna}`)).json.merges[1].undone, /^\d{4}-/);
});

test('a merge into oneself, of somebody who was deleted or merged elsewhere is refused, and nobody is changed', async (t) => {
  const { ask, anna, annas, b, stores } = await world(t);
  const merge = async (target: string, ...sources: string[]) => {
    const { status, json } = await ask('POST', `/persons/${target}/merge`, { sources });
    return [status, json.code, json.otherPerson];
  };
  assert.deepEqual(await merge(anna, b, anna), [422, 'merge-into-itself', undefined]);
  const gone = (await ask('POST', '/persons', {})).json.personId;
  await ask('DELETE', `/persons/${gone}`);
  assert.deepEqual(await merge(anna, b, gone), [404, 'person-missing', undefined]);
  assert.deepEqual(await merge(anna), [400, 'not-understood', undefined]);
  const cleo = (await ask('POST', '/persons', { name: 'Cleo' })).json.personId;
  await merge(cleo, b);
  assert.deepEqual(await merge(anna, b), [409, 'person-merged', cleo]);
  assert.deepEqual(await merge(b, anna), [409, 'person-merged', cleo]);
  assert.deepEqual(await facesOfPerson(stores, anna), annas);
  const preview = await ask('POST', `/persons/${anna}/merge`, { sources: [gone], preview: true });
  assert.match(preview.json.problems[0], /There is no person/);
});

test('of many who merge the same person at once one does, and none loses a face', async (t) => {
  const { ask, anna, b, stores } = await world(t);
  await withFaces(stores, 'more', 4);
  const cleo = (await ask('POST', '/persons', { name: 'Cleo' })).json.personId;
  const answers = await Promise.all(
    [anna, cleo, anna, cleo].map((target) => ask('POST', `/persons/${target}/merge`, { sources: [b] })),
  );
  const fresh = answers.filter(({ json }) => json.merges?.some(({ isNew }: { isNew: boolean }) => isNew));
  assert.equal(fresh.length, 1);
  assert.ok(answers.every(({ status }) => status === 200 || status === 409));
  const counts = await Promise.all([anna, cleo].map(async (one) => (await facesOfPerson(stores, one)).length));
  assert.equal(
    counts.reduce((sum, one) => sum + one, 0),
    3,
  );
});
