import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  faceAt,
  facesOfPerson,
  is,
  model,
  type PeopleStores,
  personWith,
  threePeople,
} from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';

/** What every MergeStore promises of taking merges back, and of several at once. `open` gives empty stores. */
export function unmergeSuite(name: string, open: () => Promise<PeopleStores>): void {
  describe(`merges of people, taken back: ${name}`, () => {
    takingBack(open);
    changedSince(open);
    atOnce(open);
  });
}

/** All that undoing is to restore. */
async function everything({ people, merges, stores }: { stores: PeopleStores } & PeopleStores) {
  const listed = await people.list({ limit: 100, withHidden: true });
  const faces = await Promise.all(listed.map(async ({ personId }) => await people.faces({ personId, limit: 100 })));
  const covers = await Promise.all(listed.map(async ({ personId }) => await stores.people.cover(personId)));
  const open = await Promise.all(listed.map(async ({ personId }) => await merges.mergesOf(personId)));
  return { listed, faces, covers, open: open.flat().filter(({ undone }) => undone === undefined) };
}

function takingBack(open: () => Promise<PeopleStores>): void {
  test('a merge that is taken back leaves everything as it was, and a second time changes nothing', async () => {
    const scene = await threePeople(open);
    await scene.people.change(scene.a.personId, { notes: 'aunt', coverFace: scene.a.faceIds[1] ?? '' });
    const before = await everything(scene);
    const { mergeId } = await scene.merge(scene.a, scene.b);
    const undone = { sourceId: scene.a.personId, targetId: scene.b.personId };
    assert.deepEqual(await scene.merges.unmerge(mergeId), { ...undone, faces: 2, isNew: true });
    assert.deepEqual(await everything(scene), before);
    assert.deepEqual(await scene.merges.unmerge(mergeId), { ...undone, faces: 0, isNew: false });
    assert.deepEqual(await everything(scene), before);
    assert.ok((await scene.merges.mergesOf(scene.b.personId))[0]?.undone);
  });

  for (const order of ['first', 'last'] as const) {
    test(`of two merges in a row the ${order} one can be taken back first`, async () => {
      const scene = await threePeople(open);
      await scene.people.change(scene.c.personId, { name: null });
      const before = await everything(scene);
      const ab = await scene.merge(scene.a, scene.b);
      const bc = await scene.merge(scene.b, scene.c);
      assert.equal((await scene.people.find(scene.c.personId))?.name, 'Anna');
      const [one, two] = order === 'first' ? [ab, bc] : [bc, ab];
      await scene.merges.unmerge(one.mergeId);
      if (order === 'first') assert.equal((await scene.people.find(scene.c.personId))?.name, undefined);
      await scene.merges.unmerge(two.mergeId);
      assert.deepEqual(await everything(scene), before);
    });
  }

  test('who came back and is merged once more goes their own way', async () => {
    const scene = await threePeople(open);
    const ab = await scene.merge(scene.a, scene.b);
    const bc = await scene.merge(scene.b, scene.c);
    await scene.merges.unmerge(ab.mergeId);
    await scene.merge(scene.a, scene.c);
    await scene.merges.unmerge(bc.mergeId);
    assert.deepEqual(await facesOfPerson(scene.stores, scene.b.personId), scene.b.faceIds);
    assert.equal((await facesOfPerson(scene.stores, scene.c.personId)).length, 3);
  });
}

