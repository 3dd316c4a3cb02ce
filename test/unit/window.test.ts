import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeepWindowsActivities } from '../../activities/keep-windows.ts';
import { calendarsOf } from '../../clients/window-schedules.ts';
import { windowOf } from '../../clients/commands/window.ts';
import { UsageError } from '../../clients/usage-error.ts';
import { queues } from '../../domain/queues.ts';
import {
  closedQueues,
  daysOf,
  minutesOf,
  type Window,
  weekdays,
  windowAt,
  windowInWords,
} from '../../domain/window.ts';
import { momentOf, offsetsOf, zoneOf } from '../../domain/zone-clock.ts';
import { attempt } from '../support/attempt.ts';

const night: Window = {
  name: 'night',
  what: 'describe',
  from: 22 * 60,
  to: 6 * 60,
  zone: 'Europe/Berlin',
  days: weekdays,
  by: 'ada@desk',
  since: 0,
};
const utc = (text: string): number => Date.parse(text);
const told = (window: Window, at: string): string => {
  const { open, until } = windowAt(window, utc(at));
  return `${open ? 'open' : 'closed'} until ${new Date(until).toISOString().slice(0, 16)}`;
};

test('a window over midnight is open on both sides of it, and closed at its edge', () => {
  assert.equal(told(night, '2026-11-20T20:59:59Z'), 'closed until 2026-11-20T21:00');
  assert.equal(told(night, '2026-11-20T21:00:00Z'), 'open until 2026-11-21T05:00');
  assert.equal(told(night, '2026-11-20T23:30:00Z'), 'open until 2026-11-21T05:00');
  assert.equal(told(night, '2026-11-21T04:59:59Z'), 'open until 2026-11-21T05:00');
  assert.equal(told(night, '2026-11-21T05:00:00Z'), 'closed until 2026-11-21T21:00');
});

test('a window within a day is open only then', () => {
  const noon = { ...night, from: 12 * 60, to: 13 * 60 + 30, zone: 'Asia/Kolkata' };
  assert.equal(told(noon, '2026-11-20T06:29:00Z'), 'closed until 2026-11-20T06:30');
  assert.equal(told(noon, '2026-11-20T06:30:00Z'), 'open until 2026-11-20T08:00');
  assert.equal(told(noon, '2026-11-20T08:00:00Z'), 'closed until 2026-11-21T06:30');
});

test('the days are those on which it opens, by the clock of its zone', () => {
  const work = { ...night, days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const };
  // Friday evening to Saturday morning, then Monday evening.
  assert.equal(told(work, '2026-11-20T22:00:00Z'), 'open until 2026-11-21T05:00');
  assert.equal(told(work, '2026-11-21T05:00:00Z'), 'closed until 2026-11-23T21:00');
  // In Auckland it is Monday already.
  const there = { ...work, zone: 'Pacific/Auckland', from: 60, to: 120, days: ['mon'] as const };
  assert.equal(told(there, '2026-11-22T12:30:00Z'), 'open until 2026-11-22T13:00');
});

test('days that touch are one span', () => {
  const weekend = { ...night, from: 0, to: 0, days: ['sat', 'sun'] as const };
  assert.equal(told(weekend, '2026-11-21T12:00:00Z'), 'open until 2026-11-22T23:00');
  assert.equal(told(weekend, '2026-11-22T23:00:00Z'), 'closed until 2026-11-27T23:00');
});

test('in the night when the clocks go forward it closes by the clock, an hour sooner', () => {
  // Berlin, 29 March 2026: 02:00 is 03:00.
  assert.equal(told(night, '2026-03-28T21:30:00Z'), 'open until 2026-03-29T04:00');
  assert.equal(told(night, '2026-03-29T12:00:00Z'), 'closed until 2026-03-29T20:00');
});

test('in the night when they go back it is open an hour longer', () => {
  // Berlin, 25 October 2026: 03:00 is 02:00.
  assert.equal(told(night, '2026-10-24T20:30:00Z'), 'open until 2026-10-25T05:00');
});

test('an edge that the clock jumps over is at the jump', () => {
  const early = { ...night, from: 2 * 60 + 30, to: 5 * 60 };
  assert.equal(told(early, '2026-03-29T00:59:59Z'), 'closed until 2026-03-29T01:00');
  assert.equal(told(early, '2026-03-29T01:00:00Z'), 'open until 2026-03-29T03:00');
  const late = { ...night, to: 2 * 60 + 30 };
  assert.equal(told(late, '2026-03-29T00:59:59Z'), 'open until 2026-03-29T01:00');
  // Both edges are in the hour that is not there: closed until the next day.
  const lost = { ...night, from: 2 * 60 + 10, to: 2 * 60 + 40 };
  assert.equal(told(lost, '2026-03-29T01:00:00Z'), 'closed until 2026-03-30T00:10');
  const weekly = { ...lost, days: ['sun'] as const };
  assert.equal(told(weekly, '2026-03-28T12:00:00Z'), 'closed until 2026-04-05T00:10');
});

