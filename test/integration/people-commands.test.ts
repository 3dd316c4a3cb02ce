import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { listPeople } from '../../clients/commands/people-list.ts';
import { mergePeople, unmergePeople } from '../../clients/commands/people-merge.ts';
import { namePerson } from '../../clients/commands/people-name.ts';
import { showPerson } from '../../clients/commands/people-show.ts';
import { peopleStats } from '../../clients/commands/people-stats.ts';
import { suggestPeople } from '../../clients/commands/people-suggest.ts';
import { createOutput, type Output } from '../../clients/output.ts';
import { textWidth } from '../../clients/text-columns.ts';
import { loadSettings } from '../../runtime/config.ts';
import { facesOfPerson, is, model, personWith, peopleStores, withFaces } from '../support/people-scene.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';

let database: Database;
before(async () => {
  database = connect((await migratedDatabase()).address, { max: 4, limitMs: 60_000 });
});
after(() => database.close());

/** Anna on two described photos, two without names, and a face that is like Anna and nobody's. */
async function scene() {
  await emptyTables(database);
  const stores = peopleStores(database);
  for (const name of ['a1', 'a2', 'b1', 'c1', 'like']) await stores.photo('pictures', name);
  await stores.photo('phone', 'a1');
  const anna = await personWith(stores, 'Anna', ['a1', 'a2']);
  const b = await personWith(stores, undefined, ['b1']);
  const c = await personWith(stores, undefined, ['c1']);
  const [like = ''] = await withFaces(stores, 'like', 1);
  await stores.assignments.suggest([{ faceId: like, personId: anna.personId, cosine: 0.44 }]);
  await database.run((sql) => sql`update darkroom.asset set people_changed = null`);
  const { faces, assignments, people: persons, merges } = stores;
  const opened = {
    people: { faces, assignments, persons, merges },
    assets: createAssetStore({ database }),
    backfillStore: createBackfillStore({ database }),
    settings: loadSettings({}),
  };
  return { stores, opened, anna, b, c, like };
}

/** What a command says in a terminal of so many columns, with what it answers. */
async function said<T>(work: (out: Output) => Promise<T>, columns = 100) {
  const parts: string[] = [];
  const answer = await work(createOutput({ write: (text) => parts.push(text), columns }));
  return { answer, text: parts.join(''), lines: parts.join('').trimEnd().split('\n') };
}

const everybody = { library: undefined, words: undefined, only: undefined, hidden: false, limit: 50, json: false };
const plain = { json: false };

test('the list has who is named first, then the others, with faces and photos by library', async () => {
  const { opened, anna, b, c } = await scene();
  const { lines } = await said((out) => listPeople(opened, out, everybody));
  assert.deepEqual(
    lines.slice(0, 3).map((line) => line.split(/\s{2,}/)),
    [
      [anna.personId, 'Anna', '2 faces', '3 photos', 'phone 1, pictures 2'],
      [b.personId, 'no name', '1 face', '1 photo', 'pictures 1'],
      [c.personId, 'no name', '1 face', '1 photo', 'pictures 1'],
    ],
  );
  assert.match(lines.at(-1) ?? '', new RegExp(`darkroom people name ${b.personId} `));
  const list = async (asked: object) => (await said((out) => listPeople(opened, out, { ...everybody, ...asked }))).text;
  assert.match(await list({ library: 'phone' }), /^1 +Anna +1 face +1 photo +phone 1\n/);
  assert.doesNotMatch(await list({ only: 'unnamed' }), /Anna/);
  assert.match(await list({ words: 'ANN' }), /Anna/);
  assert.match(await list({ words: 'Zoe' }), /^Nobody is called so: Zoe\n$/);
  assert.match(await list({ limit: 1 }), /There are more: --limit 2/);
  const { people, isMore } = JSON.parse(await list({ json: true, limit: 2 }));
  assert.deepEqual([people.length, people[0].name, people[0].libraries.length, isMore], [2, 'Anna', 2, true]);
  await assert.rejects(list({ library: 'nix' }), { name: 'UsageError', message: /no library called nix/ });
});

test('what is shown fits a narrow terminal, and a name cannot move the cursor', async () => {
  const { opened, anna, b, like } = await scene();
  await opened.people.persons.change(anna.personId, {
    name: '王小明 von und zu Hohenlohe-Schillingsfürst',
    notes: 'one\ntwo',
  });
  const shown = await Promise.all([
    said((out) => listPeople(opened, out, everybody), 40),
    said((out) => showPerson(opened, out, { who: anna.personId, limit: 5, json: false }), 40),
    said((out) => suggestPeople(opened, out, { ...noWord, who: anna.personId }), 40),
    said((out) => peopleStats(opened, out, { library: undefined, json: false }), 40),
  ]);
  for (const { lines, text } of shown)
    assert.ok(
      lines.every((line) => textWidth(line) <= 44),
      text,
    );
  assert.match(shown[2]?.text ?? '', new RegExp(`f${like}`));
  await opened.people.persons.change(anna.personId, { name: 'An\u202Ena' });
  assert.doesNotMatch((await said((out) => listPeople(opened, out, everybody))).text, /\u202E/);
  await opened.people.persons.change(anna.personId, { notes: '' });
  await opened.people.persons.change(b.personId, { notes: 'a\u001B[2Jb' });
  const merging = { ...plain, who: [b.personId, anna.personId], dryRun: true, yes: false, ask: undefined };
  const { text } = await said((out) => mergePeople(opened, out, merging));
  assert.match(text, /gets the notes ab/);
});

