import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createBrake, eachOf, startInPages } from '../../clients/many-runs.ts';

const never = new AbortController().signal;
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

/** Photos with ids from 1 on, in pages as the database gives them. */
const photos = (count: number) =>
  numbers(count).map((at) => ({ asset: { assetId: String(at + 1), library: 'l', path: `${at + 1}.jpg` } }));
const pagesOf =
  (all: ReturnType<typeof photos>, asked: number[] = []) =>
  async (after: string | undefined, limit: number) => {
    asked.push(limit);
    return all.filter(({ asset }) => Number(asset.assetId) > Number(after ?? 0)).slice(0, limit);
  };

/** A server on which `open` runs are open. */
function serverWith(open: number, waiting = 0) {
  const server = { open, most: open, looks: 0 };
  const deps = {
    photos: {
      countOpen: async () => {
        server.looks += 1;
        return server.open;
      },
    },
    assets: { countWaiting: async () => waiting },
    lookEveryMs: 1,
  };
  const start = async () => {
    server.open += 1;
    server.most = Math.max(server.most, server.open);
    return 'started' as const;
  };
  return { server, deps, start };
}

test('work is done on each item once, eight at a time', async () => {
  let [now, most] = [0, 0];
  const seen: number[] = [];
  await eachOf(
    numbers(50),
    async (item) => {
      most = Math.max(most, (now += 1));
      await turn();
      now -= 1;
      seen.push(item);
    },
    never,
  );
  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    numbers(50),
  );
  assert.equal(most, 8);
});

test('after a failure none is begun, those under way end, and the failure is told', async () => {
  let [begun, ended] = [0, 0];
  const work = async (item: number) => {
    begun += 1;
    await turn();
    if (item === 3) throw new Error('Temporal is away');
    ended += 1;
  };
  await assert.rejects(eachOf(numbers(100), work, never), /Temporal is away/);
  assert.ok(begun < 20, `${begun} were begun`);
  assert.equal(ended, begun - 1);
});

test('after an abort none is begun', async () => {
  const stop = new AbortController();
  let begun = 0;
  await eachOf(
    numbers(100),
    async () => {
      begun += 1;
      if (begun === 5) stop.abort();
      await turn();
    },
    stop.signal,
  );
  assert.ok(begun < 14, `${begun} were begun`);
});

test('what was open stays out of account, and no more than the most are open beside it', async () => {
  const { server, deps, start } = serverWith(40, 30);
  const brake = createBrake({ ...deps, most: 20 });
  const ends = setInterval(() => void (server.open = Math.max(40, server.open - 3)), 1);
  try {
    await startInPages(brake, { page: pagesOf(photos(300)), work: start, signal: never });
  } finally {
    clearInterval(ends);
  }
  assert.ok(server.most <= 60, `${server.most} were open`);
  assert.ok(server.looks > 5);
});

test('a page is read when there is room for it, and one that needs no start takes none', async () => {
  const { server, deps } = serverWith(0);
  const asked: number[] = [];
  const seen: string[] = [];
  await startInPages(createBrake({ ...deps, most: 30 }), {
    page: pagesOf(photos(250), asked),
    async work({ asset }) {
      seen.push(asset.assetId);
      return 'left';
    },
    signal: never,
  });
  assert.deepEqual(
    seen,
    photos(250).map(({ asset }) => asset.assetId),
  );
  assert.ok(asked.every((limit) => limit === 30));
  assert.equal(server.looks, 1);
});

test('waiting for room ends with an abort', async () => {
  const { server, deps, start } = serverWith(0);
  const stop = new AbortController();
  const brake = createBrake({ ...deps, most: 20 });
  const running = startInPages(brake, { page: pagesOf(photos(100)), work: start, signal: stop.signal });
  while (server.looks < 5) await turn();
  stop.abort();
  await running;
  assert.equal(server.open, 20);
});