test('of two times that the clock shows alike it opens at the first and closes at the last', () => {
  const late = { ...night, to: 2 * 60 + 30 };
  assert.equal(told(late, '2026-10-25T00:30:00Z'), 'open until 2026-10-25T01:30');
  assert.equal(told(late, '2026-10-25T01:30:00Z'), 'closed until 2026-10-25T21:00');
  const early = { ...night, from: 2 * 60 + 30, to: 5 * 60 };
  assert.equal(told(early, '2026-10-25T00:29:59Z'), 'closed until 2026-10-25T00:30');
  assert.equal(told(early, '2026-10-25T00:30:00Z'), 'open until 2026-10-25T04:00');
  assert.equal(told(early, '2026-10-25T01:15:00Z'), 'open until 2026-10-25T04:00', 'the clock shows 02:15 once more');
});

test('zones that jump by half an hour, and in the south, are right too', () => {
  // Lord Howe, 4 October 2026: 02:00 is 02:30.
  const offsets = offsetsOf('Australia/Lord_Howe');
  assert.equal(momentOf(Date.UTC(2026, 9, 4, 2, 15), offsets, 'first'), utc('2026-10-03T15:30:00Z'));
  assert.equal(momentOf(Date.UTC(2026, 9, 4, 2, 30), offsets, 'first'), utc('2026-10-03T15:30:00Z'));
  assert.equal(momentOf(Date.UTC(2026, 9, 4, 1, 59), offsets, 'first'), utc('2026-10-03T15:29:00Z'));
  const sydney = { ...night, zone: 'Australia/Sydney' };
  assert.equal(told(sydney, '2026-04-04T11:30:00Z'), 'open until 2026-04-04T20:00');
});

test('whatever the time, a span ends later than it is asked for, and the other kind begins there', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
  const edges = [0, 30, 90, 150, 155, 210, 1_320, 1_439];
  let seed = 7;
  const pick = (count: number) => (seed = (seed * 16_807) % 2_147_483_647) % count;
  for (let turn = 0; turn < 300; turn += 1) {
    const [zone = 'UTC', from = 0, to = 0] = [zones[pick(5)], edges[pick(8)], edges[pick(8)]];
    const days = weekdays.filter((_, at) => pick(2) === 0 || at === 3);
    const window = { ...night, zone, from, to: to === from ? (to + 60) % 1_440 : to, days };
    const at = utc('2026-01-01T00:00:00Z') + pick(365 * 24 * 60) * 60_000;
    const { open, until } = windowAt(window, at);
    assert.ok(until > at && until <= at + 15 * 86_400_000, JSON.stringify({ window, at }));
    assert.equal(windowAt(window, until - 1).open, open, JSON.stringify({ window, at }));
    assert.equal(windowAt(window, until).open, !open, JSON.stringify({ window, at }));
  }
});

const facts = (windows: readonly Window[], overrules: [string, number][] = []) => ({
  windows,
  overrules: new Map(overrules),
});
const noon = utc('2026-11-20T11:00:00Z');

test('outside its window a queue is paused until it opens, with the window named', () => {
  const closed = closedQueues(facts([night]), noon);
  assert.deepEqual([...closed.keys()], [queues.vision]);
  const pause = closed.get(queues.vision);
  assert.deepEqual(pause, {
    id: 'window/night/2026-11-20T21:00:00.000Z',
    by: 'window night',
    why: 'only 22:00 to 06:00 Europe/Berlin',
    since: noon,
    until: utc('2026-11-20T21:00:00Z'),
  });
  assert.equal(closedQueues(facts([night]), pause?.until ?? 0).size, 0);
  const all = closedQueues(facts([{ ...night, what: 'all' }]), noon);
  assert.deepEqual([...all.keys()], [queues.vision, queues.library, queues.faces, queues.publish]);
  assert.deepEqual([...closedQueues(facts([{ ...night, what: 'publish' }]), noon).keys()], [queues.publish]);
  assert.deepEqual([...closedQueues(facts([{ ...night, what: 'faces' }]), noon).keys()], [queues.faces]);
  assert.equal(closedQueues(facts([]), noon).size, 0);
});

test('of several windows for the same work one that is open will do; describe needs one for all as well', () => {
  const lunch = { ...night, name: 'lunch', from: 11 * 60, to: 13 * 60 };
  assert.equal(closedQueues(facts([night, lunch]), noon).size, 0);
  assert.equal(
    closedQueues(facts([night, lunch]), utc('2026-11-20T13:00:00Z')).get(queues.vision)?.until,
    utc('2026-11-20T21:00:00Z'),
  );
  const reading = { ...night, name: 'reading', what: 'all' as const, from: 20 * 60, to: 8 * 60 };
  const closed = closedQueues(facts([night, reading]), noon);
  assert.equal(closed.get(queues.library)?.until, utc('2026-11-20T19:00:00Z'));
  assert.equal(closed.get(queues.vision)?.until, utc('2026-11-20T21:00:00Z'));
  const evening = closedQueues(facts([night, reading]), utc('2026-11-20T20:00:00Z'));
  assert.deepEqual([...evening.keys()], [queues.vision]);
});

