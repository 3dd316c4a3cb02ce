import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type FaultCode, isDomainError, TransientError } from '../../domain/errors.ts';
import { type DetectInput, type FaceApi, faceApis, mostFaces } from '../../domain/face.ts';
import { clientOf, facePair, facePhoto, type Photo, testLimits } from '../support/face-services.ts';
import { rawServer } from '../support/scripted-host-raw.ts';
import { face, faceRows, page } from '../support/face-answer-rows.ts';
import { faceVector, scriptedFaces, type FaceScript } from '../support/scripted-faces.ts';

const photo: Photo = await facePhoto(1);
const asked = (signal = AbortSignal.timeout(20_000)): DetectInput => ({ ...photo, signal });

const meets = (code: FaultCode, words: RegExp) => (error: unknown) => {
  assert.ok(isDomainError(error), inspect(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  return true;
};

for (const api of faceApis) {
  describe(`what ${api} may answer`, () => {
    test('each fault goes on the right account, and the next picture is done', async (t) => {
      const { server, service } = await facePair(t, api);
      for (const [name, script, code, words] of faceRows[api]) {
        server.script(() => script);
        await assert.rejects(service.detect(asked()), meets(code, words), name);
        server.script(() => ({ faces: [face()] }));
        assert.equal((await service.detect(asked())).length, 1, name);
      }
    });

    test('a face at the edge is cut at the edge, and one that it is not sure of does not count', async (t) => {
      const { server, service } = await facePair(t, api, { minScore: 0.5 });
      const faces = [
        face({ corners: [-20, -10, 80, 60] }),
        face({ score: 0.4 }),
        face({ corners: [280, 200, 340, 250] }),
      ];
      server.script(() => ({ faces }));
      assert.deepEqual(
        (await service.detect(asked())).map(({ box }) => box),
        [
          { x: 0, y: 0, width: 0.25, height: 0.25 },
          { x: 0.875, y: 200 / 240, width: 0.125, height: 1 - 200 / 240 },
        ],
      );
    });

    test('of two hundred faces the largest are kept, and that is said', async (t) => {
      const said: string[] = [];
      const log = { info: (about: object, message: string) => void said.push(`${JSON.stringify(about)} ${message}`) };
      const { server, service } = await facePair(t, api, { log });
      const faces = Array.from({ length: 200 }, (_, at) => face({ corners: [10, 10, 20 + at, 30] }));
      server.script(() => ({ faces }));
      const kept = await service.detect(asked());
      assert.equal(kept.length, mostFaces);
      assert.ok(kept.every(({ box }) => box.width * 320 >= 110 - 1e-6));
      assert.match(said.join('\n'), /"found":200,"kept":100/);
    });

    test('a service that falls silent is given up after its time, by the name of the setting', async (t) => {
      const limits = { ...testLimits, callMs: 200 };
      const { server, service } = await facePair(t, api, { limits });
      await service.detect(asked());
      server.script(() => ({ cut: 'silent' }));
      await assert.rejects(service.detect(asked()), meets('HostTimedOut', /0\.2 s \(FACE_DETECT_TIMEOUT_SEC\)/));
    });

    test('the first call may take longer: the model is loaded then, and after every restart', async (t) => {
      const limits = { ...testLimits, callMs: 100, firstMs: 20_000 };
      const { server, service } = await facePair(t, api, { limits });
      server.script(() => ({ faces: [face()], afterMs: 400 }));
      assert.equal((await service.detect(asked())).length, 1);
      await assert.rejects(service.detect(asked()), { code: 'HostTimedOut' });
      await server.off();
      await assert.rejects(service.detect(asked()), { code: 'HostUnreachable' });
      await server.on();
      assert.equal((await service.detect(asked())).length, 1);
    });

    test('a connection that the service closed as unused is made anew, and nobody hears of it', async (t) => {
      const { server, service } = await facePair(t, api);
      await service.detect(asked());
      // The connection is free for another request a moment after its answer.
      await after(50);
      server.script(({ usedBefore }) => (usedBefore > 0 ? { cut: 'before' } : { faces: [face()] }));
      assert.equal((await service.detect(asked())).length, 1);
      assert.equal(server.calls.length, 3);
      assert.equal(server.connections(), 2);
    });

    test('a service that breaks new connections too is asked twice at most', async (t) => {
      const { server, service } = await facePair(t, api);
      await service.detect(asked());
      server.script(() => ({ cut: 'before' }));
      await assert.rejects(service.detect(asked()), { code: 'HostBroke' });
      assert.equal(server.calls.length, 3);
    });

    test('what was asked is what the settings say, and the token is in no error', async (t) => {
      const { server, service } = await facePair(t, api, {
        model: 'antelopev2',
        minScore: 0.55,
        headers: () => ({ authorization: 'Bearer hush' }),
      });
      await service.detect(asked());
      const [call] = server.calls;
      assert.deepEqual(
        [call?.model, call?.minScore, call?.authorization, call?.picture],
        ['antelopev2', 0.55, 'Bearer hush', photo.sha256],
      );
      const troubles: FaceScript[] = [
        { status: 401, body: '{}' },
        { cut: 'before' },
        { body: page },
        { status: 500, body: '' },
      ];
      for (const script of troubles) {
        server.script(() => script);
        const error: unknown = await service.detect(asked()).catch((thrown: unknown) => thrown);
        assert.ok(isDomainError(error));
        assert.doesNotMatch(inspect(error, { depth: 9 }), /hush/);
      }
    });
  });
}

describe('a face that a person marked', () => {
  test('is the one in the middle of what was cut, not a neighbour in its corner', async (t) => {
    const { server, service } = await facePair(t, 'immich-ml');
    const neighbour = face({ corners: [0, 0, 150, 110], embedding: faceVector(1) });
    const marked = face({ corners: [130, 90, 200, 160], embedding: faceVector(2) });
    server.script(() => ({ faces: [neighbour, marked] }));
    const embedding = await service.embed(asked());
    assert.ok(Math.abs((embedding?.[0] ?? 0) - (faceVector(2)[0] ?? 1)) < 1e-6);
    server.script(() => ({ faces: [neighbour] }));
    assert.equal(await service.embed(asked()), undefined);
  });
});

describe('whether a face service is there', () => {
  const probe = async (t: Parameters<typeof facePair>[0], api: FaceApi, status: number, body: string) => {
    const server = await scriptedFaces(t, { api, health: { status, body } });
    return await clientOf(t, server.url, { api }).probe(AbortSignal.timeout(10_000));
  };

  /** Takes connections and says nothing. */
  const slowHealth = async (t: Parameters<typeof facePair>[0]): Promise<string> => {
    const server = createServer(() => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  };

  test('is not taken for granted where something else answers', async (t) => {
    for (const api of faceApis) {
      assert.equal((await probe(t, api, 200, page)).why, 'nonsense');
      assert.equal((await probe(t, api, 401, '{"detail":"no"}')).why, 'unauthorized');
      assert.deepEqual((await probe(t, api, 502, page)).why, undefined);
      assert.equal((await probe(t, api, 502, page)).isThere, false);
      assert.equal((await probe(t, api, 500, 'oops')).isThere, false);
    }
    assert.equal((await probe(t, 'immich-ml', 200, '{"status":"ok"}')).why, 'nonsense');
  });

  test('is believed of a plain service that has no path for it', async (t) => {
    assert.deepEqual(await probe(t, 'generic', 404, '{"detail":"Not Found"}'), { isThere: true, detail: '' });
  });

  test('is answered within its limit where it hangs, and where it speaks no HTTP', async (t) => {
    const silent = await slowHealth(t);
    const told = await clientOf(t, silent).probe(AbortSignal.timeout(10_000));
    assert.deepEqual([told.isThere, told.detail], [false, 'no answer within 2 s']);
    const odd = await rawServer(t, 'SSH-2.0-OpenSSH_9.6\r\n');
    assert.equal((await clientOf(t, odd).probe(AbortSignal.timeout(10_000))).why, 'nonsense');
    await assert.rejects(clientOf(t, odd).detect(asked()), meets('HostSpokeNonsense', /no HTTP/));
  });
});

test('an answer without end is given up, not kept in memory', async (t) => {
  const { server, service } = await facePair(t, 'immich-ml');
  server.script(() => ({ body: `{"facial-recognition": [${' '.repeat(17 * 1_048_576)}]}` }));
  await assert.rejects(service.detect(asked()), meets('HostSpokeNonsense', /longer than 16 MB/));
});

test('after a pause, when the service has closed the connection, a picture goes through at once', async (t) => {
  const { server, service } = await facePair(t, 'immich-ml');
  await service.detect(asked());
  // Longer than connections are kept unused; nothing is lost by waiting longer.
  await after(2_000);
  await service.detect(asked());
  assert.deepEqual([server.calls.length, server.connections()], [2, 2]);
});

test('Retry-After of a busy service is kept', async (t) => {
  const { server, service } = await facePair(t, 'generic');
  server.script(() => ({ status: 503, body: '{"detail":"full"}', headers: { 'retry-after': '7' } }));
  await assert.rejects(service.detect(asked()), (error: unknown) => {
    assert.ok(error instanceof TransientError);
    assert.equal(error.retryAfterMs, 7_000);
    return true;
  });
});
