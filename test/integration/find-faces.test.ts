import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { createFaceAssignments } from '../../adapters/postgres/face-assignments.ts';
import { createFaceStore } from '../../adapters/postgres/face-store.ts';
import { createPersonStore } from '../../adapters/postgres/person-store.ts';
import type { AssetRef, FileStat } from '../../domain/asset.ts';
import type { FindFacesInput } from '../../domain/contract.ts';
import { TransientError } from '../../domain/errors.ts';
import { attempt } from '../support/attempt.ts';
import { makeJpeg } from '../support/photos.ts';
import { type RealSteps, realSteps } from '../support/real-steps.ts';
import { faceVector, type ScriptedFace, startScriptedFaces } from '../support/scripted-faces.ts';

/** Of length 1, and this much like `faceVector(seed)`: the rest points where no other one does. */
function like(seed: number, cosine: number, rest: number): readonly number[] {
  const [towards, away] = [faceVector(seed), faceVector(rest)];
  const along = towards.reduce((sum, value, at) => sum + value * (away[at] ?? 0), 0);
  const across = away.map((value, at) => value - along * (towards[at] ?? 0));
  const length = Math.hypot(...across);
  return towards.map((value, at) => cosine * value + Math.sqrt(1 - cosine ** 2) * ((across[at] ?? 0) / length));
}

const faceAt = (left: number, embedding: readonly number[]): ScriptedFace => ({
  corners: [left, 20, left + 30, 60],
  score: 0.9,
  embedding,
});

async function scene(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const service = await startScriptedFaces();
  t.after(() => service.off());
  const steps = await realSteps(t, { faces: { FACE_API_URL: service.url, ...env } });
  const { database, activities } = steps;
  const [store, people] = [createFaceStore({ database }), createPersonStore({ database })];
  const read = async (photo: { asset: AssetRef; stat: FileStat }) => {
    const print = await attempt().run(activities.fingerprint, photo);
    assert.ok(print.kind === 'known');
    return print;
  };
  const add = async (seed: number, faces: readonly ScriptedFace[]) => {
    service.script(() => ({ faces }));
    const photo = await steps.add(`photo-${seed}.jpg`, await makeJpeg(seed));
    const { contentHash, facts } = await read(photo);
    return { photo, input: { asset: photo.asset, contentHash, facts } satisfies FindFacesInput };
  };
  const find = (input: FindFacesInput) => attempt().run(activities.findFaces, input);
  const facesOf = (contentHash: string) => store.facesOf({ contentHash, model: 'buffalo_l' });
  /** Somebody called so, who has the first face of that photo. */
  const name = async (called: string, contentHash: string, birthDate?: string) => {
    const { personId } = await people.create({ name: called, ...(birthDate !== undefined && { birthDate }) });
    const faceIds = (await facesOf(contentHash)).slice(0, 1).map(({ faceId }) => faceId);
    await createFaceAssignments({ database }).assign({ faceIds, personId, by: 'person' });
    return personId;
  };
  return { service, steps, store, read, add, find, facesOf, name };
}

const marked = async ({ database }: RealSteps, { assetId }: AssetRef): Promise<boolean> => {
  const row = z.object({ marked: z.boolean() });
  const [found] = await database.rows(
    row,
    (sql) => sql`select people_changed is not null as marked from darkroom.asset where id = ${assetId}`,
  );
  return found?.marked === true;
};

test('faces are looked for once: the second time, and for a copy, nobody is asked and no row is written', async (t) => {
  const { service, steps, read, add, find } = await scene(t);
  const { photo, input } = await add(1, [faceAt(10, faceVector(1)), faceAt(100, faceVector(2))]);
  assert.deepEqual((await read(photo)).faces, { kind: 'wanted' });
  const found = await find(input);
  assert.deepEqual(found, { kind: 'looked', people: [], note: '2 faces: 2 without a name' });
  const before = await steps.rows();
  assert.deepEqual(await find(input), found);
  assert.deepEqual(await steps.rows(), before);
  assert.equal(service.calls.length, 1);
  const copy = await steps.add('copy.jpg', await makeJpeg(1));
  assert.deepEqual((await read(copy)).faces, { kind: 'known', note: '2 faces: 2 without a name' });
});

test('who is named once is told of their next photo, with their age then', async (t) => {
  const { read, add, find, name } = await scene(t);
  const first = await add(1, [faceAt(10, faceVector(1))]);
  await find(first.input);
  await name('Anna', first.input.contentHash, '1990-01-01');
  const second = await add(2, [faceAt(100, faceVector(9)), faceAt(10, like(1, 0.6, 50))]);
  const found = await find(second.input);
  assert.deepEqual(found, { kind: 'looked', people: ['Anna (34)'], note: '2 faces: Anna; 1 without a name' });
  assert.deepEqual((await read(second.photo)).facts.people, ['Anna (34)']);
});

