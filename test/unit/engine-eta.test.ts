import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { SpeedQueries } from '../../domain/eta.ts';
import { plainHost } from '../../domain/vision-host.ts';
import type { LibraryProgress } from '../../domain/progress.ts';
import type { HostStatus } from '../../domain/host-ports.ts';
import { createLog } from '../../runtime/log.ts';
import { createCensus } from '../../workers/engine-census.ts';
import { createEtas } from '../../workers/engine-eta.ts';

const hostNamed = (host: string, state: HostStatus['state'] = 'busy'): HostStatus => ({
  host,
  api: plainHost(host, 'm').api,
  role: 'primary',
  model: 'm',
  canonical: 'm',
  state,
  detail: '',
  since: 0,
  slots: 1,
  busy: 0,
  calls: 0,
  simulated: true,
});

function etas(speeds: Partial<SpeedQueries> = {}, hosts = [hostNamed('a')]) {
  const clock = { now: 0 };
  let measured = 0;
  const made = createEtas({
    speeds: {
      async hostSpeeds() {
        measured += 1;
        return [{ host: 'a', model: 'm', calls: 9, msEach: 975 }];
      },
      callShare: async () => 0.5,
      ...speeds,
    },
    pool: { status: () => hosts },
    now: () => clock.now,
  });
  const of = async (...libraries: LibraryProgress[]) => Object.fromEntries(await made.of(libraries));
  return { of, clock, measured: () => measured };
}

const library = (name: string, left: number, change: Partial<LibraryProgress> = {}): LibraryProgress => ({
  name,
  counts: { open: 1, new: left - 1, waiting: 3 },
  scanning: true,
  inFolder: left + 3,
  ...change,
});

test('libraries get what is left of each at the pace of the hosts, without what waits for something else', async () => {
  const { of } = etas();
  assert.deepEqual(await of(library('a', 100), library('b', 20)), {
    a: { ms: 60_000, hosts: 1, unmeasured: 0 },
    b: { ms: 20_000, hosts: 1, unmeasured: 0 },
  });
});

test('nothing is told of a library that is held back, idle, or not counted yet, nor where nobody was measured', async () => {
  const { of } = etas();
  const none = {
    held: library('held', 10, { heldBack: 'paused' }),
    idle: library('idle', 10, { scanning: false, counts: { new: 10 } }),
    uncounted: library('uncounted', 10, { inFolder: undefined }),
    done: library('done', 0, { counts: { done: 5 }, inFolder: 5 }),
  };
  assert.deepEqual(await of(...Object.values(none)), {});
  assert.deepEqual(await etas({ hostSpeeds: async () => [] }).of(library('a', 100)), {});
  assert.deepEqual(await etas({}, [hostNamed('a', 'away')]).of(library('a', 100)), {});
});

test('speeds are asked for every ten seconds, and not at all while there is nothing to do', async () => {
  const { of, clock, measured } = etas();
  await of(library('done', 0, { counts: { done: 5 }, inFolder: 5 }));
  assert.equal(measured(), 0);
  for (clock.now = 0; clock.now < 20_000; clock.now += 1_000) await of(library('a', 100));
  assert.equal(measured(), 2);
});

test('a folder is counted beside the work while a pass goes through it, and again after ten minutes', async () => {
  const clock = { now: 0 };
  const asked: string[] = [];
  let [photos, isAway] = [100, false];
  const census = createCensus({
    async count({ name }) {
      asked.push(name);
      if (isAway) throw new Error('away');
      return photos;
    },
    log: createLog({ level: 'silent', pretty: false }),
    now: () => clock.now,
  });
  const record = { id: '1', name: 'pictures', root: '/pictures' };
  const look = async (scanning = true) => {
    census.photosIn(record, scanning);
    await turn();
    return census.photosIn(record, scanning);
  };
  assert.equal(await look(false), undefined);
  assert.equal(asked.length, 0);
  assert.equal(census.photosIn(record, true), undefined, 'nobody waits for it');
  assert.equal(await look(), 100);
  photos = 120;
  clock.now = 599_999;
  assert.equal(await look(), 100);
  clock.now = 600_000;
  assert.equal(await look(), 120);
  isAway = true;
  clock.now = 1_200_000;
  assert.equal(await look(), undefined);
  isAway = false;
  clock.now = 1_260_000;
  assert.equal(await look(), 120);
  assert.equal(asked.length, 4);
  // The next pass counts anew.
  assert.equal(await look(false), undefined);
  assert.equal(await look(), 120);
  assert.equal(asked.length, 5);
});
