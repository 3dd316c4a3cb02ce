import type { AssetRef } from '../domain/asset.ts';
import { checkBox } from '../domain/face-match.ts';
import type { Detection, Face, FaceStore, FoundPhoto, PhotoAt, PhotoKey, RerunResult } from '../domain/face-store.ts';
import type { FaceBox } from '../domain/face.ts';
import { PeopleError } from '../domain/person.ts';
import type { RenditionCache } from '../domain/ports.ts';
import { type EyesDeps, patiently, type Picture, type VectorOf, vectorOf } from './face-eyes.ts';
import { giveFace, type PeopleAccess, personKnown, personOf, type Who } from './people.ts';

type PictureOfPhoto =
  | (Picture & { readonly kind: 'read'; readonly contentHash: string })
  /** As `known` said. */
  | { readonly kind: 'same' }
  /** changing: it is being written, or Immich has no preview of it yet */
  | { readonly kind: 'changing' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'locked' };

interface PhotoWanted {
  /** In pixels. */
  readonly longSide: number;
  /** Whether a picture that was made goes into the cache that runs use. */
  readonly isKept: boolean;
  /** Content hash of a photo of which nothing more is needed than that it is still there. */
  readonly known?: string;
  readonly signal: AbortSignal;
}

export interface FacePhotosDeps extends EyesDeps {
  readonly people: PeopleAccess;
  readonly store: Pick<FaceStore, 'detection' | 'facesOf' | 'addManual' | 'rerun'>;
  readonly photoAt: PhotoAt;
  /** By the library's own reader, which leaves its root nowhere. Throws the faults of `PictureReader.read`, and of the library. */
  readonly read: (asset: AssetRef, wanted: PhotoWanted) => Promise<PictureOfPhoto>;
  /** Faces that were cut out. */
  readonly crops: Pick<RenditionCache, 'get' | 'put'>;
  readonly sha256: (text: string) => string;
  /** Name of the model whose faces count. */
  readonly model: string;
  /** Gives faces that nobody has to those whom they are like. */
  readonly place?: ((photo: PhotoKey, tags: readonly string[], signal: AbortSignal) => Promise<void>) | undefined;
  /** Long side in pixels of the picture that faces are looked for in. */
  readonly longSide: number;
}

