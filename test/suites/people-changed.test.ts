import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createToldPeople } from '../../adapters/postgres/told-people.ts';
import type { PhotoSelection } from '../../domain/selection.ts';
import { boxAt, model, peopleStores, personWith, withFaces } from '../support/people-scene.ts';
import { hashOf } from '../support/store-samples.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';

let database: Database;
before(async () => {
  database = connect((await migratedDatabase()).address, { max: 6, limitMs: 60_000 });
});
after(() => database.close());

const photos = ['a1', 'a2', 'b1'] as const;

/** Anna with two photos, somebody without a name on a third one; each photo is in the folder "pictures". */
async function scene() {
  await emptyTables(database);
  const stores = peopleStores(database);
  const ids = new Map<string, string>();
  for (const name of photos) ids.set(name, await stores.photo('pictures', name));
  const anna = await personWith(stores, 'Anna', ['a1', 'a2']);
  const nobody = await personWith(stores, undefined, ['b1']);
  await calm();
  return { ...stores, stores, anna, nobody, idOf: (name: string) => ids.get(name) ?? '' };
}

const calm = () => database.run((sql) => sql`update darkroom.asset set people_changed = null`);

const markedRow = z.object({ path: z.string() });
async function marked(): Promise<string[]> {
  const rows = await database.rows(
    markedRow,
    (sql) => sql`select path from darkroom.asset where people_changed is not null order by path`,
  );
  return rows.map(({ path }) => path.replace('.jpg', ''));
}

test('a name that is given, changed, hidden or taken away marks the photos of that person, and no others', async () => {
  const { people, anna, nobody } = await scene();
  const changes: readonly (() => Promise<unknown>)[] = [
    () => people.change(anna.personId, { name: 'Ana' }),
    () => people.change(anna.personId, { hidden: true }),
    () => people.change(anna.personId, { hidden: false }),
    () => people.change(anna.personId, { name: null }),
    () => people.change(anna.personId, { name: 'Anna' }),
  ];
  for (const change of changes) {
    await change();
    assert.deepEqual(await marked(), ['a1', 'a2'], String(change));
    await calm();
  }
  await people.change(anna.personId, { notes: 'aunt', birthDate: '1984-02-29', entityId: 'x' });
  await people.change(anna.personId, { name: 'Anna' });
  await people.change(nobody.personId, { hidden: true });
  await people.change(nobody.personId, { hidden: false });
  assert.deepEqual(await marked(), []);
});

test('a face that gets a person with a name, or loses one, marks its photo, whoever said so', async () => {
  const { assignments, stores, anna, nobody } = await scene();
  const [loose = ''] = await withFaces(stores, 'loose', 1);
  await stores.photo('pictures', 'loose');
  await calm();
  await assignments.assign({ faceIds: [loose], personId: nobody.personId, by: 'cluster' });
  assert.deepEqual(await marked(), [], 'one without a name is told to nobody');
  await assignments.assign({ faceIds: [loose], personId: anna.personId, by: 'person' });
  assert.deepEqual(await marked(), ['loose']);
  await calm();
  await assignments.assign({ faceIds: [loose], personId: anna.personId, by: 'person' });
  await assignments.suggest([{ faceId: loose, personId: nobody.personId, cosine: 0.4 }]);
  await assignments.defer([loose]);
  assert.deepEqual(await marked(), [], 'nothing has changed');
  await assignments.unassign([loose]);
  assert.deepEqual(await marked(), ['loose']);
  await calm();
  await assignments.assign({ faceIds: nobody.faceIds, personId: anna.personId, by: 'person' });
  assert.deepEqual(await marked(), ['b1']);
});

test('faces that are drawn or deleted mark their photo where the person has a name', async () => {
  const { faces, anna, nobody } = await scene();
  const drawn = { contentHash: hashOf('b1'), model, box: boxAt(5) };
  await faces.addManual({ ...drawn, personId: nobody.personId });
  assert.deepEqual(await marked(), []);
  const { faceId } = await faces.addManual({ ...drawn, personId: anna.personId });
  assert.deepEqual(await marked(), ['b1']);
  await calm();
  await faces.remove([faceId, ...nobody.faceIds]);
  assert.deepEqual(await marked(), ['b1']);
  await calm();
  await faces.remove(anna.faceIds.slice(0, 1));
  assert.deepEqual(await marked(), ['a1']);
});

test('merging, taking it back and deleting mark whose name is another one then', async () => {
  const { people, merges, anna, nobody } = await scene();
  const [merge] = await merges.merge({ sources: [nobody.personId], target: anna.personId });
  assert.deepEqual(await marked(), ['b1']);
  await calm();
  await merges.unmerge(merge?.mergeId ?? '');
  assert.deepEqual(await marked(), ['b1']);
  await calm();
  const [into] = await merges.merge({ sources: [anna.personId], target: nobody.personId });
  assert.deepEqual(await marked(), ['b1'], 'who had no name is called Anna now, and Anna still is');
  await calm();
  await merges.unmerge(into?.mergeId ?? '');
  assert.ok((await marked()).includes('b1'));
  await calm();
  await people.remove(anna.personId, 'set_null');
  assert.deepEqual(await marked(), ['a1', 'a2']);
  await calm();
  await people.change(nobody.personId, { name: 'Ben' });
  await calm();
  await people.remove(nobody.personId, 'delete');
  assert.deepEqual(await marked(), ['b1']);
});

