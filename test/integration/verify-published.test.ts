import assert from 'node:assert/strict';
import { after, before, beforeEach, test, type TestContext } from 'node:test';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { readOnlyRemedy } from '../../domain/publication.ts';
import { nothingLookedAt, type VerifyTally } from '../../domain/verify.ts';
import { attempt } from '../support/attempt.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { day, minute, type WrittenLibrary, writtenLibrary } from '../support/written-library.ts';

let database: Database;
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 4 });
});
beforeEach(() => emptyTables(database));
after(() => database.close());

const found = (tally: Partial<VerifyTally>): VerifyTally => ({ ...nothingLookedAt, ...tally });

const uploads = ({ server }: WrittenLibrary, count: number) => server.addAssets(server.user.id, count);
const readOnlyFolder = ({ server }: WrittenLibrary, count: number) => {
  const libraryId = server.addLibrary(server.user.id, true);
  return { libraryId, ids: server.addAssets(server.user.id, count, { libraryId }) };
};

/** Immich's jobs are done, and it is time for a look. */
async function later(library: WrittenLibrary, ms = 3 * minute) {
  library.server.runJobs();
  library.clock.now += ms;
  return await library.round();
}

test('what stands after the jobs of Immich is seen once, and not looked at again before its week is over', async (t) => {
  const library = await writtenLibrary(t, database);
  const assets = await library.publish(uploads(library, 5));
  assert.deepEqual(await library.round(), nothingLookedAt, 'too early for a look');
  assert.deepEqual(await later(library), found({ looked: 5, stands: 5 }));
  assert.deepEqual(await later(library), nothingLookedAt);
  assert.deepEqual(await later(library, 7 * day), found({ looked: 5, stands: 5 }));
  assert.deepEqual(await library.states(assets), Array(5).fill('written 0'));
  assert.deepEqual(new Set(Object.values(library.server.counts().textsWritten)), new Set([1]));
});

test('what a read-only folder loses is put back once, then the library is said to be read-only, with what to do', async (t) => {
  const library = await writtenLibrary(t, database);
  const { ids } = readOnlyFolder(library, 3);
  const assets = await library.publish(ids);
  assert.deepEqual(await later(library), found({ looked: 3, putBack: 3 }));
  assert.equal(library.server.description(ids[0] ?? ''), `text of ${ids[0]}`);
  assert.deepEqual(await library.states(assets), Array(3).fill('written 1'));
  assert.equal(await library.readOnlySince(), undefined);

  const problems = [`immich ${readOnlyRemedy}`];
  assert.deepEqual(await later(library), found({ looked: 3, wiped: 3, problems }));
  assert.deepEqual(await library.states(assets), Array(3).fill('wiped 1'));
  assert.equal(await library.readOnlySince(), library.clock.now);
  assert.deepEqual(await later(library), nothingLookedAt);
  assert.deepEqual(await later(library, 8 * day), nothingLookedAt);
  assert.deepEqual(new Set(Object.values(library.server.counts().textsWritten)), new Set([2]));
});

test('later texts of a read-only library are not put back, until one stands there again', async (t) => {
  const library = await writtenLibrary(t, database);
  const { ids, libraryId } = readOnlyFolder(library, 4);
  const [first = '', second = '', third = '', fourth = ''] = ids;
  await library.publish([first]);
  await later(library);
  await later(library);
  assert.ok(await library.readOnlySince());
  const assets = await library.publish([second]);
  assert.deepEqual(await later(library), found({ looked: 1, wiped: 1, problems: [`immich ${readOnlyRemedy}`] }));
  assert.deepEqual(await library.states(assets), ['wiped 0']);
  assert.equal(library.server.counts().textsWritten[second], 1);

  library.server.setReadOnly(libraryId, false);
  await library.publish([third]);
  assert.deepEqual(await later(library), found({ looked: 1, stands: 1 }));
  assert.equal(await library.readOnlySince(), undefined);
  library.server.setReadOnly(libraryId, true);
  await library.publish([fourth]);
  assert.deepEqual(await later(library), found({ looked: 1, putBack: 1 }));
});

test('a folder that loses texts beside many that keep them does not close the library', async (t) => {
  const library = await writtenLibrary(t, database);
  const { ids } = readOnlyFolder(library, 2);
  await library.publish([...uploads(library, 6), ...ids]);
  assert.deepEqual(await later(library), found({ looked: 8, stands: 6, putBack: 2 }));
  assert.deepEqual(await later(library), found({ looked: 2, wiped: 2 }));
  assert.equal(await library.readOnlySince(), undefined);
});

