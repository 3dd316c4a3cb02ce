import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedCall } from '../chaos/mixed/call-log.ts';
import type { PlannedPhoto } from '../chaos/mixed/library.ts';
import type { PhotoRow } from '../chaos/mixed/rows.ts';
import type { Cut } from '../chaos/mixed/scene.ts';
import { type Evidence, tally } from '../chaos/mixed/tally.ts';

const photo = (path: string, picture: string | undefined, fate: PlannedPhoto['fate'] = 'described'): PlannedPhoto => ({
  path,
  picture,
  fate,
});
const row = (path: string, more: Partial<PhotoRow> = {}): PhotoRow => ({
  path,
  state: 'done',
  waitingReason: null,
  contentHash: path,
  text: null,
  savedAt: null,
  failure: null,
  ...more,
});
const saved = (path: string, text: string, at: number): PhotoRow => row(path, { text, savedAt: new Date(at) });
const call = (id: string, picture: string, at: number, more: Partial<LoggedCall> = {}): LoggedCall => ({
  id,
  host: 'host1',
  at,
  picture,
  text: `${picture} by ${id}`,
  ended: { at: at + 1_000, whole: true },
  ...more,
});
const cut = (kind: Cut['kind'], at: number, host?: string): Cut => ({
  kind,
  from: at,
  to: at + 10,
  ...(host !== undefined && { host }),
});

/** One good photo, its copy, one that was refused twice, one that is no picture. */
const good: Evidence = {
  photos: [photo('a', 'A'), photo('copy', 'A'), photo('shy', 'S', 'refused'), photo('torn', undefined, 'undecodable')],
  rows: [
    saved('a', 'A by 1', 2_010),
    saved('copy', 'A by 1', 2_010),
    row('shy', { state: 'parked', failure: 'Refused' }),
    row('torn', { state: 'parked', failure: 'Undecodable' }),
  ],
  calls: [
    call('1', 'A', 1_000),
    call('2', 'S', 3_000, { text: '' }),
    call('3', 'S', 5_000, { text: '' }),
    call('canary', 'none of ours', 6_000),
  ],
  openRuns: [],
  cuts: [],
  pauses: [],
  broken: [],
};

const brokenBy = (change: Partial<Evidence>): string => tally({ ...good, ...change }).broken.join('\n');

test('what is as planned breaks nothing, and is counted', () => {
  const { broken, ...counted } = tally(good);
  assert.deepEqual(broken, []);
  assert.deepEqual(counted, {
    described: 2,
    parked: 2,
    modelCalls: 3,
    callsInFlightAtKills: 0,
    wrongText: 0,
    stillRunning: 0,
    repeated: 0,
    failures: ['Refused: shy', 'Undecodable: torn'],
  });
});

test('a photo with another end than planned, or none, is named', () => {
  const [a, copy, shy, torn] = good.rows;
  assert.ok(a && copy && shy && torn);
  assert.match(brokenBy({ rows: [a, shy, torn] }), /^copy was to be described: unknown/);
  assert.match(brokenBy({ rows: [a, copy, shy, { ...torn, failure: 'FailsHosts' }] }), /^torn was to be undecodable/);
  assert.match(
    brokenBy({ rows: [{ ...a, state: 'waiting', waitingReason: 'held' }, copy, shy, torn] }),
    /waiting, held/,
  );
});

test('a text that no host sent for this very picture, or not whole, is wrong', () => {
  const [a, copy, shy, torn] = good.rows;
  assert.ok(a && copy && shy && torn);
  const rows = (text: string) => [{ ...a, text }, copy, shy, torn];
  assert.match(brokenBy({ rows: rows('A by') }), /a has a text that no host sent for it: A by/);
  const other = call('9', 'S', 100, { text: 'S by 9' });
  assert.match(brokenBy({ rows: rows('S by 9'), calls: [...good.calls, other] }), /a has a text that no host sent/);
  const half = good.calls.map((one) => (one.id === '1' ? { ...one, ended: { at: 1_500, whole: false } } : one));
  assert.match(brokenBy({ calls: half }), /a has a text that no host sent/);
});

test('a repeated call is right only where a kill that can have cut it off met it', () => {
  const again = { calls: [...good.calls, call('0', 'A', 500)], rows: good.rows };
  assert.match(brokenBy(again), /1 calls too many, and 0 were in flight\ncall 0 .* for copy was for nothing/);
  for (const kind of ['engine', 'everything', 'supervisor', 'own end', 'drain'] as const) {
    assert.equal(brokenBy({ ...again, cuts: [cut(kind, 1_200)] }), '');
  }
  assert.equal(tally({ ...good, ...again, cuts: [cut('engine', 1_200)] }).callsInFlightAtKills, 2);
  assert.equal(brokenBy({ ...again, cuts: [cut('host', 1_200, 'host1')] }), '');
  assert.match(brokenBy({ ...again, cuts: [cut('host', 1_200, 'host2')] }), /was for nothing/);
  assert.match(brokenBy({ ...again, cuts: [cut('engine', 100)] }), /was for nothing/, 'before it began');
  assert.equal(brokenBy({ ...again, cuts: [cut('engine', 480)] }), '', 'the request was on its way');
  assert.match(brokenBy({ ...again, cuts: [cut('engine', 60_000)] }), /was for nothing/, 'long after its answer');
});

test('one store that is killed alone is no reason for a repeated call, both at once are', () => {
  const again = { calls: [...good.calls, call('0', 'A', 500)] };
  assert.match(brokenBy({ ...again, cuts: [cut('temporal', 1_200)] }), /was for nothing/);
  assert.match(brokenBy({ ...again, cuts: [cut('database', 1_200)] }), /was for nothing/);
  assert.equal(brokenBy({ ...again, cuts: [cut('temporal', 1_200), cut('database', 1_300)] }), '');
});

test('open runs, calls during a pause and what was seen on the way are broken promises', () => {
  assert.match(brokenBy({ openRuns: ['asset/x'] }), /still open: asset\/x/);
  assert.match(brokenBy({ pauses: [{ from: 900, to: 1_100 }] }), /call 1 began at 1000, during a pause/);
  assert.equal(brokenBy({ broken: ['up ended'] }), 'up ended');
});
