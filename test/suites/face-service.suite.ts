import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { embeddingLength, type DetectInput, type FaceService } from '../../domain/face.ts';

/** A service that is there and has its model, and pictures for it. What it says of them is its own business. */
export interface FaceServiceSetup {
  readonly service: FaceService;
  /** Two faces are on it. */
  readonly couple: Omit<DetectInput, 'signal'>;
  /** Nobody is on it. */
  readonly empty: Omit<DetectInput, 'signal'>;
  /** Cut around one face. */
  readonly portrait: Omit<DetectInput, 'signal'>;
  /** The same kind of service where nobody listens. */
  readonly nobody: FaceService;
}

type Start = (t: TestContext) => Promise<FaceServiceSetup>;

/** A real service on a processor loads its model in minutes. */
const patience = 600_000;
const asked = (picture: Omit<DetectInput, 'signal'>): DetectInput => ({
  ...picture,
  signal: AbortSignal.timeout(patience),
});
const lengthOf = (vector: Float32Array): number => Math.hypot(...vector);

/** What every FaceService must do, whatever stands behind it. */
export function faceServiceSuite(name: string, start: Start): void {
  describe(`${name} as a face service`, () => {
    findsFaces(start);
    canBeCanceled(start);
    knowsWhetherItIsThere(start);
  });
}

function findsFaces(start: Start): void {
  test('finds faces with boxes inside the picture and vectors of length 1', async (t) => {
    const { service, couple } = await start(t);
    const faces = await service.detect(asked(couple));
    assert.equal(faces.length, 2);
    for (const { box, embedding, score = 1 } of faces) {
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1 && box.y + box.height <= 1, JSON.stringify(box));
      assert.ok(box.width > 0 && box.height > 0, JSON.stringify(box));
      assert.ok(score > 0 && score <= 1, `${score}`);
      assert.equal(embedding.length, embeddingLength);
      assert.ok(Math.abs(lengthOf(embedding) - 1) < 1e-3, `${lengthOf(embedding)}`);
    }
  });

  test('finds nobody where nobody is', async (t) => {
    const { service, empty } = await start(t);
    assert.deepEqual(await service.detect(asked(empty)), []);
    assert.equal(await service.embed(asked(empty)), undefined);
  });

  test('gives the same faces for the same picture', async (t) => {
    const { service, couple } = await start(t);
    assert.deepEqual(await service.detect(asked(couple)), await service.detect(asked(couple)));
  });

  test('makes the vector of a face that a person marked', async (t) => {
    const { service, portrait } = await start(t);
    const embedding = await service.embed(asked(portrait));
    assert.ok(embedding !== undefined);
    assert.equal(embedding.length, embeddingLength);
    assert.ok(Math.abs(lengthOf(embedding) - 1) < 1e-3);
  });
}

function canBeCanceled(start: Start): void {
  test('ends a canceled call with the reason of its signal, begins none that is canceled, and is of use again', async (t) => {
    const { service, couple } = await start(t);
    const reason = new Error('no longer wanted');
    const controller = new AbortController();
    const call = service.detect({ ...couple, signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(call, reason);
    await assert.rejects(service.embed({ ...couple, signal: AbortSignal.abort(reason) }), reason);
    assert.equal((await service.detect(asked(couple))).length, 2);
  });
}

function knowsWhetherItIsThere(start: Start): void {
  test('says that it is there', async (t) => {
    const { service } = await start(t);
    assert.deepEqual(await service.probe(AbortSignal.timeout(10_000)), { isThere: true, detail: '' });
  });

  test('says that nobody is there, in words, and fails as a host that cannot be reached', async (t) => {
    const { nobody, couple } = await start(t);
    const { isThere, detail, why } = await nobody.probe(AbortSignal.timeout(10_000));
    assert.deepEqual([isThere, detail, why], [false, 'connection refused', undefined]);
    await assert.rejects(nobody.detect(asked(couple)), { code: 'HostUnreachable' });
  });

  test('answers a question even when it is canceled', async (t) => {
    const { service } = await start(t);
    assert.equal((await service.probe(AbortSignal.abort())).isThere, false);
  });
}
