import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { TransientError } from '../../domain/errors.ts';
import { asking, away, pass, playHost, playPool, ready, stopTime } from '../support/pool-play.ts';

const a = 'http://a:11434';
const b = 'http://b:11434';
const failed = new TransientError('HostFailed', 'the runner has unexpectedly stopped');

const take = (pool: VisionPool, photo: string, exclude: readonly string[] = []) =>
  pool.acquire(asking({ photo, exclude }));
const does = async (pool: VisionPool, photo: string, exclude: readonly string[] = []) =>
  (await take(pool, photo, exclude)).answered({});
const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);

beforeEach(stopTime);
afterEach(() => mock.timers.reset());
const patience = { timeout: 20_000 };

describe('photos that fail beside each other', patience, () => {
  test('are not blamed, and are tried again one by one', async () => {
    const { pool } = await playPool([playHost(a, { slots: 3 })]);
    await does(pool, 'good');
    const both = [await take(pool, 'bad'), await take(pool, 'neighbour')];
    for (const lease of both) assert.equal(lease.failed(failed), failed);
    await pass(5_500);
    await does(pool, 'good');
    const busy = await take(pool, 'good');
    let alone: string | undefined;
    const suspect = take(pool, 'neighbour').then((lease) => {
      alone = lease.host;
      return lease;
    });
    await settle();
    // The host is emptied for it: nobody else gets a slot meanwhile.
    assert.equal(pool.permits.tryReserve(), undefined);
    assert.equal(alone, undefined);
    busy.answered({});
    const lease = await suspect;
    assert.equal(alone, a);
    lease.answered({});
    assert.ok(await take(pool, 'neighbour'));
    assert.ok(await take(pool, 'good'));
    pool.close();
  });

  test('have nobody beside them while they are tried alone', async () => {
    const { pool } = await playPool([playHost(a, { slots: 2 })]);
    await does(pool, 'good');
    for (const lease of [await take(pool, 'bad'), await take(pool, 'neighbour')]) lease.failed(failed);
    await pass(5_500);
    await does(pool, 'good');
    const alone = await take(pool, 'bad');
    assert.equal(pool.permits.tryReserve(), undefined);
    const next = take(pool, 'good');
    await settle();
    alone.answered({});
    assert.equal((await next).host, a);
    pool.close();
  });

  test('with two tasks for one photo no slot stays shut when the first of them is answered', async () => {
    const { pool } = await playPool([playHost(a, { slots: 2 })]);
    await does(pool, 'good');
    for (const lease of [await take(pool, 'bad'), await take(pool, 'neighbour')]) lease.failed(failed);
    await pass(5_500);
    await does(pool, 'good');
    const first = await take(pool, 'bad');
    const second = take(pool, 'bad');
    await settle();
    first.answered({});
    (await second).answered({});
    assert.ok(pool.permits.tryReserve() !== undefined && pool.permits.tryReserve() !== undefined);
    pool.close();
  });

  test('are blamed where they fail alone as well', async () => {
    const { pool } = await playPool([playHost(a, { slots: 2 })]);
    await does(pool, 'good');
    for (const lease of [await take(pool, 'bad'), await take(pool, 'neighbour')]) lease.failed(failed);
    await pass(5_500);
    await does(pool, 'good');
    assert.equal(codeOf((await take(pool, 'bad')).failed(failed)), 'FailsHosts');
    pool.close();
  });

  test('a suspect that waits for its host to be empty does not keep another host idle', async () => {
    const { pool } = await playPool([playHost(a, { slots: 2 }), b]);
    await does(pool, 'good', [b]);
    for (const lease of [await take(pool, 'bad', [b]), await take(pool, 'neighbour', [b])]) lease.failed(failed);
    await pass(5_500);
    const { signal } = new AbortController();
    for (let tasks = 0; tasks < 2; tasks += 1) await pool.permits.reserve(signal);
    const trial = await take(pool, 'another', [b]);
    let granted = false;
    const next = pool.permits.reserve(signal).then(() => (granted = true));
    await settle();
    assert.equal(granted, false);
    const suspect = take(pool, 'neighbour', [b]);
    await settle();
    // It holds a permit, and wants the host that is on trial: the slot of the other one is for the next task.
    assert.equal(granted, true);
    await next;
    trial.answered({});
    assert.equal((await suspect).host, a);
    pool.close();
  });

  test('a suspect that finds a better host lets go of the one that was kept free for it', async () => {
    const { pool, probes } = await playPool([playHost(a, { slots: 2 }), playHost(b, { slots: 2 })]);
    await does(pool, 'good', [b]);
    for (const lease of [await take(pool, 'bad', [b]), await take(pool, 'neighbour', [b])]) lease.failed(failed);
    probes.set(a, away);
    await pass(15_500);
    const busy = [await take(pool, 'one'), await take(pool, 'two')];
    const first = take(pool, 'three');
    const suspect = take(pool, 'neighbour', [b]);
    await settle();
    probes.set(a, ready);
    await pass(2_500);
    const onA = await first;
    assert.equal(onA.host, a);
    for (const lease of busy) lease.answered({});
    assert.ok(pool.permits.tryReserve() !== undefined && pool.permits.tryReserve() !== undefined);
    onA.answered({});
    assert.equal((await suspect).host, a);
    pool.close();
  });

  test('a suspect that is canceled while it waits gives the host back', async () => {
    const { pool } = await playPool([playHost(a, { slots: 2 })]);
    await does(pool, 'good');
    for (const lease of [await take(pool, 'bad'), await take(pool, 'neighbour')]) lease.failed(failed);
    await pass(5_500);
    await does(pool, 'good');
    const busy = await take(pool, 'good');
    const end = new AbortController();
    const suspect = pool.acquire(asking({ photo: 'bad', signal: end.signal }));
    await settle();
    end.abort(new Error('not wanted'));
    await assert.rejects(suspect, /not wanted/);
    assert.ok(await take(pool, 'another'));
    busy.answered({});
    pool.close();
  });
});
