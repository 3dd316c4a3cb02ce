import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { asking, pass, playPool, stopTime } from '../support/pool-play.ts';

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
