import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prioritize, type PrioritizeDeps, type PrioritizeOptions } from '../../clients/commands/prioritize.ts';
import { createOutput } from '../../clients/output.ts';
import type { AssetState } from '../../domain/asset.ts';
import type { LibraryRecord } from '../../domain/ports.ts';
import { type Selection, type Standing, standings } from '../../domain/prioritize.ts';

interface Photo {
  readonly path: string;
  readonly standing: Standing;
  readonly state: AssetState;
  /** Temporal has an open run. */
  open: boolean;
}

const states: Readonly<Record<Standing, AssetState>> = {
  running: 'open',
  fresh: 'new',
  parked: 'parked',
  described: 'done',
  gone: 'gone',
  unsupported: 'unsupported',
  skipped: 'skipped',
};

const some = (count: number, standing: Standing, open = standing === 'running'): Photo[] =>
  Array.from({ length: count }, (_, at) => ({
    path: `trip/${standing}${open ? '' : '-'}${at}.jpg`,
    standing,
    state: states[standing],
    open,
  }));

/** A library at /p whose rows and runs these are. */
function fake(photos: Photo[], others: readonly LibraryRecord[] = []) {
  const calls: string[] = [];
  const byPath = new Map(photos.map((photo, at) => [photo.path, { photo, assetId: String(at + 1) }]));
  const assetOf = (path: string) => ({ assetId: byPath.get(path)?.assetId ?? '', library: 'p', path });
  const within = (selection: Selection) =>
    photos.filter(({ path }) =>
      selection.kind === 'photo'
        ? assetOf(path).assetId === selection.assetId
        : selection.kind === 'photos'
          ? selection.assetIds.includes(assetOf(path).assetId)
          : selection.folders.some(({ prefix }) => path.startsWith(prefix)),
    );
  const deps: PrioritizeDeps = {
    queries: { findByPath: async () => [], findInImmich: async () => [] },
    immich: {
      ways: async () => [],
      store: { libraries: async () => [], register: async () => [], skip: async () => undefined },
    },
    // Anna is on the first photo.
    people: {
      persons: {
        find: async () => undefined,
        findByName: async (name) => (name === 'Anna' ? { personId: '7', name, notes: '', hidden: false } : undefined),
        photos: async ({ personId, library, after }) =>
          photos
            .slice(0, personId === '7' && library === 'p' && after === undefined ? 1 : 0)
            .map(({ path }) => assetOf(path)),
      },
    },
    settings: { IMMICH_VIDEOS: 'off', DESCRIPTION_IGNORE: [] },
    facts: { get: async () => undefined, put: async () => undefined },
    openFolder: () => assert.fail('the patterns of the engine are not known'),
    assets: {
      libraries: async () => [{ id: '1', name: 'p', root: '/p' }, ...others],
      countWaiting: async () => 0,
      register: async () => [],
      async find(assetId) {
        const photo = photos[Number(assetId) - 1];
        if (photo === undefined) return undefined;
        const { path, state } = photo;
        return { asset: assetOf(path), rawPath: Buffer.from(path), state, stat: undefined, contentHash: undefined };
      },
    },
    selections: {
      async count(selection) {
        const all = within(selection);
        const count = (standing: Standing) => all.filter((photo) => photo.standing === standing).length;
        const [running = 0, fresh = 0, parked = 0, described = 0, gone = 0, unsupported = 0, skipped = 0] =
          standings.map(count);
        return { running, fresh, parked, described, gone, unsupported, skipped };
      },
      page: async (selection, { of, after, limit }) =>
        within(selection)
          .filter(({ standing }) => of.includes(standing))
          .map(({ path, state }) => ({ asset: assetOf(path), rawPath: Buffer.from(path), state }))
          .filter(({ asset }) => Number(asset.assetId) > Number(after ?? 0))
          .slice(0, limit),
    },
    photos: {
      async startNew({ asset: { path }, priority }) {
        const photo = byPath.get(path)?.photo;
        if (photo === undefined || photo.open) return false;
        photo.open = true;
        calls.push(`start ${path} ${priority}`);
        return true;
      },
      async raise(workflowId, priority) {
        const path = workflowId.replace('asset/p/', '');
        if (byPath.get(path)?.photo.open !== true) return false;
        calls.push(`raise ${path} ${priority}`);
        return true;
      },
      countOpen: async () => photos.filter(({ open }) => open).length,
    },
  };
  return { deps, calls };
}

async function run(photos: Photo[], options: Partial<PrioritizeOptions> = {}, others: readonly LibraryRecord[] = []) {
  const { deps, calls } = fake(photos, others);
  const parts: string[] = [];
  const code = await prioritize(deps, createOutput({ write: (text) => parts.push(text), columns: 200 }), {
    name: '/p/trip',
    level: 'now',
    dryRun: false,
    json: false,
    sha256: () => '',
    progress: () => undefined,
    signal: new AbortController().signal,
    ...options,
  });
  return { code, calls, said: parts.join('') };
}

const library = () => [
  ...some(2, 'described'),
  ...some(3, 'fresh'),
  ...some(150, 'running'),
  ...some(1, 'parked'),
  { path: 'else.jpg', standing: 'fresh' as const, state: 'new' as const, open: false },
];

