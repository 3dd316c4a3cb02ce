import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseLater } from '../../clients/commands/pause-later.ts';
import { beginOf, endOf, resume } from '../../clients/commands/pause.ts';
import { knownPauses } from '../../clients/known-pauses.ts';
import { createOutput } from '../../clients/output.ts';
import { UsageError } from '../../clients/usage-error.ts';
import { pausable, type PausedQueue } from '../../domain/pause.ts';
import { dueAt, type PlannedPause, plansInWords, verdictOn } from '../../domain/planned-pause.ts';
import { createLog } from '../../runtime/log.ts';
import { watchPauses } from '../../workers/engine-pauses.ts';

/** On this machine's clock, whatever its zone. */
const at = (hour: number, minute = 0, day = 20): number => new Date(2026, 10, day, hour, minute).getTime();
const now = at(20);
const vision = 'darkroom-vision';
const library = 'darkroom-library';
const plan: PlannedPause = {
  queue: vision,
  id: 'p',
  by: 'ada@desk',
  why: 'gaming',
  since: at(22, 10),
  until: at(6, 0, 21),
  force: false,
};
const { until: _, ...endless } = plan;
const paused = (more: Partial<PausedQueue> = {}): PausedQueue => ({
  queue: vision,
  id: 'q',
  by: 'bob@box',
  since: at(21),
  ...more,
});
const foreign: PausedQueue = { queue: vision, by: 'temporal-cli:ops@box' };

test('a beginning is a span from now or a moment; an end counts from the beginning', () => {
  assert.equal(beginOf({}, now), undefined);
  assert.equal(beginOf({ in: '2h' }, now), at(22));
  assert.equal(beginOf({ at: '22:10' }, now), at(22, 10));
  assert.equal(beginOf({ at: '19:00' }, now), at(19, 0, 21));
  assert.equal(endOf({ for: '1h' }, now, at(22)), at(23));
  assert.equal(endOf({ until: '21:00' }, now, at(22)), at(21, 0, 21), 'the next one after the beginning');
  assert.equal(endOf({ until: '2026-11-21 06:00' }, now, at(22)), at(6, 0, 21));
  for (const [ask, said] of [
    [() => beginOf({ in: 'soon' }, now), /--in soon: say for example 90m/],
    [() => beginOf({ in: '0h' }, now), /--in 0h/],
    [() => beginOf({ in: '9999d' }, now), /^UsageError: --in reaches further than a year\.$/],
    [() => beginOf({ at: 'dusk' }, now), /--at dusk: say for example 06:00/],
    [() => beginOf({ at: '2026-11-20 19:00' }, now), /over already \(it is 20:00 here\)/],
    [() => endOf({ until: '2026-11-20 21:00' }, now, at(22)), /over already \(the pause begins at 22:00\)/],
  ] as const) {
    assert.throws(ask, (error) => error instanceof UsageError && said.test(String(error)), String(ask));
  }
});

test('a plan is due at its time and not before', () => {
  assert.deepEqual(dueAt([plan], at(22, 10) - 1), []);
  assert.deepEqual(dueAt([plan], at(22, 10)), [plan]);
});

test('what is due begins, unless it would be over, or has begun, or a newer or longer pause holds', () => {
  const due = at(22, 11);
  assert.equal(verdictOn(plan, undefined, due), 'pause');
  assert.equal(verdictOn(plan, undefined, at(6, 0, 21) - 1), 'pause');
  assert.equal(verdictOn(plan, undefined, at(6, 0, 21)), 'over');
  assert.equal(verdictOn(endless, undefined, at(6, 0, 30)), 'pause');
  assert.equal(verdictOn(plan, paused({ id: 'p', since: plan.since }), due), 'held', 'it has begun');
  assert.equal(verdictOn(plan, paused(), due), 'held', 'one without an end is longer');
  assert.equal(verdictOn(plan, paused({ until: at(6, 0, 21) }), due), 'held');
  assert.equal(verdictOn(plan, paused({ until: at(23) }), due), 'pause', 'one that ends sooner is replaced');
  assert.equal(verdictOn(endless, paused({ until: at(6, 0, 30) }), due), 'pause');
  assert.equal(verdictOn(plan, paused({ since: plan.since, until: at(23) }), due), 'held', 'a newer word counts');
  const window = paused({ id: 'window/night/x', since: at(22, 10), until: at(6, 0, 22) });
  assert.equal(verdictOn(plan, window, due), 'pause', 'a person goes before a window');
});

test('a pause with the tools of Temporal goes first, unless the plan was made with force', () => {
  assert.equal(verdictOn(plan, foreign, at(23)), 'waits');
  assert.equal(verdictOn({ ...plan, force: true }, foreign, at(23)), 'pause');
  assert.equal(verdictOn(plan, foreign, at(7, 0, 21)), 'over');
});

