import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFolders } from '../../activities/folders.ts';
import { createRecentAssets } from '../../activities/recent-assets.ts';
import { createReconcileActivities, type GoneOn } from '../../activities/reconcile.ts';
import { createStartMissingActivities, type StartMissingDeps } from '../../activities/start-missing.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
import type { ImmichLibrary } from '../../domain/immich.ts';
import type { AssetState } from '../../domain/asset.ts';
import { looseLibrary } from '../../domain/library.ts';
import { priorities } from '../../domain/queues.ts';
import { type MissingPhoto, reportInWords } from '../../domain/reconcile.ts';
import { attempt } from '../support/attempt.ts';
import { createFakeImmich } from '../support/fake-immich.ts';
import { createFakeStores } from '../support/fake-stores.ts';
import { createMemoryFolder } from '../support/memory-folder.ts';

const row = (assetId: number, path: string, state: AssetState, library = 'pictures'): MissingPhoto => ({
  asset: { assetId: String(assetId), library, path },
  rawPath: Buffer.from(path),
  state,
});

const isOf = { begun: ['open', 'waiting'], new: ['new'] };

/** Rows, the folder of library `pictures`, and the runs that are open, by path. */
async function scene(rows: MissingPhoto[], open: string[] = [], over: Partial<StartMissingDeps> = {}) {
  const { assets } = createFakeStores();
  await assets.ensureLibrary({ name: 'pictures', root: '/library' });
  const folder = createMemoryFolder();
  const runs = new Set(open);
  const started: { path: string; priority: number }[] = [];
  const questions: string[][] = [];
  const { startMissing } = createStartMissingActivities({
    assets,
    folders: createFolders(assets, () => folder),
    missing: {
      page: async ({ kind, after = '0', limit }) =>
        rows
          .filter((one) => isOf[kind].includes(one.state) && Number(one.asset.assetId) > Number(after))
          .slice(0, limit),
      still: async (kind, ids) =>
        new Set(ids.filter((id) => rows.some((one) => one.asset.assetId === id && isOf[kind].includes(one.state)))),
    },
    runs: {
      async start({ asset, priority }) {
        if (runs.has(asset.path)) return false;
        runs.add(asset.path);
        started.push({ path: asset.path, priority });
        return true;
      },
      countOpen: async () => runs.size,
    },
    async openAmong(photos) {
      questions.push(photos.map(({ asset }) => asset.path));
      return new Set(photos.filter(({ asset }) => runs.has(asset.path)).map(({ asset }) => asset.assetId));
    },
    isPassing: async () => false,
    brakeMs: 1,
    ...over,
  });
  const look = (kind: 'begun' | 'new', after?: string) =>
    attempt().run(startMissing, { kind, quietMs: 0, ...(after !== undefined && { after }) });
  return { look, folder, started, runs, questions, startMissing };
}

const pathsOf = (started: readonly { path: string }[]) => started.map(({ path }) => path);

test('rows that say a run is open or waits are started where there is none, before the backlog, and once', async () => {
  const rows = [row(1, 'open.jpg', 'open'), row(2, 'lost.jpg', 'open'), row(3, 'waits.jpg', 'waiting')];
  const { look, started, questions } = await scene([...rows, row(4, 'done.jpg', 'done')], ['open.jpg']);
  assert.deepEqual(await look('begun'), { looked: 3, started: 2, gone: 0, problems: [] });
  assert.deepEqual(started, [
    { path: 'lost.jpg', priority: priorities.normal },
    { path: 'waits.jpg', priority: priorities.normal },
  ]);
  assert.deepEqual(questions, [['waits.jpg']], 'only those that may be many are asked for');
  assert.deepEqual(await look('begun'), { looked: 3, started: 0, gone: 0, problems: [] });
  assert.equal(started.length, 2);
});

test('thousands that wait with an open run are passed over without an attempt to start them', async () => {
  const rows = Array.from({ length: 250 }, (_, at) => row(at + 1, `${at}.jpg`, 'waiting'));
  const open = rows.map(({ asset }) => asset.path);
  const { look, questions } = await scene(rows, open);
  assert.deepEqual(await look('begun'), { looked: 250, started: 0, gone: 0, problems: [] });
  assert.equal(questions.length, 3);
});

test('new rows whose file is gone are started, so that they end; those whose file is there are left to the pass', async () => {
  const { look, folder, started } = await scene([row(1, 'there.jpg', 'new'), row(2, 'gone.jpg', 'new')]);
  folder.put('there.jpg');
  assert.deepEqual(await look('new'), { looked: 2, started: 1, gone: 1, problems: [] });
  assert.deepEqual(pathsOf(started), ['gone.jpg']);
});