test('a text that a person took out after it was seen is never put back; one that they changed stays theirs', async (t) => {
  const library = await writtenLibrary(t, database);
  const ids = uploads(library, 3);
  const [emptied = '', changed = ''] = ids;
  const assets = await library.publish(ids);
  await later(library);
  library.server.editByPerson(emptied, '');
  library.server.editByPerson(changed, 'Grandma at the lake');
  assert.deepEqual(await later(library, 7 * day), found({ looked: 3, stands: 1, cleared: 1, edited: 1 }));
  assert.deepEqual(await library.states(assets), ['cleared 0', 'kept 0', 'written 0']);
  assert.deepEqual(await later(library, 7 * day), found({ looked: 1, stands: 1 }));
  assert.equal(library.server.description(emptied), '');
  assert.equal(library.server.description(changed), 'Grandma at the lake');
  const { lostHumanTexts, writesAfterClear } = library.server.counts();
  assert.deepEqual([lostHumanTexts, writesAfterClear], [[], 0]);
});

test('many that are gone at once are told of, and nothing is changed', async (t) => {
  const library = await writtenLibrary(t, database);
  const ids = uploads(library, 12);
  const assets = await library.publish(ids);
  await later(library);
  for (const id of ids) library.server.editByPerson(id, '');
  const tally = await later(library, 7 * day);
  assert.deepEqual([tally.looked, tally.unsure, tally.cleared], [12, 12, 0]);
  assert.match(tally.problems.join(), /^immich: 12 texts that Darkroom wrote are gone, too many at once/);
  assert.deepEqual(await library.states(assets), Array(12).fill('written 0'));
  assert.equal(library.server.description(ids[0] ?? ''), '');
});

test('what was not looked at within the hour and is empty is left alone, until a person asks', async (t) => {
  const library = await writtenLibrary(t, database);
  const { ids, libraryId } = readOnlyFolder(library, 3);
  const assets = await library.publish(ids);
  assert.deepEqual(await later(library, 2 * 60 * minute), found({ looked: 3, unsure: 3 }));
  assert.deepEqual(
    await later(library, 7 * day),
    found({ looked: 3, unsure: 3 }),
    'nor is it called a person later on',
  );
  assert.deepEqual(await library.states(assets), Array(3).fill('written 0'));
  const [back = '', typed = ''] = ids;
  library.server.setReadOnly(libraryId, false);
  library.server.editByPerson(typed, 'Grandma at the lake');
  assert.equal(await library.verifications.tryAgain(library.library.id, library.clock.now), 3);
  assert.deepEqual(await later(library), found({ looked: 3, putBack: 2, edited: 1 }));
  assert.deepEqual(await later(library), found({ looked: 2, stands: 2 }));
  assert.deepEqual([back, typed].map(library.server.description), [`text of ${back}`, 'Grandma at the lake']);
});

test('when its folder is writable again, a person has what a read-only library lost put back', async (t) => {
  const library = await writtenLibrary(t, database);
  const { ids, libraryId } = readOnlyFolder(library, 2);
  const assets = await library.publish(ids);
  await later(library);
  await later(library);
  assert.deepEqual(await library.states(assets), ['wiped 1', 'wiped 1']);
  library.server.setReadOnly(libraryId, false);
  assert.equal(await library.verifications.tryAgain(library.library.id, library.clock.now), 2);
  assert.equal(await library.verifications.tryAgain(library.library.id, library.clock.now), 0);
  assert.equal(await library.readOnlySince(), undefined);
  assert.deepEqual(await later(library), found({ looked: 2, putBack: 2 }));
  assert.deepEqual(await later(library), found({ looked: 2, stands: 2 }));
});

test('while publish is paused nothing is put back, and afterwards it is, however long that was', async (t) => {
  const library = await writtenLibrary(t, database);
  const { ids, libraryId } = readOnlyFolder(library, 2);
  const assets = await library.publish(ids);
  library.clock.publishIsPaused = true;
  const problems = ['immich: 2 texts that Immich lost are put back when publish is not paused any more'];
  assert.deepEqual(await later(library), found({ looked: 2, problems }));
  assert.deepEqual(await later(library, 3 * 60 * minute), found({ looked: 2, problems }));
  assert.deepEqual(new Set(Object.values(library.server.counts().textsWritten)), new Set([1]));
  library.clock.publishIsPaused = false;
  library.server.setReadOnly(libraryId, false);
  assert.deepEqual(await later(library), found({ looked: 2, putBack: 2 }));
  assert.deepEqual(await library.states(assets), ['written 1', 'written 1']);
});

