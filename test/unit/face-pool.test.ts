import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { createFacePool, type FacePool, type FacePoolDeps } from '../../adapters/face-service/face-pool.ts';
import { ConfigError, PermanentError, TransientError } from '../../domain/errors.ts';
import type { DetectedFace, FaceProbe, FaceService } from '../../domain/face.ts';
import { pass, stopTime } from '../support/pool-play.ts';

const a = 'http://a:3003';
const b = 'http://b:3003';
const failed = new TransientError('HostFailed', 'it failed (500)');
const code = (wanted: string) => (error: unknown) => error instanceof Error && 'code' in error && error.code === wanted;

interface PlayedService extends FaceService {
  probed: FaceProbe;
  /** What a call does; answers with nobody unless it is set. */
  does: () => Promise<readonly DetectedFace[]>;
  calls: number;
}

function played(host: string, model = 'buffalo_l'): PlayedService {
  const service: PlayedService = {
    host,
    model,
    probed: { isThere: true, detail: '' },
    does: async () => [],
    calls: 0,
    async detect() {
      service.calls += 1;
      return await service.does();
    },
    async embed() {
      await service.does();
      return undefined;
    },
    async probe() {
      await settle();
      return service.probed;
    },
    close: async () => undefined,
  };
  return service;
}

async function playPool(services: readonly PlayedService[], more: Partial<FacePoolDeps> = {}) {
  const logged: string[] = [];
  const note = (about: object, message: string) => void logged.push(`${message} ${JSON.stringify(about)}`);
  const pool = createFacePool({
    services,
    api: 'immich-ml',
    slots: 2,
    picture: async () => ({ jpeg: Buffer.from('ours'), width: 4, height: 3 }),
    log: { info: note, warn: note },
    random: () => 0.5,
    ...more,
  });
  await settle();
  await pass(1);
  return { pool, logged };
}

const detect = (pool: FacePool, photo = 'a photo', signal = new AbortController().signal) =>
  pool.detect({ photo, jpeg: Buffer.from(photo), width: 4, height: 3, signal });

/** A call that lasts until it is let go. */
function held() {
  const waiting: (() => void)[] = [];
  const does = () => new Promise<readonly DetectedFace[]>((resolve) => void waiting.push(() => resolve([])));
  const letGo = () => {
    for (const go of waiting.splice(0)) go();
  };
  return { does, letGo };
}

beforeEach(stopTime);
afterEach(() => mock.timers.reset());

describe('face services as slots', { timeout: 20_000 }, () => {
  test('all give their slots at once, and no more than those', async () => {
    const services = [played(a), played(b)];
    const { does, letGo } = held();
    for (const service of services) service.does = does;
    const { pool } = await playPool(services);
    const permits = Array.from({ length: 5 }, () => pool.permits.tryReserve());
    assert.equal(permits.filter((permit) => permit !== undefined).length, 4);
    const calls = ['1', '2', '3', '4'].map((photo) => detect(pool, photo));
    await settle();
    assert.deepEqual(
      services.map(({ calls: begun }) => begun),
      [2, 2],
    );
    const fifth = detect(pool, '5');
    await settle();
    letGo();
    await settle();
    letGo();
    await Promise.all([...calls, fifth]);
    await pool.close();
  });

  test('one that is away gets nothing, and gets photos again within seconds of its return', async () => {
    const [away, there] = [played(a), played(b)];
    away.probed = { isThere: false, detail: 'connection refused' };
    const { pool } = await playPool([away, there]);
    for (const photo of ['1', '2', '3']) assert.equal((await detect(pool, photo)).host, b);
    away.probed = { isThere: true, detail: '' };
    await pass(2_500);
    assert.equal((await detect(pool, '4')).host, a);
    await pool.close();
  });

  test('where none is there nobody is asked for, and status says what to do', async () => {
    const service = played(a);
    service.probed = { isThere: false, detail: 'connection refused' };
    const { pool, logged } = await playPool([service]);
    assert.equal(pool.permits.tryReserve(), undefined);
    assert.match(pool.waitingFor() ?? '', /no face service answers: http:\/\/a:3003.*FACE_API_URL/);
    assert.match(logged.join('\n'), /^face service is away/);
    const refused = assert.rejects(detect(pool), code('NoHost'));
    await pass(6_000);
    await refused;
    assert.equal(service.calls, 0);
    await pool.close();
  });

  test('one that says that it wants a token gives no slots, and status says why', async () => {
    const service = played(a);
    service.probed = { isThere: false, detail: 'wants a token (401)', why: 'unauthorized' };
    const { pool } = await playPool([service]);
    assert.equal(pool.permits.tryReserve(), undefined);
    assert.match(pool.waitingFor() ?? '', /wants a token/);
    assert.deepEqual(
      pool.status().map(({ host, api, model, state, slots }) => ({ host, api, model, state, slots })),
      [{ host: a, api: 'immich-ml', model: 'buffalo_l', state: 'refused', slots: 2 }],
    );
    await pool.close();
  });

  test('one that a person has to set right is left alone, and the photo waits without blame', async () => {
    const service = played(a);
    const { pool } = await playPool([service]);
    const wrong = new ConfigError('Unauthorized', 'wants a token');
    service.does = () => Promise.reject(wrong);
    await assert.rejects(detect(pool), wrong);
    assert.equal(pool.permits.tryReserve(), undefined);
    await pool.close();
  });

  test('of two models are no pool', () => {
    const services = [played(a), played(b, 'antelopev2')];
    assert.throws(
      () => createFacePool({ services, api: 'generic', slots: 1, log: { info() {}, warn() {} } }),
      /one model/,
    );
  });
});

