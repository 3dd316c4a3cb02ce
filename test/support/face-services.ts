import { hash } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createFaceService, type FaceServiceOptions } from '../../adapters/face-service/face-service.ts';
import type { DetectInput, FaceApi, FaceService } from '../../domain/face.ts';
import { makePhoto } from './pictures.ts';
import { scriptedFaces, type ScriptedFaces } from './scripted-faces.ts';

export const testLimits = { connectMs: 2_000, firstMs: 20_000, callMs: 20_000 };

/** A client of a service, closed when the test ends. */
export function clientOf(
  t: Pick<TestContext, 'after'>,
  url: string,
  more: Partial<FaceServiceOptions> = {},
): FaceService {
  const service = createFaceService({
    api: 'immich-ml',
    url,
    model: 'buffalo_l',
    minScore: 0.7,
    limits: testLimits,
    ...more,
  });
  t.after(() => service.close());
  return service;
}

export type Photo = Omit<DetectInput, 'signal'> & { readonly sha256: string };

/** 320 × 240 pixels, another one for each seed. */
export async function facePhoto(seed: number): Promise<Photo> {
  const jpeg = await makePhoto({ seed, width: 320, height: 240 });
  return { jpeg, width: 320, height: 240, sha256: hash('sha256', jpeg) };
}

/** A scripted service that speaks this, and a client of it. */
export async function facePair(
  t: Pick<TestContext, 'after'>,
  api: FaceApi,
  more: Partial<FaceServiceOptions> = {},
): Promise<{ server: ScriptedFaces; service: FaceService }> {
  const server = await scriptedFaces(t, { api });
  return { server, service: clientOf(t, server.url, { api, ...more }) };
}
