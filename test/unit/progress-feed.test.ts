import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgressFeed, type ProgressEvent, type ProgressNow } from '../../clients/progress-feed.ts';

const at = (done: number): ProgressNow => ({
  libraries: [{ name: 'pictures', counts: { done }, scanning: false }],
  perMinute: 0,
  pauses: [],
});

async function take(events: AsyncGenerator<ProgressEvent | 'heartbeat'> | undefined, count: number) {
  const taken: (ProgressEvent | 'heartbeat')[] = [];
  while (taken.length < count) {
    const next = await events?.next();
    if (next === undefined || next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

test('it tells at once, and again when something has changed; that nothing can be told is told too', async () => {
  const looks: (() => Promise<ProgressNow>)[] = [
    async () => at(1),
    async () => at(1),
    async () => at(2),
    () => Promise.reject(new Error('the database is away')),
  ];
  const feed = createProgressFeed({ look: async () => await (looks.shift() ?? (async () => at(3)))(), everyMs: 1 });
  const leaving = new AbortController();
  const events = feed.listen(leaving.signal);
  assert.deepEqual(await take(events, 4), [
    { event: 'progress', data: at(1) },
    { event: 'progress', data: at(2) },
    { event: 'trouble', data: { trouble: 'the database is away' } },
    { event: 'progress', data: at(3) },
  ]);
  leaving.abort();
  assert.deepEqual(await take(events, 1), []);
});

test('where nothing changes a heartbeat shows that it lives', async () => {
  const feed = createProgressFeed({ look: async () => at(1), everyMs: 1, heartbeatMs: 5 });
  const leaving = new AbortController();
  assert.deepEqual(await take(feed.listen(leaving.signal), 3), [
    { event: 'progress', data: at(1) },
    'heartbeat',
    'heartbeat',
  ]);
  leaving.abort();
});

test('however many listen, one looks; more than a few may not, and a place is free when somebody leaves', async () => {
  let looks = 0;
  const look = async () => {
    looks += 1;
    return at(1);
  };
  const feed = createProgressFeed({ look, everyMs: 60_000, most: 2 });
  const [one, two] = [new AbortController(), new AbortController()];
  await Promise.all([take(feed.listen(one.signal), 1), take(feed.listen(two.signal), 1)]);
  assert.equal(looks, 1);
  assert.equal(feed.listen(new AbortController().signal), undefined);
  one.abort();
  assert.equal(feed.listeners(), 1);
  // One who left before anything was told holds no place.
  feed.listen(AbortSignal.abort());
  assert.equal(feed.listeners(), 1);
  two.abort();
  assert.equal(feed.listeners(), 0);
});