describe('a photo that a face service fails on', { timeout: 20_000 }, () => {
  test('is blamed where the service did others and it was alone, and another photo tries the service again', async () => {
    const service = played(a);
    const { pool } = await playPool([service]);
    await detect(pool, 'good');
    service.does = () => Promise.reject(failed);
    await assert.rejects(detect(pool, 'bad'), code('FailsHosts'));
    assert.equal(pool.permits.tryReserve(), undefined);
    service.does = async () => [];
    await pass(6_000);
    assert.equal((await detect(pool, 'good')).host, a);
    assert.equal(pool.status()[0]?.state, 'ready');
    await pool.close();
  });

  test('is innocent where the service has done nothing yet; after two faults a picture of ours tries it', async () => {
    const service = played(a);
    const { pool } = await playPool([service]);
    service.does = () => Promise.reject(failed);
    await assert.rejects(detect(pool, '1'), failed);
    await pass(6_000);
    await assert.rejects(detect(pool, '2'), failed);
    service.does = async () => [];
    const before = service.calls;
    await pass(11_000);
    assert.equal(service.calls, before + 1);
    assert.equal((await detect(pool, '2')).host, a);
    await pool.close();
  });

  test('goes to the other service', async () => {
    const [bad, good] = [played(a), played(b)];
    const { pool } = await playPool([bad, good]);
    bad.does = () => Promise.reject(failed);
    await assert.rejects(detect(pool, 'photo'), failed);
    assert.equal((await detect(pool, 'photo')).host, b);
    await pool.close();
  });

  test('costs the service nothing where that says that it cannot do this picture', async () => {
    const service = played(a);
    const { pool } = await playPool([service]);
    const refused = new PermanentError('FaceServiceRefused', 'cannot do this picture', { host: a });
    service.does = () => Promise.reject(refused);
    await assert.rejects(detect(pool), refused);
    assert.equal(pool.status()[0]?.state, 'ready');
    assert.ok(pool.permits.tryReserve() !== undefined);
    await pool.close();
  });

  test('gives its slot back when it is canceled', async () => {
    const service = played(a);
    const { pool } = await playPool([service], { slots: 1 });
    const reason = new Error('no longer wanted');
    service.does = () => Promise.reject(reason);
    await assert.rejects(detect(pool), reason);
    assert.equal(pool.status()[0]?.state, 'ready');
    service.does = async () => [];
    assert.equal((await detect(pool)).host, a);
    await pool.close();
  });
});
