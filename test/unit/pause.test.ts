import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf, pausableOf, pause, resume } from '../../clients/commands/pause.ts';
import { createOutput } from '../../clients/output.ts';
import { reasonOf, stateOf } from '../../runtime/temporal/pause-reason.ts';
import type { QueuePauses } from '../../runtime/temporal/queue-pauses.ts';
import { UsageError } from '../../clients/usage-error.ts';
import type { KeptPause } from '../../domain/kept-pause.ts';
import { nextMoment, overAt, pausable, type PausedQueue, pausesInWords, spanMs } from '../../domain/pause.ts';
import { createScreen } from '../../workers/up-screen.ts';

/** On this machine's clock, whatever its zone. */
const at = (hour: number, minute = 0, day = 20): number => new Date(2026, 10, day, hour, minute).getTime();
const now = at(14);
const vision = 'darkroom-vision';
const faces = 'darkroom-faces';
const library = 'darkroom-library';
const publish = 'darkroom-publish';
const ada: PausedQueue = { queue: vision, id: 'a', by: 'ada@desk', why: 'gaming', since: at(13, 5), until: at(16) };
const foreign: PausedQueue = { queue: vision, by: 'temporal-cli:ops@box', why: 'power cut' };

test('a span of time is read as people write it', () => {
  assert.equal(spanMs('90m'), 5_400_000);
  assert.equal(spanMs(' 1h30m '), 5_400_000);
  assert.equal(spanMs('1.5 h'), 5_400_000);
  assert.equal(spanMs('2d'), 172_800_000);
  for (const text of ['', 'h', '2', '2x', '-2h', '2h!', 'in 2h', '2 hours'])
    assert.equal(spanMs(text), undefined, text);
});

test('a time of day is the next one on this clock; a date is that date', () => {
  assert.equal(nextMoment('16:30', now), at(16, 30));
  assert.equal(nextMoment('06:00', now), at(6, 0, 21));
  assert.equal(nextMoment('6:00', now), at(6, 0, 21));
  assert.equal(nextMoment('14:00', now), at(14, 0, 21), 'this very minute has begun');
  assert.equal(nextMoment('2026-11-24 06:15', now), at(6, 15, 24));
  assert.equal(nextMoment('2026-11-24T06:15', now), at(6, 15, 24));
  assert.equal(nextMoment('2026-11-24', now), at(0, 0, 24));
  for (const text of ['', '24:00', '6', '06:60', '2026-02-31', '2026-13-01', 'noon', '2026-11-2406:00']) {
    assert.equal(nextMoment(text, now), undefined, text);
  }
});

test('an end that cannot be understood, is over or is too far is refused with an example', () => {
  assert.equal(endOf({}, now), undefined);
  assert.equal(endOf({ for: '2h' }, now), at(16));
  assert.equal(endOf({ until: '06:00' }, now), at(6, 0, 21));
  for (const [options, said] of [
    [{ for: 'ages' }, /--for ages: say for example 90m/],
    [{ for: '0h' }, /--for 0h/],
    [{ for: '999999999999d' }, /further than a year/],
    [{ until: 'dawn' }, /--until dawn: say for example 06:00/],
    [{ until: '2026-11-19 06:00' }, /over already \(it is 14:00 here\)/],
  ] as const) {
    assert.throws(
      () => endOf(options, now),
      (error) => error instanceof UsageError && said.test(error.message),
      JSON.stringify(options),
    );
  }
});

test('each kind of work can be paused, and what is none is refused with those that are', () => {
  for (const what of ['describe', 'faces', 'publish', 'all']) assert.equal(pausableOf(what), what);
  assert.throws(() => pausableOf('reading'), /There is no "reading" to pause.* "describe".* "faces"/);
  assert.throws(() => pausableOf('toString'), UsageError);
});

test('neither workflows nor the control queue can be paused', () => {
  const all = Object.values(pausable).flat();
  assert.deepEqual(new Set(all), new Set([vision, library, faces, publish]));
});

test('a pause is over at its end and not before, one without an end and one of somebody else never is', () => {
  assert.deepEqual(overAt([ada], at(16) - 1), []);
  assert.deepEqual(overAt([ada], at(16)), [ada]);
  const { until: _, ...endless } = ada;
  assert.deepEqual(overAt([endless, { ...foreign, until: at(15) }], at(23)), []);
});

