import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldBackLines, progressLine } from '../../clients/progress-line.ts';
import { recentPerMinute } from '../../clients/recent-rate.ts';
import { type LibraryProgress, standing } from '../../domain/progress.ts';
import { createScreen } from '../../workers/up-screen.ts';

const counts = { new: 3, open: 4, waiting: 2, done: 100, parked: 5, gone: 6, unsupported: 7 };
const library: LibraryProgress = { name: 'Pictures', counts, scanning: true, inFolder: 1_000 };
const running = { perMinute: 31, isPaused: false };

test('every photo of the folder is in exactly one place, also before it has a row', () => {
  const { described, inFlight, waiting, parked, notStarted, total, left } = standing(library);
  assert.deepEqual({ described, inFlight, waiting, parked }, { described: 100, inFlight: 4, waiting: 2, parked: 5 });
  assert.equal(notStarted, 3 + (1_000 - 114));
  assert.equal(described + inFlight + waiting + parked + notStarted, total);
  assert.equal(total, 1_000);
  assert.equal(left, notStarted + 4 + 2);
});

test('what was described under former settings is still to be done while a pass makes it anew, and only then', () => {
  const outdated = { done: 60, parked: 1 };
  const during = standing({ ...library, outdated });
  assert.equal(during.described, 40);
  assert.equal(during.left, standing(library).left + 61);
  assert.equal(during.total, 1_000);
  const after = { ...library, outdated, scanning: false };
  assert.equal(standing(after).described, 100);
  assert.match(progressLine(after, running), /100\/114 described .*· 60 under former settings/);
  assert.doesNotMatch(progressLine({ ...library, outdated }, running), /former/);
});

test('a folder with fewer files than rows, as after a large clean-up, adds nothing and takes nothing away', () => {
  assert.equal(standing({ ...library, inFolder: 10 }).total, 114);
});

test('a line says how far, how long, and where the others are; a folder that is not counted yet has a plus', () => {
  const eta = { ms: 13_200_000, hosts: 2, unmeasured: 0 };
  assert.equal(
    progressLine({ ...library, eta }, running),
    'Pictures  100/1,000 described · about 3 h 40 min with 2 hosts · 31/min · 4 in flight · 2 waiting · 5 parked · 889 not started · 6 gone · 7 not supported yet',
  );
  assert.match(
    progressLine({ ...library, inFolder: undefined }, running),
    /^Pictures {2}100\/114\+ described · 31\/min/,
  );
  assert.equal(
    progressLine({ name: 'x', counts: { done: 8 }, scanning: false }, running),
    'x  8/8 described · up to date',
  );
});

test('during a pause the line says what its span depends on, and no rate', () => {
  const eta = { ms: 3_600_000, hosts: 1, unmeasured: 0 };
  assert.match(
    progressLine({ ...library, eta }, { perMinute: 31, isPaused: true }),
    /described · about 1 h with 1 host, while nothing is paused · 4 in flight/,
  );
});

test('what holds passes back is told once, with the libraries that it concerns', () => {
  const held = (name: string, heldBack?: string) => ({ ...library, name, heldBack });
  assert.deepEqual(heldBackLines([held('a', 'disk'), held('b'), held('c', 'disk'), held('d', 'paused')]), [
    'nothing more is started in a, c: disk',
    'nothing more is started in d: paused',
  ]);
});

test('up tells why nothing more is started, and the pause of a library once', () => {
  const parts: string[] = [];
  const screen = createScreen({ out: { write: (text) => parts.push(text) }, now: () => 0 });
  const held = (name: string, heldBack: string) => ({
    name,
    root: `/${name}`,
    counts: { new: 1 },
    scanning: true,
    heldBack,
  });
  screen.progress({
    kind: 'progress',
    libraries: [held('a', 'library a paused by ada'), held('b', 'the disk is short of room')],
    perMinute: 0,
    pauses: ['library a paused by ada'],
    isPaused: false,
    idle: false,
  });
  assert.deepEqual(parts.join('').split('\n').slice(2, -1), [
    'library a paused by ada',
    'nothing more is started in b: the disk is short of room',
  ]);
});

test('the rate is that of the last two minutes, or of ten where that is too few to tell', async () => {
  const rate = (short: [number, number], long: [number, number]) =>
    recentPerMinute({
      async recentRate(windowMs) {
        const [finished, spanMs] = windowMs === 120_000 ? short : long;
        return { finished, spanMs };
      },
    });
  // An hour's stop lies between the two: it is over.
  assert.equal(await rate([60, 60_000], [70, 600_000]), 60);
  assert.equal(await rate([3, 90_000], [20, 600_000]), 2);
  assert.equal(await rate([0, 0], [0, 0]), 0);
  assert.equal(await rate([12, 4_000], [12, 4_000]), 0);
});
