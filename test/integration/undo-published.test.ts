import assert from 'node:assert/strict';
import { after, before, beforeEach, test, type TestContext } from 'node:test';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { addUndone, nothingUndone, type UndoPageInput, type UndoTally } from '../../domain/undo.ts';
import { attempt } from '../support/attempt.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { minute, type WrittenLibrary, writtenLibrary } from '../support/written-library.ts';

let database: Database;
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 4 });
});
beforeEach(() => emptyTables(database));
after(() => database.close());

const all = { kind: 'since', library: 'immich', from: 0 } as const;
const found = (tally: Partial<UndoTally>): UndoTally => ({ ...nothingUndone, ...tally });

/** All pages, as the workflow goes through them. */
async function undo(
  { activities }: WrittenLibrary,
  over: Partial<Omit<UndoPageInput, 'after'>> = {},
): Promise<UndoTally> {
  let sum = nothingUndone;
  for (let after: string | undefined = ''; after !== undefined;) {
    const input: UndoPageInput = { choice: all, dryRun: false, ...over, after };
    const page: Awaited<ReturnType<typeof activities.undoPage>> = await attempt().run(activities.undoPage, input);
    sum = addUndone(sum, page);
    after = over.limit === undefined ? page.next : undefined;
  }
  return sum;
}

const uploads = ({ server }: WrittenLibrary, count: number, humanText = '') =>
  server.addAssets(server.user.id, count, { humanText });

test('what stood there before stands there again, or nothing, and Immich holds no mark of ours any more', async (t) => {
  const library = await writtenLibrary(t, database);
  const { server, immich } = library;
  const [empty = '', human = ''] = [...uploads(library, 1), ...uploads(library, 1, 'The old mill')];
  const assets = await library.publish([empty, human], (id) => (id === empty ? 'Ours.' : 'The old mill\n\nOurs.'));
  const signal = AbortSignal.timeout(9_000);
  const provenance = { recipe: 'a'.repeat(64), model: 'm', textSha: 'b'.repeat(64), at: new Date(0).toISOString() };
  await immich.writeProvenance([{ id: empty, provenance }], signal);

  assert.deepEqual(await undo(library, { dryRun: true }), found({ looked: 2, undone: 2 }));
  assert.equal(server.description(empty), 'Ours.', 'a dry run changes nothing');
  assert.deepEqual(await library.states(assets), ['written 0', 'written 0']);

  assert.deepEqual(await undo(library), found({ looked: 2, undone: 2 }));
  assert.deepEqual([server.description(empty), server.description(human)], ['', 'The old mill']);
  assert.deepEqual(await library.states(assets), ['undone 0', 'undone 0']);
  assert.equal(await immich.provenance(empty, signal), undefined);
  assert.deepEqual(await undo(library), nothingUndone, 'once is enough');
  assert.deepEqual(server.counts().lostHumanTexts, []);
});

test('a field that somebody changed or emptied since is left as it is, and listed', async (t) => {
  const library = await writtenLibrary(t, database);
  const { server } = library;
  const ids = uploads(library, 3);
  const [changed = '', emptied = '', ours = ''] = ids;
  const assets = await library.publish(ids);
  server.editByPerson(changed, 'text of somebody');
  server.editByPerson(emptied, '');
  const listed = [assets[0], assets[1]].filter((one) => one !== undefined);
  const tally = await undo(library);
  assert.deepEqual([tally.looked, tally.undone, tally.edited], [3, 1, 2]);
  assert.deepEqual(new Set(tally.listed), new Set(listed));
  assert.deepEqual([changed, emptied, ours].map(server.description), ['text of somebody', '', '']);
  assert.deepEqual(await library.states(assets), ['written 0', 'written 0', 'undone 0']);
});

test('one that a person changed, as the verification saw, is listed as well', async (t) => {
  const library = await writtenLibrary(t, database);
  const ids = uploads(library, 1);
  const assets = await library.publish(ids);
  library.server.editByPerson(ids[0] ?? '', 'text of somebody');
  library.clock.now += 3 * minute;
  await library.round();
  assert.deepEqual(await undo(library), found({ looked: 1, edited: 1, listed: assets }));
});

test('what a person types in the moment of the write stays', async (t) => {
  const library = await writtenLibrary(t, database);
  const { server } = library;
  const ids = uploads(library, 1);
  const assets = await library.publish(ids);
  // The second look is the one right before the write.
  server.editWhen('before', { route: 'GET /assets/:id', after: 1, times: 1 }, 'typed just now');
  assert.deepEqual(await undo(library), found({ looked: 1, edited: 1, listed: assets }));
  assert.equal(server.description(ids[0] ?? ''), 'typed just now');
  assert.deepEqual(await library.states(assets), ['kept 0']);
});

