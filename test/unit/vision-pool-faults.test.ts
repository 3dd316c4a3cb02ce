import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { asking, pass, playHost, playPool, stopTime } from '../support/pool-play.ts';

const a = 'http://a:11434';
const b = 'http://b:11434';
const failed = new TransientError('HostFailed', 'the runner has unexpectedly stopped');
const broke = new TransientError('HostBroke', 'connection reset');

const take = (pool: VisionPool, photo: string, exclude: readonly string[] = []) =>
  pool.acquire(asking({ photo, exclude }));
const does = async (pool: VisionPool, photo: string) => (await take(pool, photo)).answered({});
const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);

beforeEach(stopTime);
afterEach(() => mock.timers.reset());
const patience = { timeout: 20_000 };

describe('the photo that makes a host fail', patience, () => {
  test('is blamed where the host did others and it was alone, and the host is left in peace for a while', async () => {
    const { pool } = await playPool([a]);
    await does(pool, 'good');
    assert.equal(codeOf((await take(pool, 'bad')).failed(failed)), 'FailsHosts');
    assert.equal(pool.status()[0]?.state, 'cooling');
    pool.close();
  });

  test('is not blamed on a host that has not answered anything since it came', async () => {
    const { pool } = await playPool([a]);
    assert.equal((await take(pool, 'bad')).failed(failed), failed);
    pool.close();
  });

  test('does not get the host first again: another photo tries it', async () => {
    const { pool, canaries } = await playPool([a]);
    await does(pool, 'good');
    (await take(pool, 'bad')).failed(failed);
    await pass(5_500);
    await does(pool, 'another');
    assert.equal((await take(pool, 'bad')).host, a);
    assert.deepEqual(canaries, []);
    pool.close();
  });

  test('has the host tried with a picture of ours where there is no other photo', async () => {
    const { pool, canaries } = await playPool([a]);
    await does(pool, 'good');
    (await take(pool, 'bad')).failed(failed);
    await pass(5_500);
    const second = await take(pool, 'bad');
    assert.deepEqual(canaries, [a]);
    assert.equal(codeOf(second.failed(failed)), 'FailsHosts');
    pool.close();
  });

  test('is innocent where the picture of ours fails too', async () => {
    const { pool, canaries, canaryFault } = await playPool([a]);
    await does(pool, 'good');
    assert.equal(codeOf((await take(pool, 'bad')).failed(failed)), 'FailsHosts');
    canaryFault.error = failed;
    await pass(5_500);
    const refused = assert.rejects(take(pool, 'bad'), { code: 'NoHost' });
    await pass(5_500);
    await refused;
    await pass(600_000);
    // The host fails by itself: no photo has to try it again until it answers.
    assert.ok(canaries.length > 3);
    assert.equal(pool.permits.tryReserve(), undefined);
    canaryFault.error = undefined;
    await pass(300_500);
    assert.equal((await take(pool, 'bad')).host, a);
    pool.close();
  });

  test('does not keep the others waiting where it is one of two', async () => {
    const { pool, canaries } = await playPool([a]);
    await does(pool, 'good');
    (await take(pool, 'bad')).failed(failed);
    await pass(5_500);
    // On trial it is the host that is tried: nothing is counted.
    assert.equal((await take(pool, 'bad too')).failed(failed), failed);
    await pass(11_000);
    assert.deepEqual(canaries, [a]);
    assert.equal(codeOf((await take(pool, 'bad too')).failed(failed)), 'FailsHosts');
    pool.close();
  });

  test('goes to the other host at once, which is not held back by the first', async () => {
    const { pool } = await playPool([a, b]);
    await does(pool, 'good');
    await does(pool, 'good');
    const first = await take(pool, 'bad');
    first.failed(failed);
    assert.equal((await take(pool, 'bad', [first.host])).host, first.host === a ? b : a);
    pool.close();
  });

  test('is blamed for connections that break only when they do it again', async () => {
    const { pool } = await playPool([a]);
    await does(pool, 'good');
    assert.equal((await take(pool, 'bad')).failed(broke), broke);
    await pass(5_500);
    await does(pool, 'good');
    assert.equal(codeOf((await take(pool, 'bad')).failed(broke)), 'FailsHosts');
    pool.close();
  });
});

describe('a request that a host refuses', patience, () => {
  const refused = new ConfigError('BadRequest', 'the request is too large (413)');

  test('is the photo’s fault where the host took others, and the host goes on', async () => {
    const { pool } = await playPool([a]);
    await does(pool, 'good');
    assert.equal(codeOf((await take(pool, 'panorama')).failed(refused)), 'FailsHosts');
    assert.equal(pool.status()[0]?.state, 'ready');
    await does(pool, 'good');
    assert.equal(codeOf((await take(pool, 'panorama')).failed(refused)), 'FailsHosts');
    pool.close();
  });

  test('is a setting of ours where two are refused in a row', async () => {
    const { pool } = await playPool([a]);
    await does(pool, 'good');
    (await take(pool, 'one')).failed(refused);
    assert.equal((await take(pool, 'two')).failed(refused), refused);
    assert.equal(pool.status()[0]?.state, 'refused');
    pool.close();
  });
});

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
