import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFolders } from '../../activities/folders.ts';
import { createStartPageActivities } from '../../activities/start-page.ts';
import type { AssetRef } from '../../domain/asset.ts';
import { attempt } from '../support/attempt.ts';
import { createFakeStores } from '../support/fake-stores.ts';
import { createMemoryFolder } from '../support/memory-folder.ts';
import { done, finished, sampleKey } from '../support/store-samples.ts';

const { recipeHash } = sampleKey('any');
/** A pass through a library asks for no choice. */
const none = () => Promise.reject(new Error('nobody chose photos'));
const nothingElse = { skipped: 0, unsupported: 0, underWay: 0, parked: 0, problems: [] };

/** A library of `count` photos; runs stay open until `onCount`, called at each look of the brake, ends some. */
async function libraryOf(
  count: number,
  onCount: (library: Library) => Promise<void> | void,
  holdsBack: () => Promise<string | undefined> = async () => undefined,
) {
  const { assets } = createFakeStores();
  const record = await assets.ensureLibrary({ name: 'pictures', root: '/library' });
  const folder = createMemoryFolder();
  for (let at = 0; at < count; at += 1) folder.put(`${String(at).padStart(3, '0')}.jpg`);
  const open = new Map<string, AssetRef>();
  const started: string[] = [];
  let mostAble = 0;
  const library = {
    assets,
    record,
    open,
    started,
    mostAble: () => mostAble,
    /** The run of this photo ends well. */
    async end(asset: AssetRef) {
      open.delete(asset.assetId);
      await assets.finishRun(finished(asset, done(asset.path)));
    },
    startPage: createStartPageActivities({
      folders: createFolders(assets, () => folder),
      assets,
      wanted: { of: async () => ({ hash: recipeHash }) },
      brakeMs: 1,
      freshMs: 10,
      holdsBack,
      backfills: { page: none, take: none, begin: none },
      runs: {
        async start({ asset }) {
          const isNew = !open.has(asset.assetId);
          if (isNew) started.push(asset.path);
          open.set(asset.assetId, asset);
          mostAble = Math.max(mostAble, open.size - (await assets.countWaiting()));
          return isNew;
        },
        async countOpen() {
          await onCount(library);
          return open.size;
        },
      },
    }).startPage,
  };
  return library;
}
interface Library {
  readonly open: Map<string, AssetRef>;
  readonly started: string[];
  readonly end: (asset: AssetRef) => Promise<void>;
}

const page = { library: 'pictures', pageSize: 100 };

test('there are never more runs able to go on than the window allows, and all are started in the end', async () => {
  const library = await libraryOf(50, async ({ open, end }) => {
    for (const asset of [...open.values()].slice(0, 2)) await end(asset);
  });
  const result = await attempt().run(library.startPage, { ...page, window: 10 });
  assert.deepEqual(result, { ...nothingElse, seen: 50, started: 50 });
  assert.equal(library.mostAble(), 10);
  assert.equal(new Set(library.started).size, 50);
});

test('runs that wait for something do not keep others from starting', async () => {
  const library = await libraryOf(12, async ({ open }) => {
    for (const { assetId } of open.values()) await library.assets.markWaiting(assetId, 'the file grows');
  });
  await attempt().run(library.startPage, { ...page, window: 3 });
  assert.equal(library.started.length, 12);
  assert.ok(library.mostAble() <= 3, `${library.mostAble()} runs were able to go on`);
});

test('rows that say waiting for runs that were lost make no room', async () => {
  const atLooks: number[] = [];
  const library = await libraryOf(40, ({ started }) => void atLooks.push(started.length));
  const stat = { size: 1, mtimeMs: 1, ctimeMs: 1, inode: '1' };
  const lost = Array.from({ length: 30 }, (_, at) => Buffer.from(`lost-${at}.jpg`));
  const files = lost.map((rawPath) => ({ rawPath, kind: 'photo' as const, stat }));
  for (const { asset } of await library.assets.register(library.record, files, recipeHash))
    await library.assets.markWaiting(asset.assetId, 'lost');
  const running = attempt();
  const call = running.run(library.startPage, { ...page, window: 5 });
  while (atLooks.length < 2) await new Promise((resolve) => setImmediate(resolve));
  running.told({ cancelRequested: true });
  await call.catch(() => undefined);
  assert.deepEqual(atLooks.slice(0, 2), [0, 5]);
});

