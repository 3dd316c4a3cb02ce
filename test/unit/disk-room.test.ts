import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createBrake } from '../../activities/brake.ts';
import { createRoomGuard, lackOfRoom } from '../../runtime/disk-room.ts';

const megabyte = 1_048_576;
const disk = { dataDir: '/data', minFreeMb: 1_024 };
const withFree = (mb: number | undefined) => ({
  ...disk,
  freeBytes: async () => (mb === undefined ? undefined : mb * megabyte),
});

test('less room than was asked for is told with its setting, a full disk as what it is, and what nobody can tell not at all', async () => {
  assert.equal(await lackOfRoom(withFree(1_024)), undefined);
  assert.equal(await lackOfRoom(withFree(undefined)), undefined);
  const low = await lackOfRoom(withFree(1_023.9));
  assert.equal(low?.isFull, false);
  assert.match(
    low?.message ?? '',
    /The disk of \/data has less than 1024 MB free \(DARKROOM_MIN_FREE_MB\): free some space/,
  );
  const full = await lackOfRoom(withFree(15));
  assert.equal(full?.isFull, true);
  assert.match(full?.message ?? '', /is full: .*DARKROOM_DATA_DIR/);
  assert.equal(await lackOfRoom({ ...withFree(20), minFreeMb: 0 }), undefined);
});

test('the guard asks the disk every two seconds, however often it is asked', async () => {
  let [now, looks] = [0, 0];
  const freeBytes = async () => {
    looks += 1;
    return looks === 1 ? 0 : 2_000 * megabyte;
  };
  const guard = createRoomGuard({ ...disk, freeBytes, now: () => now });
  assert.match((await guard()) ?? '', /full/);
  now = 1_999;
  assert.match((await guard()) ?? '', /full/);
  now = 2_000;
  assert.equal(await guard(), undefined);
  assert.equal(looks, 2);
});

test('while the disk is short of room no run is started, and they go on by themselves when there is room', async () => {
  let mb = 100;
  let now = 0;
  const guard = createRoomGuard({ ...disk, freeBytes: async () => mb * megabyte, now: () => (now += 2_000) });
  const looks: string[] = [];
  const brake = createBrake(
    {
      assets: { countWaiting: async () => 0 },
      runs: { countOpen: async () => 0 },
      holdsBack: async (library) => {
        looks.push(library);
        return await guard();
      },
      brakeMs: 1,
    },
    { library: 'pictures', window: 64, priority: 4, signal: new AbortController().signal },
  );
  const rooms: number[] = [];
  const waited = brake.room(8).then((room) => rooms.push(room));
  while (looks.length < 5 && rooms.length === 0) await turn();
  assert.equal(rooms.length, 0);
  mb = 2_000;
  await waited;
  assert.deepEqual(rooms, [8]);
});
