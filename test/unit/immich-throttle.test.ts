import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createThrottle } from '../../adapters/immich/throttle.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';

/** A throttle over a clock of the test's own; writes end when the test says so. */
function playThrottle() {
  let clock = 0;
  const rests: { ms: number; end: () => void }[] = [];
  const throttle = createThrottle({
    now: () => clock,
    sleep: (ms) => new Promise((resolve) => rests.push({ ms, end: () => resolve() })),
  });
  const running: { done: () => void; fail: (error: Error) => void }[] = [];
  const start = (signal = new AbortController().signal): Promise<void> => {
    const ended = throttle.run(
      () => new Promise<void>((resolve, reject) => running.push({ done: () => resolve(), fail: reject })),
      signal,
    );
    ended.catch(() => {});
    return ended;
  };
  const begin = async (count: number): Promise<void> => {
    for (let started = 0; started < count; started += 1) void start();
    await turn();
  };
  /** Ends the oldest write that runs, after so many milliseconds. */
  const end = async (ms = 10, error?: Error): Promise<void> => {
    clock += ms;
    const oldest = running.shift();
    assert.ok(oldest !== undefined, 'no write runs');
    if (error === undefined) oldest.done();
    else oldest.fail(error);
    await turn();
  };
  return { throttle, running, rests, start, begin, end };
}

const busy = (retryAfterMs?: number) =>
  new TransientError('ImmichUnavailable', 'busy', retryAfterMs === undefined ? {} : { retryAfterMs });

test('begins with two writes at once and never has more than five', async () => {
  const { running, begin, end } = playThrottle();
  await begin(60);
  assert.equal(running.length, 2);
  let most = 0;
  for (let count = 0; count < 50; count += 1) {
    await end();
    most = Math.max(most, running.length);
  }
  assert.equal(most, 5);
});

test('halves after a refusal, keeps one, and grows again by one for each round that went well', async () => {
  const { throttle, begin, end } = playThrottle();
  await begin(100);
  for (let count = 0; count < 30; count += 1) await end();
  assert.equal(throttle.room, 5);
  await end(10, busy());
  assert.equal(throttle.room, 2.5);
  for (let count = 0; count < 6; count += 1) await end(10, busy());
  assert.equal(throttle.room, 1);
  await end();
  assert.equal(throttle.room, 2);
});

test('a fault that is not the server’s changes nothing', async () => {
  const { throttle, begin, end } = playThrottle();
  await begin(3);
  await end(10, new PermanentError('TooLarge', 'x'));
  await end(10, new Error('ours'));
  assert.equal(throttle.room, 2);
});

test('slow writes take room away, but not where slow is usual', async () => {
  const { throttle, begin, end } = playThrottle();
  await begin(100);
  for (let count = 0; count < 20; count += 1) await end(100);
  assert.equal(throttle.room, 5);
  await end(4_000);
  assert.equal(throttle.room, 4);
  for (let count = 0; count < 40; count += 1) await end(4_000);
  assert.equal(throttle.room, 5);
});

test('after a Retry-After nothing starts until its time, at most half a minute', async () => {
  const { running, rests, begin, end } = playThrottle();
  await begin(5);
  await end(10, busy(600_000));
  await end();
  assert.equal(running.length, 0);
  assert.deepEqual(
    rests.map(({ ms }) => ms),
    [30_000],
  );
  rests[0]?.end();
  await turn();
  assert.ok(running.length > 0);
});

test('of two refusals the one that asks for more says when to go on', async () => {
  for (const [first, second] of [
    [1_000, 5_000],
    [5_000, 1_000],
  ] as const) {
    const { running, rests, begin, end } = playThrottle();
    await begin(5);
    await end(10, busy(first));
    await end(10, busy(second));
    const longest = rests.find(({ ms }) => ms === 5_000);
    for (const rest of rests) if (rest !== longest) rest.end();
    await turn();
    assert.equal(running.length, 0);
    longest?.end();
    await turn();
    assert.equal(running.length, 1);
  }
});

test('who gives up while waiting takes no room and nobody’s turn', async () => {
  const { running, start, begin, end } = playThrottle();
  const giveUp = new AbortController();
  await begin(2);
  const waiting = start(giveUp.signal);
  void start();
  giveUp.abort(new Error('we are stopping'));
  await assert.rejects(waiting, /we are stopping/);
  await assert.rejects(start(giveUp.signal), /we are stopping/);
  await end();
  assert.equal(running.length, 2);
  await end();
  await end();
  assert.equal(running.length, 0);
});