test('what a person types while it is put back stays', async (t) => {
  const library = await writtenLibrary(t, database);
  const { ids, libraryId } = readOnlyFolder(library, 1);
  const [id = ''] = ids;
  const assets = await library.publish(ids);
  library.server.setReadOnly(libraryId, true);
  library.server.runJobs();
  library.server.editWhen('before', { route: 'GET /assets/:id', after: 1, times: 1 }, 'Grandma at the lake');
  library.clock.now += 3 * minute;
  const tally = await library.round();
  assert.deepEqual([tally.looked, tally.putBack], [1, 0]);
  assert.deepEqual(await library.states(assets), ['kept 1']);
  assert.equal(library.server.description(id), 'Grandma at the lake');
  assert.deepEqual(library.server.counts().lostHumanTexts, []);
});

test('where a text stood before and stands again, ours is put back beside it, and never in its place', async (t) => {
  const library = await writtenLibrary(t, database);
  const { server } = library;
  const libraryId = server.addLibrary(server.user.id, true);
  const [beside = '', instead = ''] = server.addAssets(server.user.id, 2, { libraryId, humanText: 'The old mill' });
  const assets = await library.publish([beside, instead], (id) => (id === beside ? 'The old mill\n\nOurs.' : 'Ours.'));
  assert.deepEqual(await later(library), found({ looked: 2, putBack: 1, edited: 1 }));
  assert.deepEqual(await library.states(assets), ['written 1', 'kept 0']);
  assert.deepEqual(
    [server.description(beside), server.description(instead)],
    ['The old mill\n\nOurs.', 'The old mill'],
  );
});

test('a photo that is gone is looked at once, and its row stays', async (t) => {
  const library = await writtenLibrary(t, database);
  const ids = uploads(library, 2);
  const assets = await library.publish(ids);
  library.server.remove(ids[0] ?? '');
  assert.deepEqual(await later(library), found({ looked: 2, stands: 1, gone: 1 }));
  assert.deepEqual(await library.states(assets), ['written 0', 'written 0']);
  assert.deepEqual(await later(library), nothingLookedAt);
});

test('one that a person hid, or moved in time, is no page away from being found', async (t) => {
  const library = await writtenLibrary(t, database);
  const ids = uploads(library, 6);
  await library.publish(ids);
  const [hidden = '', moved = ''] = ids.slice(2);
  library.server.change(hidden, { visibility: 'hidden' });
  library.server.change(moved, { fileCreatedAt: Date.UTC(1990, 0, 1) });
  assert.deepEqual(await later(library), found({ looked: 6, stands: 6 }));
});

test('an Immich that is away is told of once in a round, and its texts are looked at when it is back', async (t) => {
  const library = await writtenLibrary(t, database);
  await library.publish(uploads(library, 3));
  library.server.runJobs();
  library.clock.now += 3 * minute;
  await library.server.down();
  const tally = await library.round();
  assert.deepEqual([tally.looked, tally.away], [0, ['immich']]);
  assert.match(tally.problems.join(), /^immich: /);
  await library.server.up();
  assert.deepEqual(await library.round(), found({ looked: 3, stands: 3 }));
});

/** Every place at which a process may end while a text is put back: the call at which it does, before or after it was made. */
const ends = ['row', 'look', 'write', 'last row'] as const;
for (const end of ends)
  for (const when of ['before', 'after'] as const)
    test(`a process that ends ${when} the ${end} of putting back is made up for, with no text written in vain`, async (t) => {
      const library = await scene(t);
      const [id = ''] = library.ids;
      library.endAt(end, when);
      await assert.rejects(library.round(['fresh']), /ended/);
      library.endAt(undefined, when);
      const tally = await library.round(['fresh']);
      const isDone = end === 'last row' && when === 'after';
      assert.deepEqual([tally.putBack + tally.stands, tally.problems], [isDone ? 0 : 1, []]);
      assert.equal(library.server.description(id), `text of ${id}`);
      assert.equal(library.server.counts().textsWritten[id], 2);
      assert.deepEqual(await library.states(library.assets), ['written 1']);
      library.setReadOnly(false);
      assert.deepEqual(await later(library), found({ looked: 1, stands: 1 }));
    });

