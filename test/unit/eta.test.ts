import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etaInWords, type HostSpeed, paceOf, roughly, sharedMs, steadied } from '../../domain/eta.ts';
import type { HostStatus } from '../../domain/host-ports.ts';

type Host = Parameters<typeof paceOf>[0][number];
const host = (name: string, change: Partial<Host> = {}): Host => ({
  host: name,
  canonical: 'm',
  role: 'primary',
  state: 'ready',
  slots: 1,
  ...change,
});
const speed = (name: string, msEach: number, change: Partial<HostSpeed> = {}): HostSpeed => ({
  host: name,
  model: 'm',
  calls: 50,
  msEach,
  ...change,
});
const [minute, hour] = [60_000, 3_600_000];

test('hosts work beside each other: the pace is the sum of what each can do, copies left out', () => {
  const both = paceOf([host('a'), host('b')], [speed('a', 975), speed('b', 1_975)], 1);
  assert.deepEqual(both, { photoMs: 1 / (1 / 1_000 + 1 / 2_000), hosts: 2, unmeasured: 0 });
  assert.equal(paceOf([host('a')], [speed('a', 975)], 0.25)?.photoMs, 250);
  assert.equal(paceOf([host('a', { slots: 4 })], [speed('a', 3_975)], 1)?.photoMs, 1_000);
});

test('only hosts that can work now count, and fallback ones only while no primary one can', () => {
  const speeds = [speed('a', 975), speed('b', 975, { model: 'n' })];
  const fallback = host('b', { role: 'fallback', canonical: 'n', state: 'busy' });
  const idle: HostStatus['state'][] = ['away', 'cooling', 'capped', 'taken', 'loading', 'draining', 'spare', 'refused'];
  for (const state of idle) assert.equal(paceOf([host('a', { state })], speeds, 1), undefined, state);
  assert.deepEqual(paceOf([host('a', { state: 'busy' }), fallback], speeds, 1)?.photoMs, 1_000);
  assert.deepEqual(paceOf([host('a', { state: 'away' }), fallback], speeds, 1)?.hosts, 1);
});

test('a host that has done too little is named and not counted on; without a measured one there is no guess', () => {
  const hosts = [host('a'), host('b'), host('c')];
  const known = paceOf(hosts, [speed('a', 975), speed('b', 10, { calls: 2 }), speed('c', 10, { model: 'old' })], 1);
  assert.deepEqual(known, { photoMs: 1_000, hosts: 1, unmeasured: 2 });
  assert.equal(paceOf(hosts, [speed('b', 10, { calls: 2 })], 1), undefined);
  assert.equal(paceOf([], [speed('a', 975)], 1), undefined);
});

test('a host that answers at once, or nothing but copies, does not make the rest of the work cost nothing', () => {
  assert.equal(paceOf([host('a')], [speed('a', 0)], 1)?.photoMs, 50);
  assert.equal(paceOf([host('a')], [speed('a', 60_000)], 0)?.photoMs, 50);
});

test('libraries share the hosts evenly, so that the small one is through first and the large one last', () => {
  assert.deepEqual(sharedMs([10, 100], 1_000), [20_000, 110_000]);
  assert.deepEqual(sharedMs([30, 30, 0], 10), [600, 600, 0]);
});

test('a host that comes and goes makes the number drift and not jump, and a lasting change is followed within minutes', () => {
  const one = { photoMs: 2_000, hosts: 1, unmeasured: 0 };
  const two = { photoMs: 1_000, hosts: 2, unmeasured: 0 };
  let pace = steadied(undefined, two, 0);
  assert.equal(pace.photoMs, 1_000);
  // Away for ten seconds: a tenth more at most, a fifth with rounding.
  for (let at = 1_000; at <= 10_000; at += 1_000) pace = steadied(pace, one, at);
  assert.ok(pace.photoMs > 1_000 && pace.photoMs < 1_200, String(pace.photoMs));
  assert.equal(pace.hosts, 1);
  for (let at = 11_000; at <= 4 * minute; at += 1_000) pace = steadied(pace, one, at);
  assert.ok(pace.photoMs > 1_950, String(pace.photoMs));
  // A clock that is set back changes nothing.
  assert.equal(steadied(pace, two, 0).photoMs, pace.photoMs);
});

test('spans are told the coarser the longer they are', () => {
  const said = [
    0,
    90_000,
    9 * minute,
    12 * minute,
    57 * minute,
    58 * minute,
    hour,
    220 * minute,
    9.8 * hour,
    26.4 * hour,
  ];
  assert.deepEqual(said.map(roughly), [
    '1 min',
    '2 min',
    '9 min',
    '10 min',
    '55 min',
    '1 h',
    '1 h',
    '3 h 40 min',
    '9 h 50 min',
    '26 h',
  ]);
  assert.equal(roughly(9.95 * hour), '10 h');
  assert.equal(roughly(47.6 * hour), '2 days');
  assert.equal(roughly(1_000 * hour), '42 days');
  assert.equal(etaInWords({ ms: 220 * minute, hosts: 2, unmeasured: 0 }), 'about 3 h 40 min with 2 hosts');
  assert.equal(etaInWords({ ms: hour, hosts: 1, unmeasured: 1 }), 'about 1 h with 1 host (1 more not measured yet)');
});