test('naming says which photos were described before, and how to do them again', async () => {
  const { stores, opened, b } = await scene();
  const { text } = await said((out) => namePerson(opened, out, { ...plain, who: b.personId, name: ' Ben "Ace" $x ' }));
  assert.match(text, new RegExp(`^Person ${b.personId} is Ben "Ace" \\$x now\\. 1 face on 1 photo: pictures 1\\.\n`));
  assert.match(text, /1 photo was described before\. To describe it again:\n/);
  assert.ok(text.endsWith('  darkroom backfill pictures --redo people --person "Ben \\"Ace\\" \\$x"\n'), text);

  const redone: string[] = [];
  const redo = async (library: string, ids: readonly string[]) => redone.push(`${library} ${ids.join()}`) === 1;
  const again = await said((out) => namePerson(opened, out, { json: false, who: 'ben "ace" $X', name: 'Ben', redo }));
  assert.match(again.text, /is Ben now, was Ben "Ace" \$x\..*described again now, behind everything else/s);
  assert.deepEqual(redone, [`pictures ${b.personId}`]);
  const twice = await said((out) => namePerson(opened, out, { json: false, who: 'Ben', name: 'Bert', redo }));
  assert.match(twice.text, /In pictures that is under way already.*\n {2}darkroom backfill pictures --redo people/s);
  assert.doesNotMatch(twice.text, /described again now/);
  const none = namePerson(opened, (await said(async (out) => out)).answer, {
    json: false,
    who: `f${b.faceIds[0]}`,
    name: undefined,
    redo,
  });
  await assert.rejects(none, { name: 'UsageError', message: /--redescribe is for people/ });
  assert.deepEqual(await facesOfPerson(stores, b.personId), b.faceIds, 'nothing was changed');

  const json = JSON.parse(
    (await said((out) => namePerson(opened, out, { json: true, who: 'Bert', name: undefined }))).text,
  );
  assert.deepEqual([json.person.name, json.faces, json.woken], [undefined, 1, [{ library: 'pictures', photos: 1 }]]);
});

test('a name that is taken says whose it is and offers to merge', async () => {
  const { opened, anna, b } = await scene();
  const name = (who: string) => said((out) => namePerson(opened, out, { ...plain, who, name: 'ANNA' }));
  const offer = {
    name: 'UsageError',
    message: new RegExp(
      `taken by Anna \\(${anna.personId}\\), with 2 faces on 3 photos.*darkroom people merge ${b.personId} ${anna.personId}$`,
    ),
  };
  await assert.rejects(name(b.personId), offer);
  await assert.rejects(name(`f${b.faceIds[0]}`), offer);
  await assert.rejects(name('f999'), is('face-missing'));
  await assert.rejects(name('Nobody'), /Nobody is called "Nobody"/);
  await assert.rejects(name('999'), is('person-missing'));
  await assert.rejects(
    said((out) => namePerson(opened, out, { ...plain, who: 'Anna', name: ' \u0000 ' })),
    is('name-invalid'),
  );
});

test('a face says who its cluster is; one that is nobody’s, or somebody else’s, changes hands alone', async () => {
  const { stores, opened, anna, b, like } = await scene();
  const name = (who: string, to: string | undefined) =>
    said((out) => namePerson(opened, out, { ...plain, who, name: to }));
  await name(`f${b.faceIds[0]}`, 'Ben');
  assert.equal((await stores.people.find(b.personId))?.name, 'Ben');
  assert.match((await name(`F${like}`, 'anna')).text, /^That face is one of Anna \(1\) now\./);
  assert.deepEqual(await facesOfPerson(stores, anna.personId), [...anna.faceIds, like]);
  await name(`f${like}`, 'Zoe');
  assert.equal((await stores.faces.find(like))?.person?.name, 'Zoe');
  assert.match((await name(`f${like}`, undefined)).text, /belongs to nobody now/);
  assert.equal((await stores.faces.find(like))?.person, undefined);
});

