import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrake } from '../../activities/brake.ts';
import { priorities } from '../../domain/queues.ts';

interface Counts {
  open: number;
  waiting?: number;
  held?: number;
}

/** How many may be started of a hundred, with a window of 64: 0 where there is no room after ten looks. */
async function roomWith({ open, waiting = 0, held = 0 }: Counts, priority: number = priorities.backfill) {
  const stop = new AbortController();
  let looks = 0;
  const deps = {
    assets: { countWaiting: async () => waiting },
    runs: {
      async countOpen() {
        looks += 1;
        if (looks === 10) stop.abort();
        return open;
      },
    },
    countHeld: async () => held,
    brakeMs: 1,
  };
  const brake = createBrake(deps, { library: 'pictures', window: 64, priority, signal: stop.signal });
  let room = 0;
  for (let more = await brake.room(100); more > 0 && room < 1_000; more = await brake.room(100)) {
    brake.started(more);
    room += more;
    if (room >= 64) break;
  }
  return room;
}

test('runs that are held or wait make room for others, and those that are able to go on do not', async () => {
  assert.equal(await roomWith({ open: 0 }), 64);
  assert.equal(await roomWith({ open: 64 }), 0);
  assert.equal(await roomWith({ open: 64, held: 64 }), 64);
  assert.equal(await roomWith({ open: 164, held: 60, waiting: 40 }), 0);
  assert.equal(await roomWith({ open: 164, held: 100, waiting: 64 }), 64);
});

test('no more than ten thousand are held at once, or a long pause would fill the disk', async () => {
  assert.equal(await roomWith({ open: 10_000, held: 10_000 }), 64);
  assert.equal(await roomWith({ open: 10_064, held: 10_064 }), 0);
});