test('a face that is a little like somebody is only suggested; with that name among the tags of the photo it is given', async (t) => {
  const { add, find, name, facesOf } = await scene(t);
  const first = await add(1, [faceAt(10, faceVector(1))]);
  await find(first.input);
  const anna = await name('Anna', first.input.contentHash);
  const alike = await add(2, [faceAt(10, like(1, 0.45, 50))]);
  assert.deepEqual(await find(alike.input), { kind: 'looked', people: [], note: '1 face: 1 without a name' });
  const [asked] = await facesOf(alike.input.contentHash);
  assert.equal(asked?.suggestion?.personId, anna);
  const tagged = await add(3, [faceAt(10, like(1, 0.45, 51))]);
  const withTags = { ...tagged.input, facts: { ...tagged.input.facts, keywords: ['beach', 'ANNA'] } };
  assert.deepEqual(await find(withTags), { kind: 'looked', people: ['Anna'], note: '1 face: Anna' });
});

test('a picture that the service cannot do is described without names, and not sent again', async (t) => {
  const { service, store, add, find, read } = await scene(t, { FACE_API: 'generic' });
  const { photo, input } = await add(1, []);
  service.script(() => ({ status: 422, body: '{"detail":"too dark"}' }));
  const found = await find(input);
  assert.ok(found.kind === 'looked' && found.people.length === 0);
  assert.match(found.note, /^not possible: /);
  assert.deepEqual((await store.detection({ contentHash: input.contentHash, model: 'buffalo_l' }))?.status, 'failed');
  assert.deepEqual(await find(input), found);
  assert.equal(service.calls.length, 1);
  assert.equal((await read(photo)).faces?.kind, 'known');
});

test('a service that is away fails the attempt and leaves nothing behind; the next attempt finds the faces', async (t) => {
  const { service, store, add, find } = await scene(t);
  const { input } = await add(1, [faceAt(10, faceVector(1))]);
  await service.off();
  await assert.rejects(find(input), (error) => error instanceof TransientError);
  assert.equal(await store.detection({ contentHash: input.contentHash, model: 'buffalo_l' }), undefined);
  await service.on();
  const until = Date.now() + 60_000;
  for (;;) {
    const found = await find(input).catch((error: unknown) => error);
    if (!(found instanceof TransientError) || Date.now() > until) {
      assert.deepEqual(found, { kind: 'looked', people: [], note: '1 face: 1 without a name' });
      break;
    }
  }
});

test('a vector of another length is no answer: nothing is kept', async (t) => {
  const { store, add, find } = await scene(t);
  const { input } = await add(1, [faceAt(10, faceVector(1).slice(0, 128))]);
  await assert.rejects(find(input), /vectors have 128 numbers instead of 512/);
  assert.equal(await store.detection({ contentHash: input.contentHash, model: 'buffalo_l' }), undefined);
});

test('of 200 faces on one photo a hundred are kept', async (t) => {
  const { add, find, facesOf } = await scene(t);
  const { input } = await add(
    2,
    Array.from({ length: 200 }, (_, at) => faceAt(at, faceVector(1_000 + at))),
  );
  assert.deepEqual(await find(input), { kind: 'looked', people: [], note: '100 faces: 100 without a name' });
  assert.equal((await facesOf(input.contentHash)).length, 100);
});

test('a file that was replaced before faces were looked for: back to settle, and nobody is asked', async (t) => {
  const { service, steps, add, find } = await scene(t);
  const { input } = await add(1, []);
  // The picture for the model was evicted, and the file is another one.
  await rm(path.join(steps.folder, '..', 'renditions'), { recursive: true });
  await writeFile(path.join(steps.folder, input.asset.path), await makeJpeg(8));
  assert.deepEqual(await find(input), { kind: 'torn' });
  assert.equal(service.calls.length, 0);
});

test('a name that is given while a photo is described marks it; the next run tells it and takes the mark off', async (t) => {
  const { steps, add, find, name, read } = await scene(t);
  const { photo, input } = await add(1, [faceAt(10, faceVector(1))]);
  await find(input);
  assert.equal(await marked(steps, photo.asset), false);
  await name('Anna', input.contentHash);
  assert.equal(await marked(steps, photo.asset), true);
  assert.deepEqual((await read(photo)).facts.people, ['Anna']);
  assert.equal(await marked(steps, photo.asset), false);
});

test('without a face service a run that waited for one goes on without, and who is known already is told', async (t) => {
  const steps = await realSteps(t);
  const { asset, stat } = await steps.photo();
  const read = async () => {
    const print = await attempt().run(steps.activities.fingerprint, { asset, stat });
    assert.ok(print.kind === 'known' && print.faces === undefined);
    return print;
  };
  const { contentHash, facts } = await read();
  assert.equal(facts.people, undefined);
  const waited = { asset, contentHash, facts: { people: ['Zoe'] } };
  const skipped = { kind: 'looked', note: 'skipped: no face service is set up' };
  assert.deepEqual(await attempt().run(steps.activities.findFaces, waited), { ...skipped, people: ['Zoe'] });
  const { personId } = await createPersonStore(steps).create({ name: 'Ida' });
  const box = { x: 0.1, y: 0.1, width: 0.2, height: 0.2 };
  await createFaceStore(steps).addManual({ contentHash, model: 'buffalo_l', box, personId });
  assert.equal(await marked(steps, asset), true);
  assert.deepEqual(await attempt().run(steps.activities.findFaces, waited), { ...skipped, people: ['Zoe', 'Ida'] });
  assert.deepEqual((await read()).facts.people, ['Ida']);
  assert.equal(await marked(steps, asset), false);
});