test('a share that is away, or was when we began, has lost no file', async () => {
  const { look, folder, started } = await scene([row(1, 'a.jpg', 'new')]);
  assert.deepEqual(await look('new'), { looked: 1, started: 0, gone: 0, problems: [] }, 'an empty mount point');
  folder.setPresent(false);
  const { problems } = await look('new');
  assert.match(problems.join(), /^pictures: The library folder \/library cannot be read/);
  assert.deepEqual(started, []);
});

test('a new photo of no library is started wherever its file is: no pass will meet it', async () => {
  const { look, started } = await scene([row(1, 'home/ada/a.jpg', 'new', looseLibrary)]);
  assert.deepEqual(await look('new'), { looked: 1, started: 1, gone: 0, problems: [] });
  assert.deepEqual(pathsOf(started), ['home/ada/a.jpg']);
});

test('what was begun and ended while there was no room is not started once more', async () => {
  const rows = [row(1, 'a.jpg', 'open'), row(2, 'b.jpg', 'open')];
  let looks = 0;
  const { look, started } = await scene(rows, [], {
    runs: {
      async start({ asset }) {
        started.push({ path: asset.path, priority: 3 });
        return true;
      },
      async countOpen() {
        looks += 1;
        if (looks === 3) rows[0] = row(1, 'a.jpg', 'parked');
        return looks < 4 ? 500 : 0;
      },
    },
  });
  assert.deepEqual(await look('begun'), { looked: 2, started: 1, gone: 0, problems: [] });
  assert.deepEqual(pathsOf(started), ['b.jpg']);
});

test('without room for long enough the rest is left for the next time, and so is a library that is held back', async () => {
  const full = { countOpen: async () => 500, start: async () => true };
  const busy = await scene([row(1, 'a.jpg', 'open')], [], { runs: full, patienceMs: 5 });
  assert.deepEqual((await busy.look('begun')).problems, ['pictures: no room for more runs; the next time goes on']);
  const rows = Array.from({ length: 250 }, (_, at) => row(at + 1, `${at}.jpg`, 'open'));
  const { looked, next } = await (await scene(rows, [], { runs: full, patienceMs: 5 })).look('begun');
  assert.deepEqual({ looked, next }, { looked: 100, next: undefined }, 'it does not wait again for each page');
  const held = await scene([row(1, 'a.jpg', 'open')], [], { holdsBack: async () => 'paused by ada@desk' });
  assert.deepEqual(await held.look('begun'), {
    looked: 1,
    started: 0,
    gone: 0,
    problems: ['pictures: paused by ada@desk'],
  });
});

test('it comes back to the workflow after 100 starts, with the place at which it goes on', async () => {
  const rows = Array.from({ length: 230 }, (_, at) => row(at + 1, `${at}.jpg`, 'open'));
  const { look, started, runs } = await scene(rows, []);
  const first = await look('begun');
  assert.deepEqual([first.started, first.next], [100, '100']);
  runs.clear();
  const second = await look('begun', first.next);
  assert.deepEqual([second.started, second.next], [100, '200']);
  runs.clear();
  assert.deepEqual(await look('begun', second.next), { looked: 30, started: 30, gone: 0, problems: [] });
  assert.equal(new Set(pathsOf(started)).size, 230);
});

test('told to end while it waits for room, it ends', async () => {
  const { startMissing } = await scene([row(1, 'a.jpg', 'open')], [], {
    runs: { countOpen: async () => 500, start: async () => true },
  });
  const running = attempt();
  const call = running.run(startMissing, { kind: 'begun', quietMs: 0 });
  running.told({ workerShutdown: true });
  await assert.rejects(call);
});

const now = Date.UTC(2026, 10, 21, 12);
const immichNamed = (name: string, more: Partial<ImmichRecord> = {}): ImmichRecord => ({
  id: `id of ${name}`,
  name,
  root: 'http://immich:2283',
  kind: 'immich',
  ownerId: 'me',
  keySha: 'k',
  firstLook: 'over',
  ...more,
});

async function passes(
  over: {
    passesAreWanted?: boolean;
    cancelled?: string[];
    begun?: Readonly<Record<string, GoneOn>>;
    immich?: readonly ImmichRecord[];
  } = {},
) {
  const { assets } = createFakeStores();
  for (const name of ['pictures', looseLibrary, 'holiday']) await assets.ensureLibrary({ name, root: `/${name}` });
  const underWay = new Set<string>();
  const ended: string[] = [];
  const swept = new Map<string, number>();
  const { passLibraries } = createReconcileActivities({
    assets,
    missing: { cancelledPasses: async () => new Set(over.cancelled), keep: async () => undefined },
    backfills: {
      begun: async () =>
        Object.keys(over.begun ?? {}).map((backfill) => ({
          workflowId: `backfill/pictures/${backfill}`,
          library: 'pictures',
          chosen: { backfill, selection: { which: { kind: 'parked' } } },
          priority: 5,
        })),
      endedOutside: async (backfill, reason) => void ended.push(`${backfill}: ${reason}`),
    },
    goOnWith: async ({ chosen }) => over.begun?.[chosen.backfill] ?? { kind: 'under way' },
    startPass: async (library) => !underWay.has(library) && underWay.add(library).size > 0,
    passesAreWanted: over.passesAreWanted ?? true,
    immich: {
      store: { libraries: async () => over.immich ?? [], setSwept: async (id, at) => void swept.set(id, at) },
    },
    now: () => now,
  });
  return { pass: () => attempt().run(passLibraries, undefined), underWay, ended, swept };
}