test('only the texts of a run are taken back, and no more than asked for', async (t) => {
  const library = await writtenLibrary(t, database);
  const ids = uploads(library, 6);
  await library.publish(ids.slice(0, 2), (id) => `first ${id}`, 'run-a');
  await library.publish(ids.slice(2), (id) => `second ${id}`, 'run-b');
  assert.deepEqual(await undo(library, { choice: { kind: 'run', runId: 'run-a' } }), found({ looked: 2, undone: 2 }));
  assert.deepEqual(await undo(library, { limit: 3 }), found({ looked: 3, undone: 3 }));
  const left = ids.filter((id) => library.server.description(id) !== '');
  assert.equal(left.length, 1);
});

test('many are looked at in pages', async (t) => {
  const library = await writtenLibrary(t, database);
  await library.publish(uploads(library, 230));
  library.server.resetCounts();
  assert.deepEqual(await undo(library, { dryRun: true }), found({ looked: 230, undone: 230 }));
  const { requests } = library.server.counts();
  // Two pages of rows, each read by the timeline and the archive.
  assert.deepEqual(requests, { 'GET /users/me': 1, 'POST /search/metadata': 4 });
});

test('a photo that is gone is passed over', async (t) => {
  const library = await writtenLibrary(t, database);
  const ids = uploads(library, 2);
  await library.publish(ids);
  library.server.remove(ids[0] ?? '');
  assert.deepEqual(await undo(library), found({ looked: 2, undone: 1, gone: 1 }));
});

/** Every place at which a process may end while a text is taken back. */
const ends = ['row', 'look', 'write', 'mark', 'last row'] as const;
for (const end of ends)
  for (const when of ['before', 'after'] as const)
    test(`a process that ends ${when} the ${end} of taking back is made up for, with one write`, async (t) => {
      const library = await ending(t);
      library.endAt(end, when);
      await assert.rejects(undo(library), /ended/);
      library.endAt(undefined, when);
      const isDone = end === 'last row' && when === 'after';
      assert.deepEqual(await undo(library), isDone ? nothingUndone : found({ looked: 1, undone: 1 }));
      assert.equal(library.server.description(library.id), 'The old mill');
      assert.deepEqual(await library.states(library.assets), ['undone 0']);
      const writes = library.server.writes().filter(({ by }) => by === 'api');
      assert.equal(writes.length, 2);
    });

async function ending(t: TestContext) {
  const at: { place: (typeof ends)[number] | undefined; when: 'before' | 'after' } = {
    place: undefined,
    when: 'before',
  };
  const endsAt = async <T>(place: (typeof ends)[number], act: () => Promise<T>): Promise<T> => {
    if (at.place === place && at.when === 'before') throw new Error('ended');
    const result = await act();
    if (at.place === place && at.when === 'after') throw new Error('ended');
    return result;
  };
  const library = await writtenLibrary(t, database);
  const { immich, undos } = library;
  const real = { immich: { ...immich }, undos: { ...undos } };
  const [id = ''] = uploads(library, 1, 'The old mill');
  const assets = await library.publish([id], () => 'The old mill\n\nOurs.');
  let looks = 0;
  Object.assign(immich, {
    // The first look is that of the page.
    asset: (...given: Parameters<typeof immich.asset>) =>
      (looks += 1) % 2 === 1 ? real.immich.asset(...given) : endsAt('look', () => real.immich.asset(...given)),
    writeDescription: (...given: Parameters<typeof immich.writeDescription>) =>
      endsAt('write', () => real.immich.writeDescription(...given)),
    writeProvenance: (...given: Parameters<typeof immich.writeProvenance>) =>
      endsAt('mark', () => real.immich.writeProvenance(...given)),
  });
  Object.assign(undos, {
    begin: (...given: Parameters<typeof undos.begin>) => endsAt('row', () => real.undos.begin(...given)),
    undone: (...given: Parameters<typeof undos.undone>) => endsAt('last row', () => real.undos.undone(...given)),
  });
  return {
    ...library,
    id,
    assets,
    endAt(place: (typeof ends)[number] | undefined, when: 'before' | 'after') {
      looks = 0;
      Object.assign(at, { place, when });
    },
  };
}