test('a page that is told to end says how far it came, at once', async () => {
  const library = await libraryOf(10, () => undefined);
  const running = attempt();
  const call = running.run(library.startPage, { ...page, window: 4 });
  while (library.started.length < 4) await new Promise((resolve) => setImmediate(resolve));
  running.told({ workerShutdown: true });
  const { started, cut, next } = await call;
  assert.deepEqual({ started, cut, next }, { started: 4, cut: true, next: undefined });
  assert.equal(library.started.length, 4);
});

test('after a restart a pass goes on at its cursor, and starts nothing that is done', async () => {
  const library = await libraryOf(20, async ({ open, end }) => {
    for (const asset of open.values()) await end(asset);
  });
  const small = { library: 'pictures', pageSize: 10, window: 100 };
  const { next } = await attempt().run(library.startPage, small);
  assert.ok(next !== undefined);
  for (const asset of library.open.values()) await library.end(asset);
  const second = await attempt().run(library.startPage, { ...small, cursor: next });
  assert.equal(second.started, 10);
  assert.deepEqual(library.started.slice(10).slice(0, 1), ['010.jpg']);

  // The same page again, as after a worker's death in the middle of it: what has ended since is left alone.
  const [one, ...rest] = library.open.values();
  assert.ok(one);
  for (const asset of rest) await library.end(asset);
  const again = await attempt().run(library.startPage, { ...small, cursor: next });
  assert.deepEqual({ started: again.started, skipped: again.skipped }, { started: 1, skipped: 9 });
});

test('files that need nothing are passed over without coming back to the workflow', async () => {
  const library = await libraryOf(30, () => undefined);
  const small = { library: 'pictures', pageSize: 10, window: 100 };
  await attempt().run(library.startPage, { ...small, pageSize: 30 });
  for (const asset of library.open.values()) await library.end(asset);
  const { next, ...counts } = await attempt().run(library.startPage, small);
  assert.equal(next, undefined);
  assert.deepEqual(counts, { ...nothingElse, seen: 30, started: 0, skipped: 30 });
});

test('what goes before the backlog has room of its own beside it', async () => {
  const library = await libraryOf(12, () => undefined);
  const startFor = async (priority: number): Promise<number> => {
    const running = attempt();
    const before = library.started.length;
    const call = running.run(library.startPage, { ...page, window: 4, priority });
    await new Promise((resolve) => setTimeout(resolve, 20));
    running.told({ cancelRequested: true });
    await call;
    return library.started.length - before;
  };
  assert.deepEqual([await startFor(4), await startFor(4), await startFor(1)], [4, 0, 4]);
});

test('nothing is started while something holds a library back', async () => {
  let why: string | undefined = 'the library is paused';
  let looks = 0;
  const library = await libraryOf(
    3,
    () => undefined,
    async () => {
      looks += 1;
      if (looks === 3) why = undefined;
      assert.equal(library.started.length, 0);
      return why;
    },
  );
  const { started } = await attempt().run(library.startPage, { ...page, window: 10 });
  assert.deepEqual({ started, looks }, { started: 3, looks: 3 });
});

test('what somebody else did while a page waited for room is not started once more', async () => {
  const library = await libraryOf(12, async ({ open, end }) => {
    // Longer than what is known of a page holds.
    await new Promise((resolve) => setTimeout(resolve, 15));
    for (const asset of open.values()) await end(asset);
    for (const asset of ended) await library.assets.finishRun(finished(asset, done(asset.path)));
  });
  const stat = { size: 7, mtimeMs: 1, ctimeMs: 1, inode: '1' };
  const files = ['008.jpg', '009.jpg'].map((name) => ({ rawPath: Buffer.from(name), kind: 'photo' as const, stat }));
  const ended = (await library.assets.register(library.record, files, recipeHash)).map(({ asset }) => asset);
  await attempt().run(library.startPage, { ...page, window: 8 });
  assert.deepEqual(
    library.started.filter((path) => path === '008.jpg' || path === '009.jpg'),
    [],
  );
  assert.equal(library.started.length, 10);
});
