import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createPending } from '../../adapters/folder/pending.ts';

/** Time stands still between two `pass`. */
function pendingWith(t: TestContext, limit = 100) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const due: string[] = [];
  let overflows = 0;
  const pending = createPending({
    timing: { quietMs: 500, maxWaitMs: 5_000, gapMs: 5_000 },
    handle: async (batch) =>
      void due.push(...[...batch].map(([key, { moved }]) => `${now} ${key}${moved ? ' moved' : ''}`)),
    onOverflow: () => void (overflows += 1),
    limit,
  });
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end;) {
      now += 100;
      t.mock.timers.tick(100);
      // The batch is handled in promises; three turns let them settle.
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
  };
  return { pending, due, pass, overflows: () => overflows };
}

test('events for one path become one look when it has been quiet for half a second', async (t) => {
  const { pending, due, pass } = pendingWith(t);
  for (let index = 0; index < 4; index += 1) {
    pending.add('a', index === 1);
    await pass(300);
  }
  assert.deepEqual(due, []);
  await pass(1_000);
  assert.deepEqual(due, ['1400 a moved']);
});

test('a path that never is quiet is looked at every few seconds', async (t) => {
  const { pending, due, pass } = pendingWith(t);
  for (let index = 0; index < 120; index += 1) {
    pending.add('a', false);
    await pass(100);
  }
  assert.equal(due.length, 2);
});

test('a pause in a slow upload is no reason for another look within five seconds', async (t) => {
  const { pending, due, pass } = pendingWith(t);
  pending.add('a', false);
  await pass(1_000);
  pending.add('a', false);
  await pass(3_000);
  assert.deepEqual(due, ['500 a']);
  await pass(3_000);
  assert.deepEqual(due, ['500 a', '5500 a']);
});

test('what does not fit is dropped, and said once there is room again', async (t) => {
  const { pending, due, pass, overflows } = pendingWith(t, 3);
  for (const key of ['a', 'b', 'c', 'd', 'e', 'a']) pending.add(key, false);
  assert.equal(overflows(), 0);
  await pass(2_000);
  assert.deepEqual(due, ['500 a', '500 b', '500 c']);
  assert.equal(overflows(), 1);
});

test('nothing is due after close', async (t) => {
  const { pending, due, pass } = pendingWith(t);
  pending.add('a', false);
  pending.close();
  pending.add('b', false);
  await pass(2_000);
  assert.deepEqual(due, []);
});