test('a pause is told with what, by whom, why, since when and until when', () => {
  assert.deepEqual(pausesInWords([ada], now), ['describe paused by ada@desk (gaming) since 13:05, until 16:00']);
  const tomorrow = { ...ada, until: at(6, 0, 21) };
  const held = (...held: readonly string[]) => held.map((queue) => ({ ...tomorrow, queue }));
  const rest = 'paused by ada@desk (gaming) since 13:05, until 2026-11-21 06:00';
  assert.deepEqual(pausesInWords(held(vision, library, faces, publish), now), [`everything ${rest}`]);
  // Made before faces could be paused, or with "resume faces" after it; and before writing to libraries could be.
  assert.deepEqual(pausesInWords(held(vision, library, publish), now), [`everything but faces ${rest}`]);
  assert.deepEqual(pausesInWords(held(vision, library), now), [`everything but faces and publish ${rest}`]);
  assert.deepEqual(pausesInWords(held(library, publish), now), [`reading photos and publish ${rest}`]);
  assert.deepEqual(pausesInWords(held(publish), now), [`publish ${rest}`]);
  const { until: _, why: __, ...endless } = ada;
  assert.deepEqual(pausesInWords([{ ...endless, queue: library }, foreign], now), [
    'reading photos paused by ada@desk since 13:05, until "darkroom resume"',
    `describe paused by temporal-cli:ops@box with Temporal's own tools (power cut), until "darkroom resume --force"`,
  ]);
});

const limited = (requestsPerSecond: number | undefined, reason: string) => ({
  queueRateLimit: {
    rateLimit: { ...(requestsPerSecond !== undefined && { requestsPerSecond }) },
    metadata: { reason },
  },
});

test('what the server keeps is read back as it was written', () => {
  const { queue, ...mine } = { ...ada, id: 'a', since: at(13, 5) };
  assert.deepEqual(stateOf(queue, limited(undefined, reasonOf(mine, undefined))), { queue, paused: ada });
  assert.deepEqual(stateOf(queue, limited(0, reasonOf(mine, 2.5))), { queue, paused: ada, limit: 2.5 });
  const bare = { id: 'b', by: 'ada@desk', since: now };
  assert.deepEqual(stateOf(queue, limited(0, reasonOf(bare, undefined))), { queue, paused: { queue, ...bare } });
});

test('a queue without a limit or with a rate is not paused, and the rate is kept in mind', () => {
  for (const config of [undefined, null, {}, { queueRateLimit: { metadata: { reason: 'resumed' } } }]) {
    assert.deepEqual(stateOf(vision, config), { queue: vision });
  }
  assert.deepEqual(stateOf(vision, limited(3, 'slowly')), { queue: vision, limit: 3 });
});

test('a pause that is not ours is shown with its reason, and nothing of it moves a terminal', () => {
  for (const reason of ['gpu is being moved', '{"id":1}', '{}', '"x"', 'null']) {
    const { paused } = stateOf(vision, limited(0, reason));
    assert.deepEqual(paused, { queue: vision, by: 'somebody', why: reason });
  }
  const { paused } = stateOf(vision, limited(0, 'a\u001B[2Jb\nc'));
  assert.equal(paused?.why, 'a [2Jb c');
  const shouted = reasonOf({ id: 'a', by: 'x\u0007', why: 'y\n\u001B[31m', since: now }, undefined);
  assert.deepEqual(stateOf(vision, limited(0, shouted)).paused, {
    queue: vision,
    id: 'a',
    by: 'x',
    why: 'y [31m',
    since: now,
  });
});

function played(answers: Partial<QueuePauses>, columns = 100, held: readonly KeptPause[] = []) {
  const parts: string[] = [];
  const unasked = () => assert.fail('not asked for');
  const pauses = {
    look: unasked,
    pause: unasked,
    resume: unasked,
    liftOver: unasked,
    keepWindows: unasked,
    ...answers,
  };
  const look = async () => ({ pauses: held, resumed: new Map<string, string>() });
  const kept = { look, pause: unasked, resume: unasked };
  const planned = { look: async () => [], plan: unasked, drop: async () => [], carryOut: unasked };
  return {
    opened: { pauses, kept, planned },
    out: createOutput({ write: (text) => parts.push(text), columns }),
    parts,
  };
}

const asked = {
  what: 'describe',
  by: 'bob@box',
  reason: ' a\n b ',
  until: undefined,
  force: false,
  json: false,
} as const;

test('pausing says what is paused until when, and whose pause it replaces', async () => {
  const made: unknown[] = [];
  const { opened, out, parts } = played({
    pause: async (queues, { by, why, until }) => {
      made.push([queues, by, why, until]);
      return { replaced: [ada], refused: [] };
    },
  });
  assert.equal(await pause(opened, out, asked), 0);
  assert.deepEqual(made, [[[vision], 'bob@box', 'a b', undefined]]);
  assert.match(
    parts.join(''),
    /^Paused describe until "darkroom resume"\. What is under way ends; nothing new begins\.\n/,
  );
  assert.match(parts.join(''), /\nIt replaces: describe paused by ada@desk \(gaming\)/);
});

test('for programs a pause has the same id on each of its queues', async () => {
  const { opened, out, parts } = played({ pause: async () => ({ replaced: [], refused: [] }) });
  await pause(opened, out, { ...asked, what: 'all', json: true });
  const { paused, replaced }: { paused: { queue: string; id: string }[]; replaced: unknown } = JSON.parse(
    parts.join(''),
  );
  assert.deepEqual(
    paused.map(({ queue }) => queue),
    [vision, library, faces, publish],
  );
  assert.deepEqual(new Set(paused.map(({ id }) => id)).size, 1);
  assert.deepEqual(replaced, []);
});

