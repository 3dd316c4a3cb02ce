import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import type { HostRest } from '../../domain/host-ports.ts';
import { asking, leap, pass, playHost, playModel, playPool, stopTime } from '../support/pool-play.ts';

const a = 'http://a:11434';
const take = (pool: VisionPool, photo: string) => pool.acquire(asking({ photo }));
const does = async (pool: VisionPool, photo: string) => (await take(pool, photo)).answered({});

beforeEach(stopTime);
afterEach(() => mock.timers.reset());
const patience = { timeout: 20_000 };

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

  test('tokens of an answer that was of no use count too', async () => {
    const { pool } = await playPool([playHost(a, { tokensPerDay: 1_000 })]);
    const usage = { promptTokens: 400, answerTokens: 384 };
    (await take(pool, 'mute')).failed(new PermanentError('EmptyAnswer', 'nothing', { usage }));
    assert.equal(pool.status()[0]?.tokensToday, 784);
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
