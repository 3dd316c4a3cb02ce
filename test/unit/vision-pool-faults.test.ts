import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { TransientError } from '../../domain/errors.ts';
import type { HostRest } from '../../domain/ports.ts';
import { asking, leap, pass, playHost, playModel, playPool, stopTime } from '../support/pool-play.ts';

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

describe('what a host asked for', patience, () => {
  const rest = { host: a, model: playModel, until: 0, reason: 'http://a:11434 is busy (429): slow down' };
  const memoryOf = (rests: HostRest[], tokens: number) => ({
    rests: async () => rests,
    rest: async (one: HostRest) => void rests.push(one),
    // Time begins at 0 in a play: these are of the first day.
    tokensSince: async (since: number) => (since === 0 ? [{ host: a, model: playModel, tokens }] : []),
  });

  test('is written down when it says for how long, and holds after a restart', async () => {
    const saved: HostRest[] = [];
    const { pool } = await playPool([a], { memory: memoryOf(saved, 0) });
    await does(pool, 'good');
    (await take(pool, 'any')).failed(new TransientError('HostBusy', rest.reason, { retryAfterMs: 3_600_000 }));
    pool.close();
    assert.deepEqual(saved, [{ ...rest, until: Date.now() + 3_600_000 }]);
    const again = await playPool([a], { memory: memoryOf(saved, 0) });
    assert.equal(again.pool.status()[0]?.state, 'cooling');
    assert.match(again.pool.waitingFor() ?? '', /slow down Tried again in 3600 s/);
    await leap(3_600_500);
    assert.equal(again.pool.status()[0]?.state, 'ready');
    again.pool.close();
  });

  test('a database that cannot tell does not keep the hosts from working', async () => {
    const memory = { ...memoryOf([], 0), rests: () => Promise.reject(new Error('away')) };
    const { pool, logged } = await playPool([a], { memory });
    assert.equal(pool.status()[0]?.state, 'ready');
    assert.match(logged.join('\n'), /could not be read/);
    pool.close();
  });

  test('tokens of today count from before the start, and the cap ends at midnight UTC', async () => {
    const { pool } = await playPool([playHost(a, { tokensPerDay: 1_000 })], { memory: memoryOf([], 900) });
    (await take(pool, 'one')).answered({ promptTokens: 90, answerTokens: 20 });
    assert.equal(pool.permits.tryReserve(), undefined);
    const [status] = pool.status();
    assert.equal(status?.state, 'capped');
    assert.equal(status?.tokensToday, 1_010);
    assert.match(pool.waitingFor() ?? '', /a:11434 has used its 1000 tokens of today/);
    const polled = pool.permits.reserve(new AbortController().signal);
    await leap(86_400_000);
    await polled;
    assert.equal(pool.status()[0]?.tokensToday, 0);
    pool.close();
  });

  test('tokens that other workers use up count within a minute', async () => {
    const elsewhere = { tokens: 100 };
    const memory = { ...memoryOf([], 0), tokensSince: async () => [{ host: a, model: playModel, ...elsewhere }] };
    const { pool } = await playPool([playHost(a, { tokensPerDay: 1_000 })], { memory });
    (await take(pool, 'one')).answered({ promptTokens: 90, answerTokens: 20 });
    assert.equal(pool.status()[0]?.tokensToday, 210);
    elsewhere.tokens = 1_100;
    await pass(60_500);
    assert.equal(pool.status()[0]?.tokensToday, 1_100);
    assert.equal(pool.status()[0]?.state, 'capped');
    pool.close();
  });

  test('requests per minute are a wait, not a failure', async () => {
    const { pool } = await playPool([playHost(a, { requestsPerMinute: 2 })]);
    await does(pool, 'one');
    await pass(10_000);
    await does(pool, 'two');
    assert.equal(pool.status()[0]?.state, 'capped');
    const polled = pool.permits.reserve(new AbortController().signal);
    await pass(49_000);
    assert.equal(pool.status()[0]?.state, 'capped');
    await pass(1_500);
    await polled;
    pool.close();
  });
});
