import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endFirstLook, type FirstLookDeps, showFirstLook } from '../../clients/commands/first-look.ts';
import { createOutput } from '../../clients/output.ts';
import { UsageError } from '../../clients/usage-error.ts';
import { firstLookReason } from '../../domain/first-look.ts';
import type { FirstLook, ImmichRecord } from '../../domain/immich-store.ts';
import type { KeptPause } from '../../domain/kept-pause.ts';
import { createLog } from '../../runtime/log.ts';
import { firstLookOver } from '../../workers/engine-first-look.ts';

const id = '0f3c2a10-1111-4222-8333-444455556666';
const root = 'http://immich:2283';

interface World {
  readonly firstLook?: FirstLook;
  /** Reason of the pause that holds the library. */
  readonly paused?: string;
  readonly texts?: number;
  readonly others?: readonly string[];
  /** The call that never comes back: the process was killed in it. */
  readonly diesAt?: 'resume' | 'setFirstLook' | 'scan';
}

/** An Immich library as rows and Temporal have it, for the command and for the engine. */
function world({ firstLook = 'shown', paused = firstLookReason, texts = 2, others = [], diesAt }: World = {}) {
  const row = (name: string, at: FirstLook): ImmichRecord => ({
    id: name,
    name,
    root,
    kind: 'immich',
    ownerId: 'ana',
    keySha: 'k',
    firstLook: at,
  });
  const rows = new Map(
    [row('immich', firstLook), ...others.map((name) => row(name, 'over'))].map((one) => [one.name, one]),
  );
  const target = { kind: 'library', name: 'immich' } as const;
  let pauses: KeptPause[] = paused === '' ? [] : [{ id: 'p', by: 'darkroom', why: paused, since: 1, target }];
  const done: string[] = [];
  let dead = diesAt;
  const step = (name: NonNullable<World['diesAt']>, said: string) => {
    if (dead === name) throw new Error('killed');
    done.push(said);
  };
  const deps: FirstLookDeps = {
    assets: {
      libraries: async () => [...rows.values(), { id: 'f', name: 'pictures', root: '/pictures' }],
    },
    kept: {
      look: async () => ({ pauses, resumed: new Map() }),
      async resume() {
        step('resume', 'resume');
        const [before] = pauses;
        pauses = [];
        return before;
      },
    },
    photos: {
      scan: async (library) => step('scan', `scan ${library}`),
    },
    immich: {
      store: {
        libraries: async () => [...rows.values()],
        async setFirstLook(library, at) {
          step('setFirstLook', at);
          rows.set(library, row(library, at));
        },
      },
      firstLook: {
        held: async () =>
          Array.from({ length: texts }, () => ({ path: `${id}/IMG_1.jpg`, text: 'A lake.', model: 'm' })),
        open: async () => 0,
      },
    },
  };
  const parts: string[] = [];
  return {
    deps,
    done,
    said: () => parts.join('').replaceAll(/\s+/g, ' ').trim(),
    out: createOutput({ write: (text) => parts.push(text), columns: 60 }),
    isPaused: () => pauses.length > 0,
    firstLook: () => rows.get('immich')?.firstLook,
    restart: () => void (dead = undefined),
  };
}

const asked = { name: undefined, json: false };

test('a word to go on lifts the pause of the first look, then starts the pass', async () => {
  const { deps, out, said, done, isPaused } = world();
  await endFirstLook(deps, out, asked);
  assert.deepEqual(done, ['resume', 'over', 'scan immich']);
  assert.equal(isPaused(), false);
  assert.match(said(), /^The first look at immich is over\. 2 texts that wait are written to Immich now\. The rest/);
});

test('killed at any moment, the word is either not given or carried out by the engine', async () => {
  for (const diesAt of ['resume', 'setFirstLook', 'scan'] as const) {
    const all = world({ diesAt });
    await assert.rejects(endFirstLook(all.deps, all.out, asked), /killed/);
    all.restart();
    if (diesAt === 'resume') {
      assert.deepEqual(
        [all.isPaused(), all.firstLook()],
        [true, 'shown'],
        'nothing has happened: it can be said again',
      );
      continue;
    }
    const { immich, kept, photos } = all.deps;
    const stop = new AbortController();
    const log = createLog({ level: 'error', pretty: false, name: 'test' });
    const over = await firstLookOver(
      {
        store: immich.store,
        queries: immich.firstLook,
        kept: { ...kept, pause: () => assert.fail('nothing is to be paused') },
        photos: { ...photos, scanning: async () => false },
        isUnwanted: false,
        say: () => undefined,
        log,
        signal: stop.signal,
      },
      'immich',
    );
    assert.deepEqual([over, all.firstLook(), all.isPaused()], [true, 'over', false], diesAt);
    // After the last step but one the pass is left to the next start, or to the night.
    assert.equal(all.done.includes('scan immich'), diesAt === 'setFirstLook', diesAt);
  }
});

test('a word that comes before the first look is through ends it at once', async () => {
  const { deps, out, said, done } = world({ firstLook: 'due', paused: '', texts: 1 });
  await endFirstLook(deps, out, asked);
  assert.deepEqual(done, ['over', 'scan immich'], 'a pass that begins sooner would end after a few photos');
  assert.match(said(), /over, before it was through\. 1 text that waits is written/);
});

test("a pause of a person's own is left, and it is said that nothing goes on yet", async () => {
  const { deps, out, said, done, isPaused } = world({ paused: 'still sorting' });
  await endFirstLook(deps, out, asked);
  assert.deepEqual([done, isPaused()], [['over', 'scan immich'], true]);
  assert.match(said(), /Nothing goes on yet: library immich paused by darkroom \(still sorting\)/);
});

test('where there is no first look to end it is said what there is', async () => {
  for (const [state, name, words] of [
    [{ firstLook: 'over' }, 'immich', /There is no first look at immich to end: it is over\. .*without --go/],
    [{}, 'pictures', /pictures is a folder: only libraries of an Immich have a first look\. There are: immich/],
    [{}, 'nobody', /There is no Immich library called nobody\. There are: immich/],
    [{ firstLook: 'over', others: ['immich-ben'] }, undefined, /Which library\? There are: immich, immich-ben/],
  ] as const) {
    const { deps, out, done } = world(state);
    await assert.rejects(
      endFirstLook(deps, out, { name, json: false }),
      (error) => error instanceof UsageError && words.test(error.message),
      String(words),
    );
    assert.deepEqual(done, []);
  }
});

test('without a name the library is meant whose first look waits', async () => {
  const { deps, out, done } = world({ others: ['immich-ben'] });
  await endFirstLook(deps, out, asked);
  assert.deepEqual(done, ['resume', 'over', 'scan immich']);
});

test('what the first look showed is printed again, or how far it is, or that it is over', async () => {
  const shown = world();
  await showFirstLook(shown.deps, shown.out, asked);
  assert.match(shown.said(), /^First look at immich: 2 photos were described/);
  assert.ok(shown.said().includes(`IMG_1.jpg ${root}/photos/${id} A lake.`), shown.said());
  const due = world({ firstLook: 'due', texts: 0 });
  await showFirstLook(due.deps, due.out, asked);
  assert.equal(due.said(), 'The first look at immich is not through yet: 0 described, 0 under way.');
  const over = world({ firstLook: 'over' });
  await showFirstLook(over.deps, over.out, asked);
  assert.match(over.said(), /^The first look at immich is over/);
});