test('what is open is moved first, what needs a run is started, and the rest is left alone', async () => {
  const { code, calls, said } = await run(library());
  assert.equal(code, 0);
  assert.equal(calls.length, 153);
  assert.ok(calls.slice(0, 150).every((call) => /^raise trip\/running\d+\.jpg 1$/.test(call)));
  assert.deepEqual(
    calls.slice(150),
    [0, 1, 2].map((at) => `start trip/fresh-${at}.jpg 1`),
  );
  assert.equal(said, '/p/trip: 150 moved before everything else, 3 started, 3 left alone (2 described, 1 parked)\n');
});

test('a dry run calls nothing and says the same', async () => {
  const { calls, said } = await run(library(), { dryRun: true });
  assert.deepEqual(calls, []);
  assert.match(said, /150 would be moved before everything else, 3 would be started, 3 left alone/);
  const { said: json } = await run(library(), { dryRun: true, json: true });
  const { photos, moved, started, left, dryRun, priority } = JSON.parse(json);
  assert.deepEqual(
    { photos, moved, started, left, dryRun, priority },
    {
      photos: 156,
      moved: 150,
      started: 3,
      left: 3,
      dryRun: true,
      priority: 1,
    },
  );
});

test('given again it moves what it has started and starts nothing twice', async () => {
  const photos = library();
  await run(photos);
  const { calls } = await run(photos, { level: 'normal' });
  assert.equal(calls.filter((call) => call.startsWith('start')).length, 0);
  assert.equal(calls.filter((call) => /^raise trip\/fresh-\d\.jpg 3$/.test(call)).length, 3);
});

test('a parked photo that is tried again is moved, and a run that Temporal has lost is started', async () => {
  const { calls } = await run([...some(1, 'parked', true), ...some(1, 'running', false)]);
  assert.deepEqual(calls, ['raise trip/parked0.jpg 1', 'start trip/running-0.jpg 1']);
});

test('last moves what is open and starts nothing: alone behind the brake it would be first', async () => {
  const { calls, said } = await run(library(), { level: 'last' });
  assert.equal(calls.length, 150);
  assert.ok(calls.every((call) => /^raise .* 5$/.test(call)));
  assert.match(said, /0 started, 6 left alone.*\n3 have no run yet/);
});

test('Ctrl-C ends it with a word about what was done', async () => {
  const stop = new AbortController();
  const { code, said, calls } = await run(some(300, 'fresh', false), {
    signal: stop.signal,
    progress: (text) => text.startsWith('0 moved, 120 ') && stop.abort(),
  });
  assert.equal(code, 1);
  assert.match(
    said,
    new RegExp(
      `${calls.length} started, ${300 - calls.length} not reached, 0 left alone\nInterrupted: what was done stays`,
    ),
  );
  assert.ok(calls.length < 130);
});

test('a folder is also known by its path below the library, and a library by a folder above it', async () => {
  assert.match((await run(library(), { name: 'trip', dryRun: true })).said, /^trip: 150 would/);
  assert.match((await run(library(), { name: './trip/', dryRun: true })).said, /150 would.*3 would be started/);
  assert.match((await run(library(), { name: '/', dryRun: true })).said, /4 would be started/);
  await assert.rejects(run(library(), { name: 'tri' }), /No photo or folder "tri" is known/);
  await assert.rejects(run(library(), { name: '/p/tr' }), /No photo or folder/);
});

test('who looks for a folder in an Immich hears of albums and people', async () => {
  const immich = { id: '2', name: 'immich', root: 'http://immich:2283', kind: 'immich' } as const;
  const look = (name: string | undefined, others: readonly LibraryRecord[]) => run(library(), { name }, others);
  await assert.rejects(
    look('2024/Norway', [immich]),
    /No photo or folder.*\nimmich is an Immich library.*--album <name>/s,
  );
  await assert.rejects(look('2024/Norway', []), (error: Error) => !error.message.includes('album'));
  await assert.rejects(look(undefined, [immich]), /Which photo or folder\? Or --album <name>, or --person <name>/);
  // A folder of a library that is one goes on as before.
  assert.match((await run(library(), { name: 'trip', dryRun: true }, [immich])).said, /^trip: 150 would/);
});

test('in a folder the photos of a person are those that our own faces tell of', async () => {
  const photos = [...some(2, 'fresh')];
  const { calls, said } = await run(photos, { name: undefined, members: { person: ['Anna'] } });
  assert.deepEqual(calls, ['start trip/fresh-0.jpg 1']);
  assert.match(said, /^Photos with Anna of p: /);
  assert.match(
    (await run(some(2, 'fresh'), { name: 'p', members: { person: ['Anna'] }, dryRun: true })).said,
    /1 would/,
  );
  const nobody = run(some(1, 'fresh'), { name: 'p', members: { person: ['Ben'] } });
  await assert.rejects(nobody, { name: 'PeopleError', message: /Nobody is called "Ben"/ });
  const below = run(some(1, 'fresh'), { name: '/p/trip', members: { person: ['Anna'] } });
  await assert.rejects(below, { name: 'UsageError', message: /in a whole library: p/ });
});
