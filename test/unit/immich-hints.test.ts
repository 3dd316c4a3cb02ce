import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { createLog } from '../../runtime/log.ts';
import { createHints } from '../../workers/engine-immich-hints.ts';
import { keepSweeping } from '../../workers/engine-immich-sweep.ts';
import { made, newsRecord, newsScene } from '../support/immich-news-scene.ts';

/** Hints of one library, until everything that waits was looked at. */
function hintsOf(on: ReturnType<typeof newsScene>, most?: number) {
  const stop = new AbortController();
  const waits: number[] = [];
  const hints = createHints(
    {
      immichs: on.immichs,
      takeNew: on.takeNew,
      log: createLog({ level: 'silent', pretty: false }),
      signal: stop.signal,
      async wait(ms) {
        waits.push(ms);
        if (waits.length === 3) on.fake.fault = undefined;
      },
      ...(most !== undefined && { most }),
    },
    'immich',
  );
  const over = async () => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await hints.ended;
  };
  return { hints, waits, over };
}

test('a hint is looked at as a poll would, and the same one many times is one', async () => {
  const on = newsScene();
  const id = on.put(1, { createdAt: made });
  const partner = on.put(2, { createdAt: made, ownerId: 'partner' });
  const { hints, over } = hintsOf(on);
  for (const one of [id, id, partner, id, '00000000-0000-4000-8000-000000000099']) assert.ok(hints.offer(one));
  await over();
  assert.deepEqual(on.ids(), [id]);
  assert.deepEqual(on.asked, [], 'no page is asked for');
});

test('of more hints than are kept the rest is dropped, and a photo that waits already takes no room', async () => {
  const on = newsScene();
  const ids = [1, 2, 3].map((nth) => on.put(nth, { createdAt: made }));
  const { hints, over } = hintsOf(on, 2);
  assert.deepEqual(
    [ids[0], ids[1], ids[2], ids[0]].map((id) => hints.offer(id ?? '')),
    [true, true, false, true],
  );
  await over();
  assert.deepEqual(on.ids().sort(), ids.slice(0, 2));
});

test('hints wait while Immich is away, and are followed when it is back', async () => {
  const on = newsScene();
  const id = on.put(1, { createdAt: made });
  on.fake.fault = new TransientError('ImmichUnavailable', 'away');
  const { hints, waits, over } = hintsOf(on);
  hints.offer(id);
  await over();
  assert.deepEqual(waits, [1_000, 2_000, 4_000]);
  assert.deepEqual(on.ids(), [id]);
});

test('hints are dropped while the first look is under way, or where a person has to mend the key first', async () => {
  for (const fault of [undefined, new ConfigError('ImmichKeyRefused', 'no key')]) {
    const on = newsScene({ firstLook: fault === undefined ? 'shown' : 'over' });
    on.fake.fault = fault;
    const { hints, over } = hintsOf(on);
    hints.offer(on.put(1, { createdAt: made }));
    await over();
    assert.deepEqual(on.ids(), []);
  }
});

test('the pass of the night is asked for once a night, and noted', async () => {
  const stop = new AbortController();
  let now = new Date(2026, 10, 21, 20, 0).getTime();
  let swept: number | undefined;
  const scans: string[] = [];
  await keepSweeping(
    {
      store: {
        libraries: async () => [{ ...newsRecord, ...(swept !== undefined && { swept }) }],
        setSwept: async (_id, at) => void (swept = at),
      },
      photos: { scan: async (library, reason) => void scans.push(`${library} ${reason} ${new Date(now).getHours()}`) },
      now: () => now,
      log: createLog({ level: 'silent', pretty: false }),
      signal: stop.signal,
      async wait(ms) {
        now += ms;
        if (now > new Date(2026, 10, 23, 12, 0).getTime()) stop.abort();
      },
    },
    newsRecord,
  );
  assert.deepEqual(scans, ['immich nightly 2', 'immich nightly 2']);
  assert.equal(new Date(swept ?? 0).getDate(), 23);
});