function changedSince(open: () => Promise<PeopleStores>): void {
  test('what people decided after a merge stays when it is taken back', async () => {
    const { stores, people, merges, assignments, faces, a, b, c, merge } = await threePeople(open);
    const more = await personWith(stores, 'Dora', ['d1', 'd2', 'd3', 'd4']);
    await people.change(more.personId, { notes: 'from Dora', birthDate: '2001-01-01' });
    const { mergeId } = await merge(more, b);
    const [moved = '', deleted = '', freed = '', confirmed = ''] = more.faceIds;
    await assignments.assign({ faceIds: [moved], personId: c.personId, by: 'person' });
    await assignments.assign({ faceIds: [moved], personId: b.personId, by: 'person' });
    await faces.remove([deleted]);
    await assignments.unassign([freed]);
    await assignments.assign({ faceIds: a.faceIds, personId: b.personId, by: 'person' });
    await people.change(b.personId, { notes: 'rewritten' });
    assert.equal((await merges.unmerge(mergeId)).faces, 1);
    assert.deepEqual(await facesOfPerson(stores, more.personId), [confirmed]);
    assert.deepEqual(await facesOfPerson(stores, b.personId), [...a.faceIds, ...b.faceIds, moved]);
    assert.equal((await faces.find(freed))?.person, undefined);
    assert.deepEqual(await people.find(b.personId), { personId: b.personId, notes: 'rewritten', hidden: false });
    assert.equal((await people.find(more.personId))?.notes, 'from Dora');
  });

  test('a second look between merge and undo does not lose whose face it was', async () => {
    const { stores, merges, faces, a, c, merge } = await threePeople(open);
    const { mergeId } = await merge(a, c);
    const photo = { contentHash: hashOf('a1'), model };
    await faces.rerun({ ...photo, faces: [faceAt(0, 77)] });
    await faces.save({ ...photo, model: 'other', faces: [faceAt(0, 78)] });
    await merges.unmerge(mergeId);
    const [again] = await faces.facesOf({ ...photo, model: 'other' });
    assert.deepEqual(await facesOfPerson(stores, a.personId), [...a.faceIds, again?.faceId]);
  });

  test('a name that somebody else has by now is said, and the merge stays', async () => {
    const { stores, people, merges, a, c, merge } = await threePeople(open);
    const { mergeId } = await merge(a, c);
    const other = await people.create({ name: 'ANNA' });
    await assert.rejects(
      merges.unmerge(mergeId),
      (error) => is('name-taken')(error) && String(error).includes(`"Anna" already (person ${other.personId})`),
    );
    assert.equal((await facesOfPerson(stores, c.personId)).length, 3);
    await people.change(other.personId, { name: 'Anna Maria' });
    assert.equal((await merges.unmerge(mergeId)).faces, 2);
  });

  test('a name that the target got and that was only written differently goes back', async () => {
    const { people, merges, a, b, merge } = await threePeople(open);
    const { mergeId } = await merge(a, b);
    await people.change(b.personId, { name: 'ANNA' });
    await merges.unmerge(mergeId);
    assert.equal((await people.find(a.personId))?.name, 'Anna');
    assert.equal((await people.find(b.personId))?.name, undefined);
  });
}

function atOnce(open: () => Promise<PeopleStores>): void {
  test('of merges of the same person at once one is done, the others are told who they are now', async () => {
    const { stores, merges, a, b, c } = await threePeople(open);
    const all = await Promise.allSettled([
      merges.merge({ sources: [a.personId], target: b.personId }),
      merges.merge({ sources: [a.personId], target: c.personId }),
    ]);
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const one of all) if (one.status === 'rejected') is('person-merged')(one.reason);
    const counts = await Promise.all([a, b, c].map(async (one) => (await facesOfPerson(stores, one.personId)).length));
    assert.equal(counts[0], 0);
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      4,
    );
  });

  test('two who are merged into each other at once are one person in the end, and both ways can be taken back', async () => {
    const { stores, merges, a, c } = await threePeople(open);
    const all = await Promise.allSettled([
      merges.merge({ sources: [a.personId], target: c.personId }),
      merges.merge({ sources: [c.personId], target: a.personId }),
    ]);
    const [done] = all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
    await merges.unmerge(done?.mergeId ?? '');
    assert.deepEqual(await facesOfPerson(stores, a.personId), a.faceIds);
    assert.deepEqual(await facesOfPerson(stores, c.personId), c.faceIds);
  });

  test('while people are merged and deleted nobody who is no more is given a face', async () => {
    const { stores, faces, people, merges, assignments, a, b, c } = await threePeople(open);
    const give = (personId: string) => assignments.assign({ faceIds: b.faceIds, personId, by: 'person' });
    await Promise.allSettled([
      give(a.personId),
      merges.merge({ sources: [a.personId], target: c.personId }),
      give(a.personId),
      people.remove(b.personId, 'set_null'),
      give(c.personId),
      give(b.personId),
    ]);
    assert.deepEqual(await facesOfPerson(stores, a.personId), []);
    const holder = (await faces.find(b.faceIds[0] ?? ''))?.person?.personId;
    assert.ok([undefined, c.personId].includes(holder), holder);
  });
}
