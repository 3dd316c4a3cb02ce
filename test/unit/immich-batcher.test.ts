import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBatcher } from '../../adapters/immich/batcher.ts';

const never = new AbortController().signal;

function playBatcher(run: (items: readonly number[]) => Promise<void> = async () => {}, most = 100) {
  const batches: (readonly number[])[] = [];
  const batcher = createBatcher<number>({
    waitMs: 1,
    most,
    async run(items) {
      batches.push([...items]);
      await run(items);
    },
  });
  return { batcher, batches };
}

test('joins what comes together, in its order, and begins anew afterwards', async () => {
  const { batcher, batches } = playBatcher();
  await Promise.all([batcher.add([1, 2], never), batcher.add([3], never)]);
  await batcher.add([4], never);
  assert.deepEqual(batches, [[1, 2, 3], [4]]);
});

test('a batch has a most; what is more goes in the next, and its caller waits for both', async () => {
  const { batcher, batches } = playBatcher(async () => {}, 2);
  await batcher.add([1, 2, 3, 4, 5], never);
  assert.deepEqual(batches, [[1, 2], [3, 4], [5]]);
});

test('a batch that fails fails for all who are in it, and for nobody else', async () => {
  const { batcher } = playBatcher(async (items) => {
    if (items.includes(2)) throw new Error('refused');
  });
  const [one, two] = [batcher.add([1], never), batcher.add([2], never)];
  await assert.rejects(one, /refused/);
  await assert.rejects(two, /refused/);
  await batcher.add([3], never);
});

test('who gives up is let go at once, and the batch goes on without a word', async () => {
  const went = Promise.withResolvers<readonly number[]>();
  const { batcher } = playBatcher(async (items) => {
    went.resolve(items);
    throw new Error('nobody hears this');
  });
  const giveUp = new AbortController();
  const added = batcher.add([1], giveUp.signal);
  giveUp.abort(new Error('we are stopping'));
  await assert.rejects(added, /we are stopping/);
  await assert.rejects(batcher.add([2], giveUp.signal), /we are stopping/);
  assert.deepEqual(await went.promise, [1]);
});

test('nothing to write is no batch', async () => {
  const { batcher, batches } = playBatcher();
  await batcher.add([], never);
  assert.deepEqual(batches, []);
});
