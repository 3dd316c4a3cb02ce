import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { TransientError } from '../../domain/errors.ts';
import type { AcquireInput, HostProbe } from '../../domain/host-ports.ts';
import { plainHost } from '../../domain/vision-host.ts';
import { asking, away, pass, playHost, playModel, playPool, ready, stopTime } from '../support/pool-play.ts';

const a = 'http://a:11434';
const b = 'http://b:11434';
const second = 'second:8b';
const roleModels = { primary: playModel, fallback: second };
const spare = plainHost(b, '', { models: { fallback: 'second-local' } });
const both = [playModel, second];

const take = (pool: VisionPool, more: Partial<AcquireInput> = {}) => pool.acquire(asking(more));
const states = (pool: VisionPool) => pool.status().map(({ state }) => state);

beforeEach(stopTime);
afterEach(() => mock.timers.reset());
const patience = { timeout: 20_000 };

describe('primary and fallback hosts', patience, () => {
  test('the second choice rests while the first is healthy, busy or not', async () => {
    const { pool } = await playPool([playHost(a), spare], { roleModels });
    assert.deepEqual(states(pool), ['ready', 'spare']);
    const permit = pool.permits.tryReserve();
    assert.ok(permit !== undefined);
    assert.equal(pool.permits.tryReserve(), undefined);
    const lease = await take(pool, { models: both });
    assert.deepEqual([lease.host, lease.model, lease.canonical], [a, playModel, playModel]);
    pool.close();
  });

  test('the second choice works while nobody of the first can, under its own model', async () => {
    const { pool, probes } = await playPool([playHost(a), spare], { roleModels });
    probes.set(a, away);
    (await take(pool, { models: both })).failed(new TransientError('HostUnreachable', 'refused'));
    await pass(3_000);
    assert.deepEqual(states(pool), ['away', 'ready']);
    const lease = await take(pool, { models: both });
    assert.deepEqual([lease.host, lease.model, lease.canonical], [b, 'second-local', second]);
    probes.set(a, ready);
    await pass(2_500);
    assert.equal((await take(pool, { models: both })).host, a);
    pool.close();
  });

  test('the second choice works beside a first one on trial, which may hang in it', async () => {
    const { pool } = await playPool([playHost(a), spare], { roleModels });
    (await take(pool, { models: both })).failed(new TransientError('HostTimedOut', 'silent'));
    await pass(5_500);
    assert.deepEqual(states(pool), ['ready', 'ready']);
    const trial = await take(pool, { models: both, photo: 'one' });
    const beside = await take(pool, { models: both, photo: 'two' });
    assert.deepEqual([trial.host, beside.host].sort(), [a, b]);
    for (const lease of [trial, beside]) lease.answered({});
    assert.deepEqual(states(pool), ['ready', 'spare']);
    pool.close();
  });

  test('a cap is of the host, not of each of its models', async () => {
    const models = { primary: playModel, fallback: 'second-local' };
    const { pool } = await playPool([playHost(a, { models, requestsPerMinute: 2 })], { roleModels });
    for (const photo of ['one', 'two']) (await take(pool, { models: both, photo })).answered({});
    assert.equal(pool.permits.tryReserve(), undefined);
    assert.deepEqual(states(pool), ['capped', 'capped']);
    pool.close();
  });

  test('a photo whose recipe does not accept the second model waits for the first', async () => {
    const { pool, probes } = await playPool([playHost(a), spare], { roleModels });
    probes.set(a, away);
    await pass(16_000);
    await assert.rejects(take(pool, { models: [playModel] }), { code: 'NoHost' });
    pool.close();
  });

  test('a model that nobody is set up with is said, and known to be nowhere', async () => {
    const { pool } = await playPool([a]);
    assert.equal(pool.serves([playModel]), true);
    assert.equal(pool.serves(['former:7b']), false);
    await assert.rejects(take(pool, { models: ['former:7b'] }), /set up with former:7b; set VISION_MODEL/);
    pool.close();
  });
});

describe('a changed list of hosts', patience, () => {
  test('a new host works at once, a removed one finishes what it has and gets nothing more', async () => {
    const { pool, probes } = await playPool([a]);
    const lease = await take(pool);
    probes.set(b, ready);
    pool.update([playHost(b)]);
    await pass(1);
    assert.deepEqual(states(pool), ['ready', 'draining']);
    assert.equal((await take(pool)).host, b);
    assert.equal(lease.failed(new TransientError('HostFailed', 'late')) instanceof Error, true);
    assert.deepEqual(
      pool.status().map(({ host }) => host),
      [b],
    );
    pool.close();
  });

  test('a host that stays keeps its health and its calls, with its new settings', async () => {
    const { pool, asked } = await playPool([a]);
    const lease = await take(pool);
    const before = asked.length;
    pool.update([playHost(a, { slots: 2 })]);
    assert.equal(asked.length, before);
    assert.ok(await take(pool, { photo: 'another' }));
    lease.answered({});
    assert.equal(pool.status()[0]?.calls, 1);
    pool.close();
  });

  test('a host that is taken off and put back while a call runs has no slot more than before', async () => {
    const { pool } = await playPool([a]);
    const lease = await take(pool);
    pool.update([]);
    pool.update([playHost(a)]);
    await pass(1);
    assert.deepEqual(states(pool), ['busy']);
    assert.equal(pool.permits.tryReserve(), undefined);
    lease.answered({});
    assert.ok(await take(pool));
    pool.close();
  });

  test('a host that refused us is asked at once with its new settings', async () => {
    const { pool, probes } = await playPool([a]);
    probes.set(a, { state: 'unauthorized', detail: 'wants a token' });
    await pass(16_000);
    assert.deepEqual(states(pool), ['refused']);
    probes.set(a, ready);
    pool.update([playHost(a)]);
    await pass(1);
    assert.deepEqual(states(pool), ['ready']);
    pool.close();
  });

  test('a removed host is not asked any more', async () => {
    const { pool, asked } = await playPool([a, b]);
    pool.update([playHost(b)]);
    await pass(60_000);
    assert.equal(asked.filter((host) => host === a).length, 1);
    pool.close();
  });

  test('who waits for a slot gets one of a host that was added', async () => {
    const { pool, probes } = await playPool([a]);
    const held = await take(pool);
    const polled = pool.permits.reserve(new AbortController().signal);
    probes.set(b, ready);
    pool.update([playHost(a), playHost(b)]);
    await pass(1);
    await polled;
    held.answered({});
    pool.close();
  });
});

describe('loading at the start', patience, () => {
  test('a host that has not loaded the model does so before it gets photos', async () => {
    const unloaded: HostProbe = { state: 'ready', simulated: false, loaded: false };
    const loads: (() => void)[] = [];
    const preload = () => new Promise<void>((resolve) => loads.push(resolve));
    const { pool } = await playPool([a], { vision: { probe: async () => unloaded }, preload });
    assert.deepEqual(states(pool), ['loading']);
    assert.equal(pool.permits.tryReserve(), undefined);
    loads.shift()?.();
    await pass(1);
    assert.deepEqual(states(pool), ['ready']);
    pool.close();
  });

  test('one that cannot load it is left alone for a while', async () => {
    const unloaded: HostProbe = { state: 'ready', simulated: false, loaded: false };
    const preload = () => Promise.reject(new TransientError('HostFailed', 'out of memory'));
    const { pool } = await playPool([a], { vision: { probe: async () => unloaded }, preload });
    assert.deepEqual(states(pool), ['cooling']);
    pool.close();
  });
});
