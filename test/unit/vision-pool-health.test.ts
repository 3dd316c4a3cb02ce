import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { ConfigError, PermanentError, TransientError } from '../../domain/errors.ts';
import type { HostProbe } from '../../domain/host-ports.ts';
import { asking, away, pass, playHost, playPool, ready, stopTime } from '../support/pool-play.ts';

const a = 'http://a:11434';
const b = 'http://b:11434';
const never = new AbortController().signal;
const failed = new TransientError('HostFailed', 'http://a:11434 failed (500): out of memory');

/** A photo of its own for each call, unless the play is about one. */
let photos = 0;
const take = (pool: VisionPool, exclude: readonly string[] = []) =>
  pool.acquire(asking({ exclude, photo: `photo ${(photos += 1)}` }));
const states = (pool: VisionPool) => pool.status().map(({ state }) => state);

beforeEach(stopTime);
afterEach(() => mock.timers.reset());

/** With time stopped, a promise that never settles would hold the run for ever. */
const patience = { timeout: 20_000 };

describe('health of vision hosts', patience, () => {
  test('a host that cannot be reached is looked for every two seconds with one line in the log, and used at once', async () => {
    const { pool, probes, asked, logged } = await playPool([a]);
    probes.set(a, away);
    (await take(pool)).failed(new TransientError('HostUnreachable', 'refused'));
    const before = asked.length;
    await pass(60_000);
    assert.deepEqual(states(pool), ['away']);
    assert.ok(asked.length - before >= 29 && asked.length - before <= 32, `${asked.length - before} looks`);
    assert.equal(logged.filter((entry) => entry.includes('away')).length, 1);
    assert.match(
      pool.waitingFor() ?? '',
      /^no vision host answers: http:\/\/a:11434 \(connection refused\)\. Start Ollama/,
    );
    const waiting = pool.permits.reserve(never);
    probes.set(a, ready);
    await pass(2_000);
    await waiting;
    assert.equal(logged.length, 3);
    pool.close();
  });

  test('a failing host is left alone for longer and longer, and an answer makes it well', async () => {
    const tried: number[] = [];
    let well = false;
    const canary = async () => {
      tried.push(Date.now());
      if (!well) throw failed;
    };
    const { pool, logged } = await playPool([a], { canary });
    const began = Date.now();
    (await take(pool)).failed(failed);
    assert.deepEqual(states(pool), ['cooling']);
    await pass(5_500);
    // A photo first; from its failure on it is a picture of ours.
    (await take(pool)).failed(failed);
    const second = Date.now();
    await pass(1_600_000);
    const pauses = tried.map((at, nth) => Math.round((at - (tried[nth - 1] ?? second)) / 1_000));
    assert.ok(second - began < 6_000);
    assert.deepEqual(pauses, [10, 20, 40, 80, 160, 300, 300, 300, 300]);
    assert.equal(logged.length, 2, logged.join('\n'));
    well = true;
    await pass(300_000);
    assert.match(logged[2] ?? '', /ready/);
    (await take(pool)).failed(failed);
    await pass(5_500);
    assert.deepEqual(states(pool), ['ready']);
    pool.close();
  });

  test('after a fault a host of several slots gets one call, and all of them after an answer', async () => {
    const { pool } = await playPool([playHost(a, { slots: 3 })]);
    (await take(pool)).failed(failed);
    await pass(6_000);
    const trial = await take(pool);
    assert.equal(pool.permits.tryReserve() !== undefined && pool.permits.tryReserve() !== undefined, false);
    trial.answered({});
    assert.ok(await take(pool));
    assert.ok(await take(pool));
    pool.close();
  });

  test('Retry-After wins over our own pause', async () => {
    const { pool } = await playPool([a]);
    const busy = new TransientError('HostBusy', 'busy', { retryAfterMs: 400_000 });
    (await take(pool)).failed(busy);
    await pass(399_000);
    assert.deepEqual(states(pool), ['cooling']);
    assert.match(pool.status()[0]?.detail ?? '', /^busy Tried again in 1 s\.$/);
    await pass(1_500);
    assert.deepEqual(states(pool), ['ready']);
    pool.close();
  });

  test('what is the photo’s fault, the library’s, or a cancellation never counts against a host', async () => {
    const { pool, logged } = await playPool([a]);
    const errors = [
      new PermanentError('EmptyAnswer', 'nothing', { host: a }),
      new TransientError('DatabaseUnavailable', 'away'),
      new TransientError('NoHost', 'none'),
      new Error('canceled'),
    ];
    for (const error of errors) (await take(pool)).failed(error);
    assert.deepEqual(states(pool), ['ready']);
    assert.equal(logged.length, 1);
    assert.equal(pool.status()[0]?.calls, 1);
    pool.close();
  });

  test('a missing model is found within seconds of its pull', async () => {
    const { pool, probes, logged } = await playPool([a]);
    const detail = 'On that machine run: ollama pull qwen3-vl:4b';
    probes.set(a, { state: 'model-missing', detail });
    (await take(pool)).failed(new TransientError('ModelMissing', detail));
    await pass(30_000);
    assert.deepEqual(states(pool), ['model-missing']);
    assert.match(pool.waitingFor() ?? '', /ollama pull qwen3-vl:4b/);
    assert.equal(logged.length, 2);
    probes.set(a, ready);
    await pass(5_000);
    assert.deepEqual(states(pool), ['ready']);
    pool.close();
  });

  test('a host that lists a model and does not have it is left alone for longer and longer, quietly', async () => {
    const missing = new TransientError('ModelMissing', 'no endpoints found');
    const { pool, canaries, canaryFault, logged } = await playPool([a]);
    canaryFault.error = missing;
    (await take(pool)).failed(missing);
    await pass(5_500);
    (await take(pool)).failed(missing);
    await pass(600_000);
    assert.ok(canaries.length < 8, `${canaries.length} tries`);
    assert.equal(logged.length, 2, logged.join('\n'));
    pool.close();
  });

  test('a host that says 429 when it is asked is left alone for as long as it says', async () => {
    const { pool, probes } = await playPool([a]);
    probes.set(a, { state: 'busy', detail: 'slow down', retryAfterMs: 100_000 });
    await pass(16_000);
    assert.deepEqual(states(pool), ['cooling']);
    probes.set(a, ready);
    await pass(90_000);
    assert.deepEqual(states(pool), ['cooling']);
    await pass(10_000);
    assert.deepEqual(states(pool), ['ready']);
    pool.close();
  });

  test('a wrong setting stops polls, is tried with no photo but the first, and fills no log', async () => {
    const refused = new ConfigError('BadRequest', 'refuses our request');
    const { pool, logged, canaries, canaryFault } = await playPool([a]);
    canaryFault.error = refused;
    for (let minute = 0; minute < 2; minute += 1) {
      (await take(pool)).failed(refused);
      assert.deepEqual(states(pool), ['refused']);
      assert.equal(pool.permits.tryReserve(), undefined);
      await pass(60_500);
    }
    await pass(170_000);
    assert.equal(canaries.length, 3);
    assert.deepEqual(states(pool), ['refused']);
    assert.equal(logged.length, 2, logged.join('\n'));
    pool.close();
  });

  test('a host without work is asked now and then, a host at work is not', async () => {
    const { pool, probes, asked } = await playPool([a, b]);
    await take(pool);
    probes.set(a, away).set(b, away);
    await pass(60_000);
    assert.deepEqual(asked.filter((host) => host === a).length, 1);
    assert.deepEqual(states(pool), ['busy', 'away']);
    pool.close();
  });

  test('an answer to a question from before a fault does not lift what the fault began', async () => {
    const answers: ((probe: HostProbe) => void)[] = [];
    const { pool } = await playPool([a], { vision: { probe: () => new Promise((resolve) => answers.push(resolve)) } });
    answers.shift()?.(ready);
    await pass(16_000);
    assert.equal(answers.length, 1);
    const lease = await take(pool);
    lease.failed(new TransientError('HostBusy', 'busy', { retryAfterMs: 60_000 }));
    answers.shift()?.(ready);
    await pass(1_000);
    assert.deepEqual(states(pool), ['cooling']);
    pool.close();
  });

  test('says for each host why none can work', async () => {
    const { pool, probes } = await playPool([a, b]);
    probes.set(a, away).set(b, { state: 'unauthorized', detail: 'http://b:11434 wants a token. Set VISION_TOKEN' });
    await pass(20_000);
    assert.equal(
      pool.waitingFor(),
      'no vision host can work: http://a:11434 (connection refused); http://b:11434 wants a token. Set VISION_TOKEN',
    );
    pool.close();
  });
});
