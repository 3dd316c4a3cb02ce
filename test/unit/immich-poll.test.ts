import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { createLog } from '../../runtime/log.ts';
import { keepPolling } from '../../workers/engine-immich-poll.ts';
import { made, minute, never, newsScene } from '../support/immich-news-scene.ts';

test('a new photo is started before the backlog, also one that Immich has not read yet, and the cursor follows it', async () => {
  const { put, poll, ids, priorities, polledUntil } = newsScene();
  const first = put(1, { createdAt: made + minute });
  const second = put(2, { createdAt: made + 2 * minute, hasMetadata: false, hasPreview: false });
  await poll(never);
  assert.deepEqual([...priorities()], [2]);
  assert.deepEqual(ids(), [second, first]);
  assert.deepEqual(polledUntil, [made + 2 * minute]);
});

test('a poll with nothing new is one request, asks the database for no photo, and writes nothing', async () => {
  const { put, poll, ids, fake, asked, polledUntil } = newsScene();
  await poll(never);
  assert.deepEqual(asked.splice(0), [{ cursor: undefined, createdAfter: made - 10 * minute }]);
  put(1, { createdAt: made + minute });
  await poll(never);
  assert.equal(ids().length, 1);
  assert.equal(fake.registered, 1);
  asked.length = 0;
  polledUntil.length = 0;
  await poll(never);
  await poll(never);
  assert.equal(asked.length, 2);
  assert.deepEqual([fake.registered, polledUntil, ids()], [1, [], []]);
});

test('what Immich shows late, with a time before the newest one that was met, is found by the overlap', async () => {
  const { put, poll, ids, polledUntil } = newsScene();
  put(1, { createdAt: made + 20 * minute });
  await poll(never);
  ids();
  const late = put(2, { createdAt: made + 11 * minute });
  await poll(never);
  assert.deepEqual(ids(), [late]);
  assert.deepEqual(polledUntil, [made + 20 * minute], 'and the cursor never goes back');
});

test('all pages of a poll are read before the cursor moves', async () => {
  const { put, poll, ids, asked, polledUntil } = newsScene();
  for (let nth = 1; nth <= 5; nth += 1) put(nth, { createdAt: made + (6 - nth) * minute });
  await poll(never);
  assert.equal(ids().length, 5);
  assert.deepEqual(
    asked.map(({ cursor }) => cursor),
    [undefined, '2', '4'],
  );
  assert.deepEqual(polledUntil, [made + 5 * minute]);
});

test('a server whose clock is an hour behind or ahead is polled by its own clock', async () => {
  for (const skew of [-60, 60]) {
    const { put, poll, ids, polledUntil } = newsScene({ polledUntil: made - 24 * 60 * minute });
    const first = put(1, { createdAt: made + skew * minute });
    await poll(never);
    const second = put(2, { createdAt: made + (skew + 1) * minute });
    await poll(never);
    assert.deepEqual(ids(), [first, second]);
    assert.deepEqual(polledUntil, [made + skew * minute, made + (skew + 1) * minute]);
  }
});

test('the cursor stays where it was when a start was not taken, and the process after a kill finds the photo', async () => {
  const { put, poll, ids, polledUntil, setTemporal, process } = newsScene();
  const id = put(1, { createdAt: made + minute });
  setTemporal(true);
  await assert.rejects(poll(never), /Temporal is away/);
  assert.deepEqual([polledUntil, ids()], [[], []]);
  setTemporal(false);
  await process()(never);
  assert.deepEqual([polledUntil, ids()], [[made + minute], [id]]);
});

test('a poll that breaks off in the middle keeps its cursor, and what was taken before is not looked at once more', async () => {
  const { put, poll, ids, fake, polledUntil } = newsScene();
  for (let nth = 1; nth <= 4; nth += 1) put(nth, { createdAt: made + nth * minute });
  fake.beforePage = () => {
    if (fake.asked.length === 2) throw new TransientError('ImmichUnavailable', 'away');
  };
  await assert.rejects(poll(never), /away/);
  assert.equal(ids().length, 2);
  assert.deepEqual(polledUntil, []);
  await poll(never);
  assert.equal(ids().length, 2);
  assert.deepEqual(polledUntil, [made + 4 * minute]);
  assert.equal(fake.registered, 2, 'each page once');
});

test('a photo whose run is open is left alone', async () => {
  const { put, poll, ids, open, polledUntil } = newsScene();
  open.add(put(1, { createdAt: made + minute }));
  await poll(never);
  assert.deepEqual(ids(), []);
  assert.deepEqual(polledUntil, [made + minute]);
});

test('photos of partners and photos with a text of somebody are decided as a pass does', async () => {
  const { put, poll, ids } = newsScene();
  put(1, { createdAt: made + minute, ownerId: 'partner' });
  put(2, { createdAt: made + minute, description: 'Our first day' });
  const bare = put(3, { createdAt: made + minute });
  await poll(never);
  assert.deepEqual(ids(), [bare]);
});

/** Polls with waits that pass at once, until `count` of them were waited. */
async function keep(count: number, poll: (nth: number) => Promise<void>) {
  const stop = new AbortController();
  const waits: number[] = [];
  const said: string[] = [];
  const warned: string[] = [];
  const log = createLog({
    level: 'warn',
    pretty: false,
    destination: { write: (line) => void warned.push(String(JSON.parse(line).err.message)) },
  });
  let nth = 0;
  await keepPolling(() => poll((nth += 1)), 'immich', {
    everyMs: minute,
    say: (text) => void said.push(text),
    log,
    signal: stop.signal,
    async wait(ms) {
      if (waits.push(ms / 1_000) === count) stop.abort();
    },
  });
  return { waits, said, warned };
}

test('while Immich is away polls come more rarely; it is said once when it goes, and once when it is back', async () => {
  const away = new TransientError('ImmichUnavailable', 'away');
  const fails = (nth: number) => (nth > 1 && nth < 6 ? Promise.reject(away) : Promise.resolve());
  const { waits, said, warned } = await keep(7, fails);
  assert.deepEqual(waits, [60, 60, 120, 240, 480, 60, 60]);
  assert.deepEqual(warned, ['away']);
  assert.deepEqual(said, ['New photos of immich are looked for again.']);
});

test('another reason, which may need a person, is said too', async () => {
  const faults = [new TransientError('ImmichUnavailable', 'away'), new ConfigError('ImmichKeyRefused', 'no key')];
  const { said, warned } = await keep(3, (nth) => Promise.reject(faults[nth - 1] ?? new Error('Temporal')));
  assert.deepEqual(warned, ['away', 'no key', 'Temporal']);
  assert.deepEqual(said, []);
});
