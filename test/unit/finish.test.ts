import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Sent } from '../../adapters/notify.ts';
import { type Finished, finishedInWords, finishKey } from '../../domain/finish.ts';
import { createLog } from '../../runtime/log.ts';
import { createFinishWatch, type FinishDeps } from '../../workers/engine-finish.ts';

const minute = 60_000;

/** One database and one receiver, over any number of restarts of the engine. */
function world({ withReceiver = true } = {}) {
  const facts = new Map<string, unknown>();
  const ends: { at: number; outcome: 'described' | 'parked' }[] = [];
  const [said, sent, logged]: [string[], Finished[], string[]] = [[], [], []];
  const receiver: { answer: Sent | Promise<Sent> } = { answer: { ok: true } };
  const clock = { now: 1_000_000 };
  const start = (change: Partial<FinishDeps> = {}) =>
    createFinishWatch({
      facts: {
        // As in the database: what is read is no object that somebody holds.
        put: async (key, value) => void facts.set(key, structuredClone(value)),
        get: async (key) => (facts.has(key) ? { value: structuredClone(facts.get(key)), updated: 0 } : undefined),
      },
      endedSince: async (since) => {
        const after = ends.filter(({ at }) => at >= since);
        const of = (outcome: string) => after.filter((one) => one.outcome === outcome).length;
        return { described: of('described'), parked: of('parked'), lastAt: after.at(-1)?.at };
      },
      notifier: withReceiver
        ? {
            async send(what) {
              sent.push(what);
              return await receiver.answer;
            },
          }
        : undefined,
      say: (text) => said.push(text),
      log: createLog({ level: 'debug', pretty: false, destination: { write: (text) => void logged.push(text) } }),
      signal: new AbortController().signal,
      now: () => clock.now,
      quietMs: 10_000,
      ...change,
    });
  const work = (described: number, parked = 0) => {
    for (let at = 0; at < described + parked; at += 1) {
      ends.push({ at: clock.now, outcome: at < described ? 'described' : 'parked' });
    }
  };
  return { facts, said, sent, logged, receiver, clock, start, work };
}

/** Looks once a second for `seconds`. */
async function looks(
  watch: ReturnType<ReturnType<typeof world>['start']>,
  clock: { now: number },
  seconds: number,
  isIdle = true,
) {
  let nothingLeft = false;
  for (let at = 0; at < seconds; at += 1) {
    nothingLeft = await watch.look(isIdle);
    await turn();
    clock.now += 1_000;
  }
  return nothingLeft;
}

test('when all is done for a while it is told once, with what ended since there was something to do', async () => {
  const { start, clock, work, said, sent } = world();
  const watch = start();
  work(5);
  clock.now += minute;
  assert.equal(await looks(watch, clock, 30), true);
  assert.deepEqual(said, [], 'nothing was done that it saw');
  await looks(watch, clock, 7_800, false);
  work(1_204, 3);
  assert.equal(await looks(watch, clock, 9), false);
  assert.deepEqual(said, []);
  await looks(watch, clock, 1, false);
  await looks(watch, clock, 9);
  assert.deepEqual(said, [], 'it has to be quiet without a break');
  assert.equal(await looks(watch, clock, 60), true);
  assert.deepEqual(said, ['Finished: 1,204 described, 3 parked, in 2 h 10 min']);
  assert.equal(sent.length, 1);
});

test('where nothing was described there is nothing to tell, and what was parked then is not told later', async () => {
  const { start, clock, work, said } = world();
  const watch = start();
  await looks(watch, clock, 60, false);
  work(0, 3);
  await looks(watch, clock, 60);
  assert.deepEqual(said, []);
  await looks(watch, clock, 60, false);
  work(2);
  await looks(watch, clock, 60);
  assert.deepEqual(said, ['Finished: 2 described, in 61 s']);
});

