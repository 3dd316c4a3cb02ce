import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { facesOfPerson, is, type PeopleStores, threePeople } from '../support/people-scene.ts';

/** What every MergeStore promises of merging. `open` gives empty stores. */
export function mergeStoreSuite(name: string, open: () => Promise<PeopleStores>): void {
  describe(`merges of people: ${name}`, () => {
    merging(open);
    refusing(open);
  });
}

function merging(open: () => Promise<PeopleStores>): void {
  test("merged people are one: all faces, and of the source's words what the target has none of", async () => {
    const { stores, people, merges, a, c, merge } = await threePeople(open);
    await people.change(a.personId, { notes: 'aunt', birthDate: '1984-02-29', entityId: 'x' });
    await people.change(c.personId, { entityId: 'y' });
    const { mergeId, faces, isNew } = await merge(a, c);
    assert.deepEqual([faces, isNew], [2, true]);
    assert.deepEqual(await facesOfPerson(stores, c.personId), [...a.faceIds, ...c.faceIds]);
    const cleo = { personId: c.personId, name: 'Cleo', notes: 'aunt', entityId: 'y', birthDate: '1984-02-29' };
    assert.deepEqual(await people.find(c.personId), { ...cleo, hidden: false });
    assert.deepEqual(
      (await people.list({ limit: 9, only: 'named' })).map(({ name }) => name),
      ['Cleo'],
    );
    assert.equal(await people.findByName('Anna'), undefined);
    assert.equal((await people.create({ name: 'anna' })).name, 'anna');
    assert.deepEqual(await merge(a, c), { mergeId, sourceId: a.personId, faces: 2, isNew: false });
    const [record] = await merges.mergesOf(a.personId);
    assert.deepEqual(
      [record?.source, record?.target.name, record?.undone],
      [{ personId: a.personId, name: 'Anna' }, 'Cleo', undefined],
    );
  });

  test('a cluster without a name gets the name of who is merged into it', async () => {
    const { people, a, b, merge } = await threePeople(open);
    await merge(a, b);
    assert.equal((await people.findByName('anna'))?.personId, b.personId);
  });

  test('several are merged in one go, and a preview says what will be', async () => {
    const { stores, people, merges, a, b, c } = await threePeople(open);
    await people.change(c.personId, { notes: 'from Cleo' });
    const wanted = { sources: [c.personId, a.personId, c.personId], target: b.personId };
    const preview = await merges.preview(wanted);
    assert.deepEqual(
      preview.sources.map(({ person, faces }) => [person.name, faces]),
      [
        ['Cleo', 1],
        ['Anna', 2],
      ],
    );
    assert.deepEqual([preview.target?.faces, preview.problems], [1, []]);
    const done = await merges.merge(wanted);
    assert.deepEqual(
      done.map(({ sourceId, faces }) => [sourceId, faces]),
      [
        [c.personId, 1],
        [a.personId, 2],
      ],
    );
    assert.deepEqual(await people.find(b.personId), preview.target?.after);
    assert.equal((await facesOfPerson(stores, b.personId)).length, 4);
    assert.deepEqual((await merges.preview(wanted)).problems, []);
  });

  test('20,000 faces are merged in one go, and go back', async () => {
    const { stores, merges, people, crowd, a, c, merge } = await threePeople(open);
    await crowd(a.personId, 20_000);
    const { mergeId, faces: moved } = await merge(a, c);
    assert.equal(moved, 20_002);
    assert.equal((await merges.unmerge(mergeId)).faces, 20_002);
    assert.deepEqual(await facesOfPerson(stores, c.personId), c.faceIds);
    assert.equal((await people.remove(a.personId, 'delete'))?.faces, 20_002);
  });
}

function refusing(open: () => Promise<PeopleStores>): void {
  test('who is not there, is merged already, or is the target itself is refused by name, and then nobody is merged', async () => {
    const { people, merges, stores, a, b, c, merge } = await threePeople(open);
    const into = async (...sources: string[]) => await merges.merge({ sources, target: c.personId });
    const gone = await people.create({ name: 'Gone' });
    await people.remove(gone.personId, 'set_null');
    await assert.rejects(into(b.personId, c.personId), is('merge-into-itself'));
    await assert.rejects(into(b.personId, gone.personId), is('person-missing'));
    await assert.rejects(into(b.personId, 'x'), is('person-missing'));
    await assert.rejects(merges.merge({ sources: [b.personId], target: gone.personId }), is('person-missing'));
    await merge(a, c);
    const toA = merges.merge({ sources: [b.personId], target: a.personId });
    await assert.rejects(
      toA,
      (error) => is('person-merged')(error) && String(error).includes(`person ${c.personId} now`),
    );
    await assert.rejects(merges.merge({ sources: [a.personId], target: b.personId }), is('person-merged'));
    assert.deepEqual(await facesOfPerson(stores, b.personId), b.faceIds);
    const { problems } = await merges.preview({ sources: [a.personId, gone.personId, b.personId], target: b.personId });
    assert.deepEqual(problems.length, 3);
    assert.match(problems.join('\n'), /merged already[^]*no person[^]*into themselves/);
  });

  test('who was merged is changed, deleted and given faces by nobody', async () => {
    const { people, assignments, a, b, c, merge } = await threePeople(open);
    await merge(a, c);
    await assert.rejects(people.change(a.personId, { name: 'x' }), is('person-merged'));
    await assert.rejects(people.find(a.personId), is('person-merged'));
    await assert.rejects(people.remove(a.personId, 'delete'), is('person-merged'));
    const given = { faceIds: b.faceIds, personId: a.personId };
    for (const by of ['person', 'cluster', 'tags'] as const) {
      await assert.rejects(assignments.assign({ ...given, by }), is('person-merged'));
    }
  });

  test('a merge that is not there, or whose target was deleted since, is not taken back', async () => {
    const { people, merges, faces, a, b, c, merge } = await threePeople(open);
    for (const odd of ['999', 'x', '']) await assert.rejects(merges.unmerge(odd), is('merge-missing'));
    const first = await merge(a, b);
    await merge(b, c);
    await people.remove(c.personId, 'set_null');
    await assert.rejects(merges.unmerge(first.mergeId), is('merge-missing'));
    assert.equal(await people.find(a.personId), undefined);
    assert.equal((await faces.find(a.faceIds[0] ?? ''))?.person, undefined);
  });
}