test('photos of an Immich are left to what Immich says', async () => {
  const { people, anna } = await scene();
  await database.run((sql) => sql`update darkroom.library set kind = 'immich'`);
  await people.change(anna.personId, { name: 'Ana' });
  assert.deepEqual(await marked(), []);
});

test('a photo that is told the names is marked no more, unless a name comes while it is told', async () => {
  const { people, anna, idOf } = await scene();
  const told = createToldPeople({ database });
  await people.change(anna.personId, { name: 'Ana', birthDate: '1984-02-29' });
  const a1 = { assetId: idOf('a1'), contentHash: hashOf('a1'), model };
  assert.deepEqual(await told.tell(a1), [{ personId: anna.personId, name: 'Ana', birthDate: '1984-02-29' }]);
  assert.deepEqual(await marked(), ['a2']);
  assert.deepEqual(await told.tell({ ...a1, assetId: 'no id', contentHash: hashOf('b1') }), []);

  // Each round names Anna once more while the photo is told who she is: it was told the last name, or it is marked.
  for (let round = 0; round < 40; round += 1) {
    const name = `Anna ${round}`;
    const [names] = await Promise.all([told.tell(a1), people.change(anna.personId, { name })]);
    const knows = names.some((one) => one.name === name);
    assert.equal((await marked()).includes('a1'), !knows, `round ${round}: told ${JSON.stringify(names)}`);
  }
});

test('many who mark the same photos at once wait for no one for ever', async () => {
  const { stores, people, assignments } = await scene();
  const pairs = Array.from({ length: 20 }, (_, nth) => `both${nth}`);
  const [left, right]: [string[], string[]] = [[], []];
  for (const name of pairs) {
    await stores.photo('pictures', name);
    const [one = '', two = ''] = await withFaces(stores, name, 2);
    left.push(one);
    right.push(two);
  }
  const ben = await people.create({ name: 'Ben' });
  const eva = await people.create({ name: 'Eva' });
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      assignments.assign({ faceIds: left, personId: ben.personId, by: 'person' }),
      assignments.assign({ faceIds: right.toReversed(), personId: eva.personId, by: 'person' }),
      people.change(ben.personId, { name: `Ben ${round}` }),
    ]);
    await Promise.all([assignments.unassign(left), assignments.unassign(right)]);
  }
  assert.equal((await marked()).length, pairs.length);
});

test('a backfill finds photos by people, those whose names changed, and those of who was merged', async () => {
  const { people, merges, stores, anna, nobody } = await scene();
  const backfills = createBackfillStore({ database });
  await database.run((sql) => sql`update darkroom.asset set state = 'done'`);
  const chosen = async (selection: PhotoSelection, library = 'pictures') => {
    const scope = { library, wantedHash: hashOf('recipe') };
    const page = await backfills.page({ backfill: 'b1', selection }, { ...scope, cursor: undefined, limit: 10 });
    assert.equal(await backfills.count(selection, scope), page.photos.length);
    return page.photos.map(({ asset }) => asset.path.replace('.jpg', '')).toSorted();
  };
  const changed = { which: { kind: 'written', people: 'changed' } } as const;
  const of = (...ids: string[]) => ids.map((id) => ({ id, name: id }));
  assert.deepEqual(await chosen(changed), []);
  await people.change(anna.personId, { name: 'Ana' });
  await people.change(nobody.personId, { name: 'Ben' });
  assert.deepEqual(await chosen(changed), ['a1', 'a2', 'b1']);
  assert.deepEqual(await chosen({ ...changed, people: of(nobody.personId) }), ['b1']);
  assert.deepEqual(await chosen({ ...changed, people: of('99', 'no id') }), []);
  assert.deepEqual(await chosen({ ...changed, people: of(nobody.personId), albums: of('1') }), []);
  await merges.merge({ sources: [nobody.personId], target: anna.personId });
  assert.deepEqual(await chosen({ ...changed, people: of(nobody.personId) }), ['a1', 'a2', 'b1']);
  await stores.photo('elsewhere', 'a1');
  assert.deepEqual(await chosen({ which: { kind: 'wanted' }, people: of(anna.personId) }, 'elsewhere'), ['a1']);
  await database.run((sql) => sql`update darkroom.library set kind = 'immich'`);
  assert.deepEqual(await chosen({ ...changed, people: of(anna.personId) }), [], 'an Immich has people of its own');
});