test('a plan is told with what, when, by whom, why and until when; one that waits with what it waits for', () => {
  assert.deepEqual(plansInWords([plan], now), [
    'describe will be paused at 22:10 by ada@desk (gaming), until 2026-11-21 06:00',
  ]);
  const all = pausable.all.map((queue) => ({ ...plan, queue }));
  assert.deepEqual(plansInWords(all, at(1, 0, 20)), [
    'everything will be paused at 22:10 by ada@desk (gaming), until 2026-11-21 06:00',
  ]);
  const { why: __, ...bare } = endless;
  assert.deepEqual(plansInWords([{ ...bare, queue: library }], now), [
    'reading photos will be paused at 22:10 by ada@desk, until "darkroom resume"',
  ]);
  assert.deepEqual(plansInWords([bare], at(23), [foreign]), [
    `describe will be paused by ada@desk when Temporal's own tools let it go on, until "darkroom resume"`,
  ]);
});

function written() {
  const parts: string[] = [];
  return { out: createOutput({ write: (text) => parts.push(text), columns: 200 }), said: () => parts.join('') };
}
const unasked = () => assert.fail('not asked for');
const asked = { by: 'ada@desk', reason: undefined, until: undefined, force: false, json: false } as const;

test('planning says when, what it replaces, and how it is dropped; on all queues it has the same id', async () => {
  const made: PlannedPause[] = [];
  const put = async (plans: readonly PlannedPause[]) => {
    made.push(...plans);
    return [plan];
  };
  const { out, said } = written();
  const tomorrow = Date.now() + 86_400_000;
  const planned = { look: unasked, plan: put, drop: unasked, carryOut: unasked };
  await pauseLater({ planned }, out, { ...asked, what: 'all', begin: tomorrow });
  assert.deepEqual(
    made.map(({ queue, since, force }) => [queue, since, force]),
    pausable.all.map((queue) => [queue, tomorrow, false]),
  );
  assert.equal(new Set(made.map(({ id }) => id)).size, 1);
  assert.match(
    said(),
    /^Everything will be paused at \d{4}-.* \d\d:\d\d, until "darkroom resume"\. "darkroom resume all"/,
  );
  assert.match(said(), /\nIt replaces: describe will be paused at .*22:10 by ada@desk \(gaming\)/);
});

test('resuming forgets what is planned for that work first, says so, and names what stays planned', async () => {
  const order: string[] = [];
  const planned = {
    look: async () => [{ ...plan, queue: library }],
    plan: unasked,
    drop: async (queues: readonly string[]) => {
      order.push(`drop ${queues.join()}`);
      return [plan];
    },
    carryOut: unasked,
  };
  const pauses = {
    look: unasked,
    pause: unasked,
    liftOver: unasked,
    keepWindows: unasked,
    resume: async () => {
      order.push('resume');
      return { lifted: [], left: [], next: [] };
    },
  };
  const kept = { look: async () => ({ pauses: [], resumed: new Map() }), pause: unasked, resume: unasked };
  const { out, said } = written();
  assert.equal(await resume({ pauses, kept, planned }, out, { what: 'describe', force: false, json: false }), 0);
  assert.deepEqual(order, [`drop ${vision}`, 'resume']);
  assert.match(
    said(),
    /^Planned no more: describe will be paused at .*\nLeft as it is: reading photos will be paused at /,
  );
  assert.doesNotMatch(said(), /not paused/);
});

test('while Temporal is away, what is planned is still known', async () => {
  const { lines, planned, queues } = await knownPauses({
    pauses: { look: () => Promise.reject(new Error('away')) },
    kept: { look: async () => ({ pauses: [], resumed: new Map() }) },
    planned: { look: async () => [plan] },
  });
  assert.deepEqual([planned, queues, lines[0]], [[plan], undefined, 'Pauses are not known: away']);
  assert.match(lines[1] ?? '', /^describe will be paused at/);
});

/** One round of the loop that every worker runs. */
async function oneRound(plans: readonly PlannedPause[], holding: readonly PausedQueue[] = []) {
  const stop = new AbortController();
  const order: string[] = [];
  const watch = watchPauses({
    pauses: {
      look: async () => holding,
      async liftOver() {
        order.push('lift');
        return [];
      },
    },
    kept: {
      async look() {
        stop.abort();
        return { pauses: [], resumed: new Map() };
      },
    },
    planned: {
      look: async () => plans,
      async carryOut() {
        order.push('begin');
        return [];
      },
    },
    log: createLog({ level: 'fatal', pretty: false, name: 'test' }),
    signal: stop.signal,
  });
  await watch.ended;
  return { order, words: watch.inWords(Date.now()) };
}

test('a worker begins what is due before it lifts what is over, leaves the rest, and tells of it', async () => {
  const past = { ...endless, since: Date.now() - 1_000 };
  const future = { ...endless, since: Date.now() + 60_000 };
  const over = paused({ since: Date.now() - 5_000, until: Date.now() - 1_000 });
  assert.deepEqual((await oneRound([past], [over])).order, ['begin', 'lift']);
  const { order, words } = await oneRound([future], []);
  assert.deepEqual(order, []);
  assert.match(words.join('\n'), /^describe will be paused at .* by ada@desk \(gaming\)/);
});

test('a worker does not ask again and again about a plan that waits for the tools of Temporal', async () => {
  const past = { ...endless, since: Date.now() - 1_000 };
  assert.deepEqual((await oneRound([past], [foreign])).order, []);
  assert.deepEqual((await oneRound([past, { ...past, queue: library }], [foreign])).order, ['begin']);
});
