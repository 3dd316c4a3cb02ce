import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { cropFace } from '../../adapters/picture/crop.ts';
import { createPictureReader } from '../../adapters/picture/reader.ts';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import type { Database } from '../../adapters/postgres/connection.ts';
import { createPhotoAt } from '../../adapters/postgres/photo-at.ts';
import { createFacePhotos, type FacePhotosDeps } from '../../clients/face-photos.ts';
import type { PeopleApi } from '../../clients/http/people-api.ts';
import { peopleRoutes } from '../../clients/http/people-routes.ts';
import { createHttpServer } from '../../clients/http/server.ts';
import type { FaceService } from '../../domain/face.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { model, peopleStores } from './people-scene.ts';
import { makePhoto } from './pictures.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const token = 'a-token-that-is-long-enough';
const limits = { maxPixels: 1e8, timeoutMs: 10_000 };

/** A folder with photos, its rows, and the routes of people over HTTP; `service` looks for faces. */
export async function peopleWorld(
  t: TestContext,
  database: Database,
  { service, ...over }: { service?: FaceService } & Partial<FacePhotosDeps> = {},
) {
  const stores = peopleStores(database);
  const root = await temporaryFolder(t);
  const assets = createAssetStore({ database });
  const library = await assets.ensureLibrary({ name: 'pictures', root });
  const folder = createFolder({ root, ignored: createIgnored({ root }) });
  const pictures = createPictureReader({ log: () => undefined });
  t.after(() => pictures.close());
  const people = {
    persons: stores.people,
    merges: stores.merges,
    faces: stores.faces,
    assignments: stores.assignments,
  };
  const [reads, crops] = [new Array<string>(), new Map<string, Buffer>()];
  const photos = createFacePhotos({
    people,
    store: stores.faces,
    photoAt: createPhotoAt({ database }),
    async read({ assetId }, { longSide, known, signal }) {
      const rawPath = (await assets.find(assetId))?.rawPath ?? Buffer.alloc(0);
      const expected = await folder.stat(rawPath);
      if (expected === undefined) return { kind: 'gone' };
      if (known !== undefined) return { kind: 'same' };
      reads.push(assetId);
      const read = await pictures.read({ path: await folder.resolve(rawPath), expected, longSide, signal });
      if (read.kind === 'torn') return { kind: 'changing' };
      return read.kind === 'gone' ? read : { kind: 'read', contentHash: read.content.hash, jpeg: read.rendition };
    },
    crops: {
      get: async (hash) => crops.get(hash),
      put: async (hash, _side, jpeg) => void crops.set(hash, jpeg),
    },
    sha256,
    crop: (bytes, box) => cropFace({ bytes, kind: 'jpeg', box }, limits),
    model,
    longSide: 640,
    ...(service && {
      eyes: {
        detect: ({ jpeg, signal }) => service.detect({ jpeg, width: 320, height: 240, signal }),
        embed: async (task) => ({ embedding: await service.embed(task) }),
      },
    }),
    ...over,
  });
  const api: PeopleApi = { ...people, vectors: stores.vectors, photos, libraries: () => assets.libraries(), model };
  const faults: string[] = [];
  const server = createHttpServer({
    token,
    routes: peopleRoutes({ api: async () => api }),
    rateLimit: { take: () => 0 },
    onFault: ({ route, error }) => void faults.push(`${route}: ${String(error)}`),
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const ask = async (method: string, at: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}` };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}${at}`, { method, headers, ...init });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, bytes, json: isJson ? JSON.parse(bytes.toString()) : undefined };
  };
  return {
    ...stores,
    stores,
    api,
    ask,
    url,
    root,
    faults,
    /** Ids of photos of which a picture was made. */
    reads,
    /** A photo in the folder that was read, 320 × 240. */
    photo: async (name: string, seed: number) => {
      const file = path.join(root, name);
      await writeFile(file, await makePhoto({ seed, width: 320, height: 240 }));
      const rawPath = Buffer.from(name);
      const stat = await folder.stat(rawPath);
      if (stat === undefined) throw new Error('no photo was made');
      const [row] = await assets.register(library, [{ rawPath, kind: 'photo', stat }], undefined);
      if (row === undefined) throw new Error('the photo has no row');
      const signal = AbortSignal.timeout(10_000);
      const found = await pictures.read({ path: Buffer.from(file), expected: stat, longSide: 640, signal });
      if (found.kind !== 'read') throw new Error('the photo cannot be read');
      await assets.rememberContent(row.asset, stat, found.content);
      return { file, asset: row.asset, contentHash: found.content.hash };
    },
  };
}

/** The address of a photo's faces. */
export const facesAt = (photo: string, library = 'pictures', what = ''): string =>
  `/image/faces${what}?${new URLSearchParams({ library, path: photo }).toString()}`;
