import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { TransientError } from '../../domain/errors.ts';
import type { KeptFacts, KeptPause } from '../../domain/kept-pause.ts';
import { asking, pass, playHost, playModel, playPool, ready, stopTime } from '../support/pool-play.ts';

const a = 'http://a:11434';
const b = 'http://b:11434';

beforeEach(stopTime);
afterEach(() => mock.timers.reset());
/** With time stopped, a promise that never settles would hold the run for ever. */
const patience = { timeout: 20_000 };

const pauseOf = (host: string, more: Partial<KeptPause> = {}): KeptPause => ({
  target: { kind: 'host', name: host },
  id: `pause of ${host}`,
  by: 'ada@desk',
  why: 'gaming',
  since: Date.now(),
  ...more,
});

/** What the database says, to be changed at will. */
function database(pauses: readonly KeptPause[] = []) {
  const says: { facts: KeptFacts; isAway: boolean; looks: number } = {
    facts: { pauses, resumed: new Map() },
    isAway: false,
    looks: 0,
  };
  const look = async () => {
    says.looks += 1;
    if (says.isAway) throw new TransientError('DatabaseUnavailable', 'away');
    return says.facts;
  };
  return { says, pauses: { look } };
}

describe('hosts that a person has paused', patience, () => {
  test('a paused host has no free slot within two seconds, tells by whom, why and until when, and the others go on', async () => {
    const { says, pauses } = database();
    const { pool, logged } = await playPool([a, b], { pauses });
    const running = await pool.acquire(asking());
    assert.equal(running.host, a);
    says.facts = { pauses: [pauseOf(a)], resumed: new Map() };
    await pass(2_000);
    const [first, second] = pool.status();
    assert.deepEqual([first?.state, first?.busy, second?.state], ['paused', 1, 'ready']);
    assert.match(
      first?.detail ?? '',
      /^paused by ada@desk \(gaming\) since .*"darkroom resume --host http:\/\/a:11434"$/,
    );
    // The call that runs ends as it would have, and no other begins there.
    running.answered({});
    const next = await pool.acquire(asking({ photo: 'next' }));
    assert.equal(next.host, b);
    await assert.rejects(
      Promise.all([pool.acquire(asking({ photo: 'third' })), pass(6_000)]),
      (error) => error instanceof TransientError && error.code === 'NoHost',
    );
    assert.equal(logged.filter((line) => line.includes('vision host is paused')).length, 1);
    pool.close();
  });

  test('it goes on when the pause is lifted, and when its time has come though the database is away', async () => {
    const { says, pauses } = database([pauseOf(a, { until: Date.now() + 60_000 })]);
    const { pool } = await playPool([a], { pauses });
    assert.equal(pool.permits.tryReserve(), undefined);
    assert.match(pool.waitingFor() ?? '', /no vision host can work: http:\/\/a:11434 paused by ada@desk/);
    says.facts = { pauses: [], resumed: new Map() };
    await pass(2_000);
    assert.equal(pool.waitingFor(), undefined);
    says.facts = { pauses: [pauseOf(a, { id: 'second', until: Date.now() + 10_000 })], resumed: new Map() };
    await pass(2_000);
    assert.notEqual(pool.waitingFor(), undefined);
    says.isAway = true;
    await pass(5_000);
    assert.notEqual(pool.waitingFor(), undefined, 'what was known holds on');
    await pass(5_000);
    assert.equal(pool.waitingFor(), undefined);
    pool.close();
  });

  test('a host that is paused at the start loads no model and gets no picture of ours', async () => {
    const { pauses } = database([pauseOf(a)]);
    const loaded: string[] = [];
    const vision = { probe: async () => ({ ...ready, loaded: false }) };
    const { pool, canaries } = await playPool([a, b], {
      pauses,
      vision,
      preload: async (host) => void loaded.push(host),
    });
    await pass(30_000);
    assert.deepEqual([loaded, canaries], [[b], []]);
    pool.close();
  });

  test('fallback hosts work while every primary one is paused', async () => {
    const { pauses } = database([pauseOf(a)]);
    const spare = playHost(b, { models: { fallback: 'qwen3-vl:4b' } });
    const { pool } = await playPool([a, spare], { pauses });
    assert.equal((await pool.acquire(asking())).host, b);
    pool.close();
  });

  test('a host that asked to be left alone is asked at once when somebody resumes it, and only then', async () => {
    const { says, pauses } = database();
    const { pool, asked } = await playPool([a, b], { pauses });
    for (const photo of ['one', 'two']) {
      const lease = await pool.acquire(asking({ photo }));
      lease.failed(new TransientError('HostBusy', 'come back later', { retryAfterMs: 3_600_000 }));
    }
    await pass(5_000);
    const before = asked.length;
    assert.ok(pool.status().every(({ state }) => state === 'cooling'));
    says.facts = { pauses: [], resumed: new Map([[a, 'a resume']]) };
    await pass(2_000);
    assert.deepEqual(asked.slice(before), [a]);
    assert.deepEqual(
      pool.status().map(({ state }) => state),
      ['ready', 'cooling'],
    );
    await pass(5_000);
    assert.equal(asked.length, before + 1, 'the same resume is said once');
    pool.close();
  });

  test('a resume from before this process began ends no rest that came after it', async () => {
    const { says, pauses } = database();
    says.facts = { pauses: [], resumed: new Map([[a, 'an old one']]) };
    const rest = { host: a, model: playModel, until: Date.now() + 3_600_000, reason: 'come back later' };
    const memory = { rests: async () => [rest], rest: async () => undefined, tokensSince: async () => [] };
    const { pool, asked } = await playPool([a], { pauses, memory });
    await pass(5_000);
    assert.deepEqual(asked, []);
    pool.close();
    const { looks } = says;
    await pass(5_000);
    assert.equal(says.looks, looks, 'a closed pool asks no more');
  });
});