test('restarts in the middle of the work make it one notice from the first start on', async () => {
  const { start, clock, work, said, sent } = world();
  await looks(start(), clock, 10, false);
  work(3);
  clock.now += 60 * minute;
  const second = start();
  await looks(second, clock, 5);
  await looks(second, clock, 5, false);
  work(4);
  await looks(start(), clock, 60);
  assert.deepEqual(said, ['Finished: 7 described, in 1 h']);
  await looks(start(), clock, 60);
  assert.equal(said.length, 1);
  assert.equal(sent.length, 1);
});

test('killed after it was written down, it is told by the next start; killed after the telling, once more', async () => {
  const { start, clock, work, said, sent } = world();
  const killed = () => {
    throw new Error('kill -9');
  };
  const first = start({ say: killed });
  await looks(first, clock, 10, false);
  work(2);
  await assert.rejects(looks(first, clock, 60), /kill -9/);
  assert.equal(said.length, 0);
  const second = start({
    say: (text) => {
      said.push(text);
      killed();
    },
  });
  await assert.rejects(looks(second, clock, 1), /kill -9/);
  await looks(start(), clock, 5);
  assert.deepEqual(
    said,
    Array.from({ length: 2 }, () => 'Finished: 2 described, in 10 s'),
  );
  assert.equal(sent.length, 1);
});

test('a receiver that hangs or refuses keeps nobody from working, and is tried again with growing pauses and at a restart', async () => {
  const { start, clock, work, said, sent, receiver, logged, facts } = world();
  const hanging = Promise.withResolvers<Sent>();
  receiver.answer = hanging.promise;
  const watch = start();
  await looks(watch, clock, 10, false);
  work(2);
  assert.equal(await looks(watch, clock, 60), false, 'a batch waits for the first try');
  assert.equal(said.length, 1);
  hanging.resolve({ ok: false, why: 'ntfy.example answers 503' });
  receiver.answer = { ok: false, why: 'ntfy.example answers 503' };
  assert.equal(await looks(watch, clock, 3), true);
  // 1, 2, 4, 8 minutes; also while there is something to do again.
  await looks(watch, clock, 16 * 60, false);
  assert.equal(sent.length, 5);
  assert.equal(logged.filter((line) => line.includes('answers 503')).length, 1);
  receiver.answer = { ok: true };
  await looks(start(), clock, 3, false);
  assert.equal(sent.length, 6);
  assert.equal(said.length, 1);
  assert.doesNotMatch(JSON.stringify(facts.get(finishKey)), /toSend":\{/);
});

test('what could not be sent is sent together with what was done since', async () => {
  const { start, clock, work, sent, receiver } = world();
  receiver.answer = { ok: false, why: 'away' };
  const watch = start();
  for (const described of [2, 3]) {
    await looks(watch, clock, 10, false);
    work(described, 1);
    await looks(watch, clock, 30);
  }
  receiver.answer = { ok: true };
  await looks(watch, clock, 600);
  assert.deepEqual(
    { described: sent.at(-1)?.described, parked: sent.at(-1)?.parked, ms: sent.at(-1)?.ms },
    { described: 5, parked: 2, ms: 21_000 },
  );
});

test('without a receiver nothing is kept for one', async () => {
  const { start, clock, work, said, facts } = world({ withReceiver: false });
  const watch = start();
  await looks(watch, clock, 10, false);
  work(1);
  assert.equal(await looks(watch, clock, 20), true);
  assert.equal(said.length, 1);
  assert.doesNotMatch(JSON.stringify(facts.get(finishKey)), /\d/);
});

test('the words of a notice have two units at most', () => {
  const said = (ms: number) => finishedInWords({ described: 1, parked: 0, ms, at: 0 });
  const spans = [0, 119_000, 120_000, 59 * minute, 120 * minute, 47 * 60 * minute + 5 * minute, 76 * 60 * minute];
  assert.deepEqual(
    spans.map((ms) => said(ms).replace('1 described, in ', '')),
    ['1 s', '119 s', '2 min', '59 min', '2 h', '47 h 5 min', '3 days 4 h'],
  );
});