/** One text that its folder lost, and ways to end the process that puts it back. */
async function scene(t: TestContext) {
  const ending: { at: (typeof ends)[number] | undefined; when: 'before' | 'after' } = { at: undefined, when: 'before' };
  const ended = (): never => {
    throw new Error('ended');
  };
  const endsAt = async <T>(place: (typeof ends)[number], act: () => Promise<T>): Promise<T> => {
    if (ending.at === place && ending.when === 'before') ended();
    const result = await act();
    if (ending.at === place && ending.when === 'after') ended();
    return result;
  };
  const library: WrittenLibrary = await writtenLibrary(t, database);
  const { immich, verifications } = library;
  const real = { immich: { ...immich }, rows: { ...verifications } };
  const { ids, libraryId } = readOnlyFolder(library, 1);
  const assets = await library.publish(ids);
  library.server.runJobs();
  library.clock.now += 3 * minute;
  let looks = 0;
  Object.assign(immich, {
    // The first look is the one that finds the text gone.
    asset: (...given: Parameters<typeof immich.asset>) =>
      (looks += 1) % 2 === 1 ? real.immich.asset(...given) : endsAt('look', () => real.immich.asset(...given)),
    writeDescription: (...given: Parameters<typeof immich.writeDescription>) =>
      endsAt('write', () => real.immich.writeDescription(...given)),
  });
  Object.assign(verifications, {
    putBack: (...given: Parameters<typeof verifications.putBack>) => endsAt('row', () => real.rows.putBack(...given)),
    judged: async (...given: Parameters<typeof verifications.judged>) =>
      given[0].length === 0 ? undefined : await endsAt('last row', () => real.rows.judged(...given)),
  });
  return {
    ...library,
    ids,
    assets,
    setReadOnly: (readOnly: boolean) => library.server.setReadOnly(libraryId, readOnly),
    endAt(at: (typeof ends)[number] | undefined, when: 'before' | 'after') {
      looks = 0;
      Object.assign(ending, { at, when });
    },
  };
}

test('a page that is looked at twice answers the same and writes nothing', async (t) => {
  const library = await writtenLibrary(t, database);
  const { ids } = readOnlyFolder(library, 2);
  await library.publish([...ids, ...uploads(library, 2)]);
  library.server.runJobs();
  library.clock.now += 3 * minute;
  const input = { kind: 'fresh', startedAt: library.clock.now, without: [] } as const;
  const first = await attempt().run(library.activities.verifyPage, input);
  assert.deepEqual(first, found({ looked: 4, stands: 2, putBack: 2 }));
  const writes = library.server.writes().length;
  assert.deepEqual(await attempt().run(library.activities.verifyPage, input), nothingLookedAt);
  assert.equal(library.server.writes().length, writes);
});

test('texts that were written together are read by the page, and scattered ones alone', async (t) => {
  const library = await writtenLibrary(t, database);
  const ids = uploads(library, 700);
  await library.publish(ids.slice(100, 400));
  await library.immich.page({ cursor: undefined, limit: 1, signal: AbortSignal.timeout(9_000) });
  library.server.resetCounts();
  const together = await later(library);
  assert.deepEqual(together, found({ looked: 300, stands: 300 }));
  // A page asks for the timeline and for the archive.
  assert.deepEqual(library.server.counts().requests, { 'POST /search/metadata': 2 });

  // Days apart from each other, with 400 photos of other people's days in between.
  const day1 = Date.UTC(2001, 0, 1);
  const far = [0, 1, 2, 3, 4, 5].map((nth) =>
    library.server.addAsset(library.server.user.id, { fileCreatedAt: day1 + nth * 30 * day }),
  );
  for (const [nth] of far.entries())
    for (let at = 1; at <= 400; at += 1)
      library.server.addAsset(library.server.user.id, { fileCreatedAt: day1 + nth * 30 * day + at * minute });
  await library.publish(far);
  library.server.resetCounts();
  assert.deepEqual(await later(library), found({ looked: 6, stands: 6 }));
  // The newest one is on the page that tells that there are not many.
  assert.deepEqual(library.server.counts().requests, { 'POST /search/metadata': 2, 'GET /assets/:id': 5 });
});