test('a merge is shown before it is done, asked for, and taken back by its number or its people', async () => {
  const { stores, opened, anna, b, c } = await scene();
  const merge = (who: readonly string[], more: object = {}) =>
    said((out) => mergePeople(opened, out, { ...plain, who, dryRun: false, yes: false, ask: undefined, ...more }));
  const dry = await merge([b.personId, c.personId, 'Anna'], { dryRun: true });
  assert.equal(dry.answer, 0);
  assert.match(dry.text, /without a name \(2\): 1 face\n.*\n {2}into Anna \(1\): 2 faces, 4 faces then\n$/s);
  const no = await merge([b.personId, 'Anna'], { ask: async () => false });
  assert.deepEqual([no.answer, no.lines.at(-1)], [1, 'Nothing was changed.']);
  assert.deepEqual(await facesOfPerson(stores, anna.personId), anna.faceIds);

  const done = await merge([b.personId, 'Anna'], { ask: async () => true });
  assert.match(
    done.text,
    /Done: 1 face moved\. To take it back: darkroom people unmerge m1\n1 photo was described before/,
  );
  await merge([c.personId, 'Anna']);
  const unmerge = (what: string) => said((out) => unmergePeople(opened, out, { ...plain, what }));
  await assert.rejects(unmerge('Anna'), {
    name: 'UsageError',
    message: /Which merge\?.*\n {2}m2 {2}somebody without a name \(3\) into Anna \(1\): 1 face.*\n {2}m1 /,
  });
  assert.match(
    (await unmerge('m1')).text,
    /^somebody without a name \(2\) is somebody else than Anna \(1\) again: 1 face/,
  );
  assert.match((await unmerge('m1')).text, /taken back before/);
  assert.match((await unmerge(c.personId)).text, /1 face went back/);
  await assert.rejects(unmerge('Anna'), /No merge of Anna is there/);
  await assert.rejects(unmerge('m99'), is('merge-missing'));
  const { text } = await said((out) => showPerson(opened, out, { who: 'anna', limit: 1, json: false }));
  assert.match(
    text,
    /^Anna \(1\)\n {2}2 faces on 3 photos: phone 1, pictures 2\n\nmerges\n {2}m2 .*taken back on .*\nfaces\n.*and 1 more/s,
  );
});

test('a merge that cannot be is refused with the reason, and nobody is changed', async () => {
  const { stores, opened, anna, b, c } = await scene();
  const merge = (...who: string[]) =>
    said((out) => mergePeople(opened, out, { ...plain, who, dryRun: false, yes: true, ask: undefined }));
  const itself = await merge(b.personId, 'Anna', anna.personId);
  assert.equal(itself.answer, 1);
  assert.match(itself.text, /Person 1 cannot be merged into themselves/);
  await stores.people.remove(c.personId, 'set_null');
  await assert.rejects(merge(c.personId, 'Anna'), is('person-missing'));
  await merge(b.personId, 'Anna');
  await assert.rejects(
    merge(b.personId, 'Anna'),
    (error) => is('person-merged')(error) && String(error).includes('person 1'),
  );
  await assert.rejects(merge('Anna'), { name: 'UsageError', message: /<person…> <into whom>/ });
});

const noWord = { who: undefined, library: undefined, limit: 20, accept: [], reject: [], json: false };

test('suggestions are listed with their photo, and taken or refused for good', async () => {
  const { stores, opened, anna, like } = await scene();
  const suggest = (more: object) => said((out) => suggestPeople(opened, out, { ...noWord, ...more }));
  const { lines } = await suggest({});
  assert.equal(lines[0], `f${like}  Anna (1), 44 % alike  pictures/like.jpg`);
  assert.match(lines.at(-1) ?? '', new RegExp(`--accept f${like} …`));
  assert.equal(JSON.parse((await suggest({ json: true })).text).suggestions[0].asset.path, 'like.jpg');
  assert.match((await suggest({ library: 'phone' })).text, /^No face is like somebody/);
  await assert.rejects(suggest({ accept: ['x'] }), { name: 'UsageError', message: /"x" is no face/ });
  await assert.rejects(suggest({ accept: [`f${like}`], reject: [like] }), /cannot be accepted and rejected at once/);
  await assert.rejects(suggest({ accept: [`f${like}`, 'f999'] }), is('face-missing'));
  await assert.rejects(suggest({ accept: [`f${like}`], reject: ['f999'] }), is('face-missing'));
  assert.deepEqual(await facesOfPerson(stores, anna.personId), anna.faceIds, 'one that is wrong: none is changed');

  assert.match((await suggest({ reject: [`f${like}`] })).text, /1 face will not be suggested for Anna \(1\) again/);
  await stores.assignments.suggest([{ faceId: like, personId: anna.personId, cosine: 0.44 }]);
  await assert.rejects(suggest({ accept: [like] }), /suggested for nobody/);
  const [other = ''] = await withFaces(stores, 'other', 1);
  await stores.assignments.suggest([{ faceId: other, personId: anna.personId, cosine: 0.41 }]);
  assert.match((await suggest({ accept: [other] })).text, /^1 face of Anna \(1\) now\./);
  assert.deepEqual(await facesOfPerson(stores, anna.personId), [...anna.faceIds, other]);
});

test('the figures say that nothing is looked at without a face service', async () => {
  const { opened } = await scene();
  const { text } = await said((out) => peopleStats(opened, out, { library: undefined, json: false }));
  assert.match(text, /^photos with faces +5\n.*\n {2}like somebody +1\npeople +3\n {2}with a name +1\n/s);
  assert.match(text, /FACE_API_URL/);
  const {
    model: used,
    faces,
    library,
  } = JSON.parse((await said((out) => peopleStats(opened, out, { library: 'phone', json: true }))).text);
  assert.deepEqual([used, faces, library], [model, 1, 'phone']);
});
