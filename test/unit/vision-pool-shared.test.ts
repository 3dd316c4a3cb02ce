import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { TransientError } from '../../domain/errors.ts';
import { asking, pass, playPool, stopTime } from '../support/pool-play.ts';

const a = 'http://a:11434';
const b = 'http://b:11434';
const take = (pool: VisionPool) => pool.acquire(asking());
const states = (pool: VisionPool) => pool.status().map(({ state }) => state);

beforeEach(stopTime);
afterEach(() => mock.timers.reset());
const patience = { timeout: 20_000 };

describe('hosts that several workers share', patience, () => {
  /** Slots elsewhere: `taken` of them. */
  const shared = () => {
    const state = { taken: 0, back: 0, away: false };
    const leases = {
      async take({ slots }: { slots: number }) {
        await settle();
        if (state.away) throw new TransientError('DatabaseUnavailable', 'away');
        return state.taken >= slots ? undefined : { giveBack: async () => void (state.back += 1) };
      },
      hasRoom: async ({ slots }: { slots: number }) => state.taken < slots,
    };
    return { state, leases };
  };

  test('a slot that another worker has is not used, and is asked for again', async () => {
    const { state, leases } = shared();
    const { pool } = await playPool([a, b], { leases });
    state.taken = 1;
    const waiting = take(pool);
    await pass(500);
    assert.deepEqual(states(pool), ['taken', 'taken']);
    state.taken = 0;
    await pass(1_500);
    const lease = await waiting;
    lease.answered({});
    lease.answered({});
    assert.equal(state.back, 1);
    pool.close();
  });

  test('no task is asked for while every slot is taken', async () => {
    const { state, leases } = shared();
    const { pool } = await playPool([a], { leases });
    state.taken = 1;
    const refused = assert.rejects(take(pool), { code: 'NoHost' });
    await pass(30_000);
    await refused;
    assert.equal(pool.permits.tryReserve(), undefined);
    assert.deepEqual(states(pool), ['taken']);
    state.taken = 0;
    await pass(1_000);
    assert.ok(pool.permits.tryReserve() !== undefined);
    pool.close();
  });

  test('a task that finds every slot taken goes back after five seconds, and no slot is lost', async () => {
    const { state, leases } = shared();
    const { pool } = await playPool([a], { leases });
    state.taken = 1;
    const refused = assert.rejects(take(pool), { code: 'NoHost' });
    await pass(7_000);
    await refused;
    state.taken = 0;
    await pass(1_500);
    assert.equal((await take(pool)).host, a);
    pool.close();
  });

  test('a database that is away is said as such, and costs no slot', async () => {
    const { state, leases } = shared();
    const { pool } = await playPool([a], { leases });
    state.away = true;
    await assert.rejects(take(pool), { code: 'DatabaseUnavailable' });
    assert.deepEqual(states(pool), ['ready']);
    state.away = false;
    assert.ok(await take(pool));
    pool.close();
  });
});
