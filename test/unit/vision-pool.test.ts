import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import type { HostProbe } from '../../domain/host-ports.ts';
import { asking, away, pass, playPool, stopTime } from '../support/pool-play.ts';

const a = 'http://a:11434';
const b = 'http://b:11434';
const never = new AbortController().signal;

/** A photo of its own for each call, unless the play is about one. */
let photos = 0;
const take = (pool: VisionPool, exclude: readonly string[] = []) =>
  pool.acquire(asking({ exclude, photo: `photo ${(photos += 1)}` }));

beforeEach(stopTime);
afterEach(() => mock.timers.reset());

/** With time stopped, a promise that never settles would hold the run for ever. */
const patience = { timeout: 20_000 };

describe('slots of vision hosts', patience, () => {
  test('a host gives no slot before it was asked', async () => {
    const { pool } = await playPool([a], { vision: { probe: () => new Promise<HostProbe>(() => {}) } });
    assert.equal(pool.permits.tryReserve(), undefined);
    assert.equal(pool.waitingFor(), undefined);
    pool.close();
  });

  test('there are as many permits as slots, and who waits gets the next one in order of coming', async () => {
    const { pool } = await playPool([a, b]);
    const first = pool.permits.tryReserve();
    assert.ok(first !== undefined && pool.permits.tryReserve() !== undefined);
    const order: string[] = [];
    const one = pool.permits.reserve(never).then((permit) => [order.push('one'), permit] as const);
    const two = pool.permits.reserve(never).then(() => order.push('two'));
    pool.permits.release(first);
    pool.permits.release(first);
    const [, permit] = await one;
    await settle();
    assert.deepEqual(order, ['one']);
    pool.permits.release(permit);
    await two;
    pool.close();
  });

  test('a reservation that is aborted rejects with the reason of its signal and takes nothing with it', async () => {
    const { pool } = await playPool([a]);
    const held = pool.permits.tryReserve();
    const controller = new AbortController();
    const reason = new Error('the worker stops');
    const blocked = pool.permits.reserve(controller.signal);
    controller.abort(reason);
    await assert.rejects(blocked, reason);
    await assert.rejects(pool.permits.reserve(controller.signal), reason);
    assert.ok(held !== undefined);
    pool.permits.release(held);
    assert.ok(pool.permits.tryReserve() !== undefined);
    pool.close();
  });

  test('a permit and its lease together count once', async () => {
    const { pool } = await playPool([a, b]);
    const first = pool.permits.tryReserve();
    const lease = await take(pool);
    assert.ok(first !== undefined && pool.permits.tryReserve() !== undefined);
    assert.equal(pool.permits.tryReserve(), undefined);
    // The task still holds its permit while it saves and reports; the next one is asked for meanwhile, and only one.
    lease.answered({});
    const next = pool.permits.tryReserve();
    assert.ok(next !== undefined);
    assert.equal(pool.permits.tryReserve(), undefined);
    pool.permits.release(first);
    assert.equal(pool.permits.tryReserve(), undefined);
    pool.permits.release(next);
    assert.ok(pool.permits.tryReserve() !== undefined);
    pool.close();
  });

  test('leases go round', async () => {
    const { pool } = await playPool([a, b]);
    const given: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const lease = await take(pool);
      given.push(lease.host);
      lease.answered({});
    }
    assert.deepEqual(given, [a, b, a, b]);
    pool.close();
  });

  test('a host to avoid is used only where no other is well', async () => {
    const { pool, probes } = await playPool([a, b]);
    const lease = await take(pool, [a]);
    assert.equal(lease.host, b);
    await assert.rejects(take(pool, [a]), { code: 'NoHost' });
    lease.answered({});
    probes.set(b, away);
    await pass(20_000);
    assert.equal((await take(pool, [a])).host, a);
    pool.close();
  });

  test('a task that finds no host waits five seconds for one, then goes back to the server', async () => {
    const { pool } = await playPool([a, b]);
    const held = [await take(pool), await take(pool)];
    const lucky = take(pool);
    const unlucky = assert.rejects(take(pool), { code: 'NoHost' });
    await pass(4_000);
    held[0]?.answered({});
    assert.equal((await lucky).host, a);
    await pass(1_000);
    await unlucky;
    pool.close();
  });

  test('a task that waits goes before a poll for another one, and can be canceled', async () => {
    const { pool } = await playPool([a]);
    const permit = pool.permits.tryReserve();
    const lease = await take(pool);
    const controller = new AbortController();
    const canceled = pool.acquire(asking({ signal: controller.signal }));
    controller.abort(new Error('not wanted'));
    await assert.rejects(canceled, /not wanted/);
    const next = take(pool);
    let polled = false;
    void pool.permits.reserve(never).then(() => (polled = true));
    lease.answered({});
    await next;
    await settle();
    assert.ok(permit !== undefined && !polled);
    pool.close();
  });
});