test('what Darkroom did not pause is left, said, and the exit code tells', async () => {
  const { opened, out, parts } = played({ resume: async () => ({ lifted: [], left: [foreign], next: [] }) }, 40);
  assert.equal(await resume(opened, out, { what: 'all', force: false, json: false }), 1);
  assert.match(parts.join('').replaceAll('\n', ' '), /^Left as it is: .*until "darkroom resume --force"/);
  assert.ok(
    parts
      .join('')
      .split('\n')
      .every((line) => line.length <= 40),
    parts.join(''),
  );
});

test('writing to libraries is paused and resumed by its own name', async () => {
  const queues: (readonly string[])[] = [];
  const { opened, out, parts } = played({
    pause: async (asked) => {
      queues.push(asked);
      return { replaced: [], refused: [] };
    },
    resume: async (asked) => {
      queues.push(asked);
      return { lifted: [], left: [], next: [] };
    },
  });
  assert.equal(await pause(opened, out, { ...asked, what: 'publish' }), 0);
  assert.equal(await resume(opened, out, { what: 'publish', force: false, json: false }), 0);
  assert.deepEqual(queues, [[publish], [publish]]);
  assert.match(parts.join(''), /^Paused publish until "darkroom resume"\./);
  assert.match(parts.join(''), /\npublish is not paused\.\n$/);
});

test('resuming what is not paused is no failure', async () => {
  const { opened, out, parts } = played({ resume: async () => ({ lifted: [], left: [], next: [] }) });
  assert.equal(await resume(opened, out, { what: 'all', force: false, json: false }), 0);
  assert.deepEqual(parts, ['Nothing is paused.\n']);
});

test('over a pause that Darkroom did not make nothing is paused without force, and whose it is is said', async () => {
  const { opened, out, parts } = played({ pause: async () => ({ replaced: [], refused: [foreign] }) });
  assert.equal(await pause(opened, out, asked), 1);
  assert.match(
    parts.join('').replaceAll('\n', ' '),
    /^Not paused, because of: describe paused by temporal-cli:ops@box .*\(power cut\)/,
  );
  assert.match(parts.join('').replaceAll('\n', ' '), /With --force/);
});

test('resuming names the libraries and hosts that stay paused, and the window that takes over', async () => {
  const held: KeptPause = { target: { kind: 'library', name: 'holidays' }, id: 'k', by: 'ada@desk', since: now };
  const { opened, out, parts } = played({ resume: async () => ({ lifted: [], left: [], next: [] }) }, 100, [
    held,
    { ...held, target: { kind: 'library', name: 'over' }, until: 1 },
  ]);
  assert.equal(await resume(opened, out, { what: 'all', force: false, json: false }), 0);
  assert.match(
    parts.join(' ').replaceAll('\n', ''),
    /^Left as it is: library holidays paused by ada@desk .*until "darkroom resume --library holidays"$/,
  );
  const window = { ...ada, id: 'window/night/x', by: 'window night' };
  const other = played({ resume: async () => ({ lifted: [ada], left: [], next: [window] }) });
  await resume(other.opened, other.out, { what: 'describe', force: false, json: false });
  assert.match(other.parts.join('').replaceAll('\n', ' '), /Now: describe paused by window night .*Resume once more/);
});

const counts = { done: 5, open: 5 };
const progress = {
  kind: 'progress' as const,
  libraries: [
    { name: 'photos', root: '/photos', counts, scanning: false, eta: { ms: 30_000, hosts: 2, unmeasured: 0 } },
  ],
  perMinute: 10,
  pauses: [] as string[],
  isPaused: false,
  idle: false,
};

test('while something is paused, up says so, and for when it says how long it takes', () => {
  const parts: string[] = [];
  const screen = createScreen({ out: { write: (text) => parts.push(text) }, now: () => now });
  screen.progress(progress);
  screen.progress({ ...progress, isPaused: true, pauses: pausesInWords([ada], now) });
  screen.progress({ ...progress, isPaused: true, pauses: pausesInWords([{ ...ada, until: at(17) }], now) });
  assert.deepEqual(parts, [
    'photos  5/10 described · about 1 min with 2 hosts · 10/min · 5 in flight\n',
    'photos  5/10 described · about 1 min with 2 hosts, while nothing is paused · 5 in flight\ndescribe paused by ada@desk (gaming) since 13:05, until 16:00\n',
    'photos  5/10 described · about 1 min with 2 hosts, while nothing is paused · 5 in flight\ndescribe paused by ada@desk (gaming) since 13:05, until 17:00\n',
  ]);
});

test('in a narrow terminal the words of a pause are broken, not cut', () => {
  const parts: string[] = [];
  const out = { write: (text: string) => parts.push(text), isTTY: true, columns: 41 };
  createScreen({ out, now: () => now }).progress({ ...progress, pauses: pausesInWords([ada], now) });
  const lines = parts.join('').split('\n');
  assert.ok(
    lines.every((line) => line.length <= 40),
    parts.join(''),
  );
  assert.match(lines.join(' '), /until 16:00/);
});