/** Why nothing can be done with the faces of a photo. The message is for the person who asked. */
export class PhotoError extends Error {
  override readonly name = 'PhotoError';
  readonly code:
    'library-missing' | 'photo-missing' | 'photo-gone' | 'photo-changed' | 'photo-locked' | 'face-service-missing';
  constructor(code: PhotoError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Place {
  readonly library: string;
  /** As it is shown, below the library. */
  readonly path: string;
}

/** Throws PhotoError, PeopleError, PermanentError where there is no picture to be had, TransientError while something is away. */
export interface FacePhotos {
  faces(place: Place): Promise<{ readonly detection: Detection | undefined; readonly faces: readonly Face[] }>;
  /** A face that a person drew, and whose it is. Nothing is kept unless all of it can be. */
  draw(input: Drawing): Promise<{ readonly face: Face; readonly vector: VectorOf }>;
  /** Looks again: faces of the model are replaced, those that people drew stay. */
  rerun(input: Place & { readonly signal: AbortSignal }): Promise<RerunResult & { readonly faces: readonly Face[] }>;
  /** The face that stands for a person, as a JPEG; absent where the other side has the one of this tag. */
  cover(personId: string, wanted: CoverWanted): Promise<{ readonly tag: string; readonly jpeg?: Buffer }>;
}

interface CoverWanted {
  readonly known: (tag: string) => boolean;
  readonly signal: AbortSignal;
}

interface Drawing extends Place {
  readonly box: FaceBox;
  readonly who?: Who | undefined;
  readonly signal: AbortSignal;
}

/** A face that is a hundredth of the photo is then still 40 pixels wide. */
const closeUp = 4_096;
/** What was cut out of it is not larger. */
const coverSide = 1_024;

export function createFacePhotos(deps: FacePhotosDeps): FacePhotos {
  const { store, model, people, eyes } = deps;
  return {
    async faces(place) {
      const { contentHash } = await photoOf(deps, place);
      if (contentHash === undefined) return { detection: undefined, faces: [] };
      const photo = { contentHash, model };
      const [detection, faces] = await Promise.all([store.detection(photo), store.facesOf(photo)]);
      return { detection, faces };
    },

    async draw({ box, who, signal, ...place }) {
      checkBox(box);
      const found = await photoOf(deps, place);
      const known = who === undefined ? undefined : await personKnown(people, who);
      const { contentHash, jpeg } = await pictureOf(deps, found, { longSide: closeUp, isKept: false, signal });
      const { embedding, vector } = await vectorOf(deps, { contentHash, jpeg, box, signal });
      const photo = { contentHash, model };
      const drawn = { ...photo, box, ...(embedding !== undefined && { embedding }) };
      const face = await store.addManual({ ...drawn, ...(known && { personId: known.personId }) });
      // Somebody new only now: where the face cannot be kept, nobody is left who has a name and no face.
      if (who !== undefined && known === undefined) await giveFace(people, face.faceId, who);
      if (who === undefined && embedding !== undefined) await deps.place?.(photo, [], signal);
      return { face: (await people.faces.find(face.faceId)) ?? face, vector };
    },

    async rerun({ signal, ...place }) {
      if (eyes === undefined) {
        throw new PhotoError('face-service-missing', 'Nobody can look for faces: set FACE_API_URL.');
      }
      const found = await photoOf(deps, place);
      const { contentHash, jpeg } = await pictureOf(deps, found, { longSide: deps.longSide, isKept: true, signal });
      const photo = { contentHash, model };
      const task = { photo: contentHash, jpeg };
      const seen = await patiently(deps, signal, (limit) => eyes.detect({ ...task, signal: limit }));
      const result = await store.rerun({ ...photo, faces: seen });
      await deps.place?.(photo, [], signal);
      return { ...result, faces: await store.facesOf(photo) };
    },

    async cover(personId, wanted) {
      await personOf(people, { id: personId });
      const face = await people.persons.cover(personId);
      if (face?.asset === undefined) {
        throw new PeopleError('face-missing', `Person ${personId} has no face on a photo that is there.`);
      }
      return await cutOut(deps, { ...face, asset: face.asset }, wanted);
    },
  };
}

/** A look at the photo comes first all the same: what is gone or locked by now is shown to nobody. */
async function cutOut(
  { read, crop, crops, sha256 }: FacePhotosDeps,
  { asset, contentHash, box }: Pick<Face, 'contentHash' | 'box'> & { readonly asset: AssetRef },
  { known, signal }: CoverWanted,
): Promise<{ readonly tag: string; readonly jpeg?: Buffer }> {
  const hash = sha256(JSON.stringify(['cover', contentHash, box.x, box.y, box.width, box.height]));
  const tag = hash.slice(0, 32);
  const isThere = known(tag);
  const kept = isThere ? undefined : await crops.get(hash, coverSide);
  const hasOne = isThere || kept !== undefined;
  const wanted = { longSide: closeUp, isKept: false, signal, ...(hasOne && { known: contentHash }) };
  const picture = await read(asset, wanted);
  if (picture.kind === 'same') return { tag, ...(kept !== undefined && { jpeg: kept }) };
  const { jpeg } = await crop(readable(picture, contentHash).jpeg, box);
  // A full disk is no reason to show nothing.
  await crops.put(hash, coverSide, jpeg).catch(() => undefined);
  return { tag, jpeg };
}

async function photoOf({ photoAt }: FacePhotosDeps, { library, path }: Place): Promise<FoundPhoto> {
  const found = await photoAt(library, path);
  if (found === 'no library') throw new PhotoError('library-missing', 'There is no library of this name.');
  if (found === 'no photo') throw new PhotoError('photo-missing', 'No photo at this path of the library is known.');
  if (found.state === 'gone') throw gone();
  return found;
}

const gone = (): PhotoError => new PhotoError('photo-gone', 'The photo was there once, and is not any more.');

async function pictureOf(
  { read }: FacePhotosDeps,
  { asset, contentHash }: Pick<FoundPhoto, 'asset' | 'contentHash'>,
  wanted: Omit<PhotoWanted, 'known'>,
) {
  return readable(await read(asset, wanted), contentHash);
}

/** Of the bytes that our rows are about; throws PhotoError where the file is another one by now. */
function readable(
  picture: PictureOfPhoto,
  contentHash: string | undefined,
): Picture & { readonly contentHash: string } {
  if (picture.kind === 'gone') throw gone();
  if (picture.kind === 'locked') {
    throw new PhotoError('photo-locked', 'Its owner keeps it in the locked folder of Immich.');
  }
  if (picture.kind === 'same') throw new Error('A picture was the same as none.');
  if (picture.kind === 'changing' || picture.contentHash !== (contentHash ?? picture.contentHash)) {
    throw new PhotoError(
      'photo-changed',
      'The file has changed since Darkroom read it. Try again when it was read anew.',
    );
  }
  return picture;
}
