import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pollFrom, pollWaitMs, sweepIsDue, wasSweptLately } from '../../domain/immich-news.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 21, 12);

test('a poll looks ten minutes back behind the newest photo that was met', () => {
  assert.equal(pollFrom(now), now - 600_000);
  assert.equal(pollFrom(undefined), undefined);
});

test('polls that fail wait twice as long each time, up to ten minutes, and never less than was asked for', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 90].map((failures) => pollWaitMs(60_000, failures) / 1_000),
    [60, 60, 120, 240, 480, 600, 600],
  );
  assert.equal(pollWaitMs(3_600_000, 3), 3_600_000);
});

/** Runs through days, hour by hour, and tells at which hours a pass began. `isOn` says when the machine runs. */
function passes(isOn: (hourOfDay: number) => boolean, from: number, hours: number): number[] {
  const at: number[] = [];
  let swept = from * hour;
  for (let nth = from; nth < from + hours; nth += 1) {
    if (!isOn(nth % 24) || !sweepIsDue({ swept, now: nth * hour, hour: nth % 24 })) continue;
    swept = nth * hour;
    at.push(nth);
  }
  return at;
}

test('a machine that is always on is looked through each night, once, whenever it was started', () => {
  for (let start = 0; start < 24; start += 1) {
    const at = passes(() => true, start, 24 * 10);
    assert.ok(at.length >= 9 && at.length <= 10, `started at ${start}: ${at.length} in ten days`);
    assert.ok(
      at.every((nth) => nth % 24 >= 2 && nth % 24 < 6),
      `started at ${start}: ${at.map((nth) => nth % 24).join()}`,
    );
    assert.equal(new Set(at.map((nth) => Math.floor(nth / 24))).size, at.length, 'twice in one night');
  }
});

test('a machine that sleeps at night is looked through by day, about once a day', () => {
  const at = passes((hourOfDay) => hourOfDay >= 8 && hourOfDay < 23, 9, 24 * 10);
  assert.ok(at.length >= 7 && at.length <= 10, `${at.length} in ten days`);
});

test('a pass in the future is of a clock that was set back, and counts as none', () => {
  assert.ok(sweepIsDue({ swept: now + 24 * hour, now, hour: 12 }));
  assert.ok(!wasSweptLately(now + 24 * hour, now));
});

test('reconcile leaves alone what the night will look through, and takes over where no night came', () => {
  assert.ok(!wasSweptLately(undefined, now));
  assert.ok(wasSweptLately(now, now));
  // Whoever runs the pass of the night begins it before reconcile would.
  for (let age = 0; age < 72; age += 0.5) {
    const swept = now - age * hour;
    assert.ok(wasSweptLately(swept, now) || sweepIsDue({ swept, now, hour: 12 }), `${age} h`);
  }
  assert.ok(!wasSweptLately(now - 30 * hour, now));
});