test('what a person let go on stays so until the window would have opened', () => {
  const until = utc('2026-11-20T21:00:00Z');
  assert.equal(closedQueues(facts([night], [[queues.vision, until]]), noon).size, 0);
  assert.equal(closedQueues(facts([night], [[queues.vision, until]]), utc('2026-11-21T12:00:00Z')).size, 1);
});

test('windows that never meet are told as closed, not looked for without end', () => {
  const never = { ...night, name: 'never', what: 'all' as const, from: 12 * 60, to: 13 * 60 };
  const until = closedQueues(facts([night, never]), noon).get(queues.vision)?.until ?? 0;
  assert.ok(until > noon + 86_400_000);
});

test('times, days and zones are read as people write them, and told so', () => {
  assert.deepEqual(['22:00', '6:30', '24:00', '0:00'].map(minutesOf), [1_320, 390, 0, 0]);
  for (const text of ['', '24:01', '25:00', '6', '6:60', '22.00', '-1:00'])
    assert.equal(minutesOf(text), undefined, text);
  assert.deepEqual(daysOf('mon-fri'), ['mon', 'tue', 'wed', 'thu', 'fri']);
  assert.deepEqual(daysOf('Sun, sat'), ['sat', 'sun']);
  assert.deepEqual(daysOf('fri-mon'), ['mon', 'fri', 'sat', 'sun']);
  for (const text of ['', 'monday', 'mon-', 'mon-tue-wed', 'mon fri']) assert.equal(daysOf(text), undefined, text);
  assert.equal(zoneOf('europe/berlin'), 'Europe/Berlin');
  for (const text of ['', 'Mars/Olympus', '+02:00']) assert.equal(zoneOf(text), undefined, text);
  const days = daysOf('mon-thu,sun') ?? [];
  assert.equal(windowInWords({ ...night, days }), '22:00 to 06:00 Europe/Berlin, mon-thu,sun');
});

test('a window that cannot be understood is refused with an example', () => {
  const asked = { from: '22:00', to: '06:00', zone: 'UTC' };
  const by = { by: 'ada@desk', now: 1 };
  assert.deepEqual(windowOf('night', asked, by), { ...night, what: 'all', zone: 'UTC', since: 1 });
  for (const [name, flags, said] of [
    ['a/b', asked, /no name for a window/],
    ['n', { to: '06:00' }, /--from is missing: say for example --from 22:00/],
    ['n', { ...asked, to: 'dawn' }, /--to dawn/],
    ['n', { ...asked, zone: 'Berlin' }, /--zone Berlin: say for example Europe\/Berlin/],
    ['n', { ...asked, days: 'weekdays' }, /--days weekdays/],
    ['n', { ...asked, what: 'reading' }, /There is no "reading" to pause/],
    ['n', { ...asked, to: '22:00' }, /never closed/],
  ] as const) {
    assert.throws(
      () => windowOf(name, flags, by),
      (error) => error instanceof UsageError && said.test(error.message),
      JSON.stringify(flags),
    );
  }
});

test('its schedule has both edges and the full hour after it closes, the closing on the next day where it is over midnight', () => {
  const weekend = calendarsOf({ ...night, days: ['sat', 'sun'] });
  assert.deepEqual(weekend, [
    { hour: 22, minute: 0, dayOfWeek: ['SATURDAY', 'SUNDAY'] },
    { hour: 6, minute: 0, dayOfWeek: ['SUNDAY', 'MONDAY'] },
    { hour: 7, minute: 0, dayOfWeek: ['SUNDAY', 'MONDAY'] },
  ]);
  const late = calendarsOf({ ...night, to: 150, days: ['sat'] });
  assert.deepEqual(late.at(-1), { hour: 3, minute: 0, dayOfWeek: ['SUNDAY'] }, 'for the night that has no 02:30');
  const easter = calendarsOf({ ...night, from: 0, to: 22 * 60 + 30, days: ['sat'] });
  assert.deepEqual(
    easter.at(-1),
    { hour: 23, minute: 0, dayOfWeek: ['SATURDAY'] },
    'for the evening that has no 22:30',
  );
  const nuuk = calendarsOf({ ...night, from: 0, to: 23 * 60 + 30, days: ['sat'] });
  assert.deepEqual(nuuk.at(-1), { hour: 0, minute: 0, dayOfWeek: ['SUNDAY'] }, 'for the evening that has no 23:30');
});

test('a worker whose clock is behind goes by the time of the run, and one that comes late by its own', async () => {
  const asked: number[] = [];
  const { keepWindows } = createKeepWindowsActivities({
    async keepWindows(now) {
      asked.push(now);
      return { closed: [{ queue: queues.vision, id: 'w', by: 'window night' }], opened: [] };
    },
  });
  const ahead = Date.now() + 3_600_000;
  const { closed } = await attempt().run(keepWindows, { at: ahead });
  assert.match(closed.join(), /^describe paused by window night/);
  await attempt().run(keepWindows, { at: 5 });
  assert.equal(asked[0], ahead);
  assert.ok(Math.abs((asked[1] ?? 0) - Date.now()) < 60_000);
});