test('a pass is started through each library that has none under way; twice starts no second one', async () => {
  const { pass, underWay } = await passes();
  assert.deepEqual(await pass(), { passes: ['pictures', 'holiday'] });
  assert.deepEqual(await pass(), { passes: [] });
  assert.deepEqual([...underWay], ['pictures', 'holiday']);
});

test('no pass in mode monitor, and none through a library whose pass somebody cancelled', async () => {
  assert.deepEqual(await (await passes({ passesAreWanted: false })).pass(), { passes: [] });
  assert.deepEqual(await (await passes({ cancelled: ['pictures'] })).pass(), { passes: ['holiday'] });
});

test('an Immich library that was looked through in the last day has no pass each hour; another one has, and it is noted', async () => {
  const hourMs = 3_600_000;
  const since = (hours: number) => immichNamed('pictures', { swept: now - hours * hourMs });
  const lately = await passes({ immich: [since(26), immichNamed('holiday')] });
  assert.deepEqual(await lately.pass(), { passes: ['holiday'] });
  assert.deepEqual([...lately.swept], [['id of holiday', now]]);
  const longAgo = await passes({ immich: [since(31)] });
  assert.deepEqual(await longAgo.pass(), { passes: ['pictures', 'holiday'] });
  assert.deepEqual([...longAgo.swept], [['id of pictures', now]]);
});

test('a backfill that was lost is begun again, also in mode monitor; one that a person ended in Temporal stays so', async () => {
  const begun = {
    'lost-00000001': { kind: 'begun again' },
    'runs-00000002': { kind: 'under way' },
    'gone-00000003': { kind: 'ended', how: 'TERMINATED' },
  } as const;
  const { pass, ended } = await passes({ passesAreWanted: false, begun });
  assert.deepEqual(await pass(), { passes: ['pictures (backfill 00000001)'] });
  assert.deepEqual(ended, ['gone-00000003: it was ended in Temporal (TERMINATED)']);
});

test('what was missing is told in one line', () => {
  const report = { startedAt: 0, looked: 9, problems: [] };
  assert.equal(reportInWords({ ...report, started: 0, gone: 0, passes: [] }), 'no run was missing');
  assert.equal(
    reportInWords({ ...report, started: 5, gone: 2, passes: ['a', 'b'] }),
    '3 started again; 2 whose file is gone; a pass through a, b',
  );
});

/** An Immich library with photos that no run has begun with. `show`: a page has just shown them. */
async function newInImmich(count: number, isPassing: boolean) {
  const fake = createFakeImmich(immichNamed('immich'));
  const ids = Array.from({ length: count }, (_, at) => fake.put(at + 1));
  let reads = 0;
  const immich: ImmichLibrary = {
    ...fake.open.immich,
    asset(...args) {
      reads += 1;
      return fake.open.immich.asset(...args);
    },
  };
  const recent = createRecentAssets(Date.now);
  const rows = ids.map((id, at) => row(at + 1, `${id}/IMG.jpg`, 'new', 'immich'));
  const made = await scene(rows, [], {
    immich: { immichs: { of: async () => ({ ...fake.open, immich }) }, recent },
    isPassing: async () => isPassing,
  });
  const show = (shown: readonly string[]) => recent.keep(shown.flatMap((id) => fake.assets.get(id) ?? []));
  return { ...made, ids, show, remove: (id: string) => fake.assets.delete(id), reads: () => reads };
}

test('new photos of an Immich that are gone there are started; what a page has just shown is not asked for', async () => {
  const { look, ids, show, remove, started, reads } = await newInImmich(30, false);
  show(ids.slice(0, 20));
  remove(ids[25] ?? '');
  assert.deepEqual(await look('new'), { looked: 30, started: 1, gone: 1, problems: [] });
  assert.deepEqual([pathsOf(started), reads()], [[`${ids[25]}/IMG.jpg`], 10]);
});

test('while a pass goes through an Immich it is not asked for each photo of the backlog', async () => {
  const { look, reads } = await newInImmich(250, true);
  assert.deepEqual(await look('new'), { looked: 250, started: 0, gone: 0, problems: [] });
  assert.equal(reads(), 0);
});
