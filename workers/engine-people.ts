import { createFaceDetector } from '../adapters/face-service/face-detector.ts';
import { cropFace } from '../adapters/picture/crop.ts';
import type { Database } from '../adapters/postgres/connection.ts';
import { createFaceStore } from '../adapters/postgres/face-store.ts';
import { createFaceVectors } from '../adapters/postgres/face-vectors.ts';
import { createPhotoAt } from '../adapters/postgres/photo-at.ts';
import { createFacePhotos, type FacePhotosDeps } from '../clients/face-photos.ts';
import type { PeopleApi } from '../clients/http/people-api.ts';
import type { Opened } from '../clients/open.ts';
import type { PhotoPictures } from '../clients/photo-picture.ts';
import type { RenditionCache } from '../domain/ports.ts';
import { sha256 } from '../runtime/sha256.ts';
import type { Faces } from './face-steps.ts';

export interface EnginePeopleDeps {
  readonly opened: Pick<Opened, 'people' | 'assets' | 'queries' | 'settings'>;
  readonly pictures: PhotoPictures;
  /** Where those are kept, and faces that were cut out. */
  readonly renditions: RenditionCache;
  readonly database: Database;
  /** Undefined until the workers run. */
  readonly faces: Faces | undefined;
}

/** Milliseconds for cutting one face out of a picture that is decoded already. */
const cropMs = 10_000;

/** People and faces, for the routes. The services are those of the runs, and their slots too. */
export function createPeopleApi({ opened, pictures, renditions, database, faces }: EnginePeopleDeps): PeopleApi {
  const { people, assets, settings } = opened;
  const services = faces?.services;
  const limits = { maxPixels: settings.DARKROOM_MAX_MEGAPIXELS * 1_000_000, timeoutMs: cropMs };
  return {
    ...people,
    vectors: createFaceVectors({ database }),
    libraries: () => assets.libraries(),
    model: settings.FACE_MODEL,
    photos: createFacePhotos({
      people,
      store: createFaceStore({ database }),
      photoAt: createPhotoAt({ database }),
      read: readOf(opened, pictures),
      crops: renditions,
      sha256,
      crop: (bytes, box) => cropFace({ bytes, kind: 'jpeg', box }, limits),
      model: settings.FACE_MODEL,
      eyes: services && {
        detect: (task) => createFaceDetector(services.pool).detect(task),
        embed: (task) => services.pool.embed(task),
      },
      place: faces?.steps.eyes?.place,
      // As runs do.
      longSide: settings.VISION_LONG_SIDE,
    }),
  };
}

function readOf({ queries }: EnginePeopleDeps['opened'], pictures: PhotoPictures): FacePhotosDeps['read'] {
  return async ({ assetId }, { known, ...wanted }) => {
    const found = await queries.findById(assetId);
    if (found === undefined) return { kind: 'gone' };
    const picture = await pictures.of(found, { ...wanted, known: (hash) => hash === known });
    if (picture.kind !== 'read') return { kind: picture.kind };
    return { kind: 'read', contentHash: picture.hash, jpeg: Buffer.from(picture.jpeg) };
  };
}
