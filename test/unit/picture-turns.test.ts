import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import { atMost } from '../../adapters/picture/at-most.ts';

const never = new AbortController().signal;

/** Work that runs until it is told to end. */
function slowWork() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => async () => {
    started.push(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.set(name, resolve);
    await promise;
    return name;
  };
  return { started, end: (name: string) => ends.get(name)?.(), work };
}

test('no more than so many run at once, the others in their order', async () => {
  const { started, end, work } = slowWork();
  const inTurn = atMost(2);
  const all = ['a', 'b', 'c', 'd'].map((name) => inTurn(never, work(name)));
  await settled();
  assert.deepEqual(started, ['a', 'b']);
  end('b');
  await all[1];
  await settled();
  assert.deepEqual(started, ['a', 'b', 'c']);
  for (const name of ['a', 'c']) end(name);
  await Promise.all([all[0], all[2]]);
  await settled();
  end('d');
  assert.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'd']);
});

test('who gives up leaves the queue, and its turn goes to the next', async () => {
  const { started, end, work } = slowWork();
  const inTurn = atMost(1);
  const ending = new AbortController();
  const first = inTurn(never, work('a'));
  const second = assert.rejects(inTurn(ending.signal, work('b')), /enough/);
  const third = inTurn(never, work('c'));
  ending.abort(new Error('enough'));
  await second;
  end('a');
  await first;
  await settled();
  end('c');
  await third;
  assert.deepEqual(started, ['a', 'c']);
});

test('work that fails gives its turn back', async () => {
  const inTurn = atMost(1);
  await assert.rejects(
    inTurn(never, () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.equal(await inTurn(never, () => Promise.resolve(1)), 1);
});
