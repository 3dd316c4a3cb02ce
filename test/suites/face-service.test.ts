import { faceApis } from '../../domain/face.ts';
import { clientOf, facePair, facePhoto } from '../support/face-services.ts';
import { freePort } from '../support/free-port.ts';
import { faceVector } from '../support/scripted-faces.ts';
import { faceServiceSuite } from './face-service.suite.ts';

for (const api of faceApis) {
  faceServiceSuite(`scripted ${api}`, async (t) => {
    const { server, service } = await facePair(t, api);
    const [couple, empty, portrait] = [await facePhoto(1), await facePhoto(2), await facePhoto(3)];
    const faces = [1, 2].map((seed) => ({
      corners: [100 * seed, 40, 100 * seed + 60, 120] as const,
      embedding: faceVector(seed),
    }));
    // Answers take a moment: a call can be canceled meanwhile.
    server.scriptPicture(couple.sha256, { faces, afterMs: 20 });
    server.scriptPicture(portrait.sha256, { faces: [{ corners: [30, 20, 290, 220] }] });
    return { service, couple, empty, portrait, nobody: clientOf(t, `http://127.0.0.1:${await freePort()}`, { api }) };
  });
}
