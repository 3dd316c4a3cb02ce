import type { AssetRef } from '../domain/asset.ts';
import type { Activities, FacesKnown, FindFacesInput, FindFacesResult } from '../domain/contract.ts';
import { PermanentError } from '../domain/errors.ts';
import { facesInWords, peopleTold } from '../domain/face-people.ts';
import type { FaceStore, PhotoKey } from '../domain/face-store.ts';
import type { FaceDetector } from '../domain/face.ts';
import type { ToldPeople } from '../domain/person-store.ts';
import type { PromptFacts } from '../domain/recipe.ts';
import { heartbeating } from './heartbeat.ts';
import { type RenditionDeps, renditionFor } from './rendition.ts';

/** What is known of faces, for the steps of a photo. */
export interface FaceSteps {
  readonly detector: FaceDetector;
  readonly store: Pick<FaceStore, 'detection' | 'save' | 'markFailed' | 'facesOf'>;
  readonly told: ToldPeople;
  /** Gives the faces of a photo that nobody has to those whom they are like; `tags` are what the photo's own tags say. */
  readonly place: (photo: PhotoKey, tags: readonly string[], signal: AbortSignal) => Promise<void>;
}

export interface FindFacesDeps extends RenditionDeps {
  /** Absent: no face service is set up. */
  readonly faces?: FaceSteps | undefined;
  /** Long side in pixels of the picture that is looked at: the one that the model gets too. */
  readonly longSide: number;
}

export function createFindFacesActivities(deps: FindFacesDeps): Pick<Activities, 'findFaces'> {
  return {
    findFaces: (input) =>
      heartbeating(async (signal): Promise<FindFacesResult> => {
        const { faces } = deps;
        // The setting was taken away while the run waited: it goes on without.
        if (faces === undefined)
          return { kind: 'looked', people: input.facts.people ?? [], note: 'skipped: no face service is set up' };
        const photo = { contentHash: input.contentHash, model: faces.detector.model };
        if ((await faces.store.detection(photo)) === undefined && !(await look(deps, faces, input, signal)))
          return { kind: 'torn' };
        await faces.place(photo, input.facts.keywords ?? [], signal);
        return { kind: 'looked', ...(await tell(faces, photo, input)) };
      }),
  };
}

/** Asks a service and keeps what it found; false where the file is no longer the one that was fingerprinted. */
async function look(
  deps: FindFacesDeps,
  { detector, store }: FaceSteps,
  { asset, contentHash }: FindFacesInput,
  signal: AbortSignal,
): Promise<boolean> {
  const jpeg = await renditionFor(deps, { asset, contentHash, longSide: deps.longSide }, signal);
  if (jpeg === undefined) return false;
  const photo = { contentHash, model: detector.model };
  try {
    await store.save({ ...photo, faces: await detector.detect({ photo: contentHash, jpeg, signal }) });
  } catch (error) {
    // It can be described all the same: who is on it stays unknown, and why is written down.
    if (!(error instanceof PermanentError)) throw error;
    await store.markFailed({ ...photo, reason: error.message });
  }
  return true;
}

interface Told {
  readonly people: readonly string[];
  readonly note: string;
}

async function tell(
  { store, told }: FaceSteps,
  photo: PhotoKey,
  { asset, facts }: { asset: AssetRef; facts: FindFacesInput['facts'] },
): Promise<Told> {
  const [known, faces, named] = await Promise.all([
    store.detection(photo),
    store.facesOf(photo),
    told.tell({ ...photo, assetId: asset.assetId }),
  ]);
  const people = peopleTold(named, facts);
  if (known?.status === 'failed' && faces.length === 0) return { people, note: `not possible: ${known.reason}` };
  return { people, note: facesInWords(faces) };
}

/** What the fingerprint answers of faces, and the facts with those whom they tell of. */
export async function facesKnown(
  faces: FaceSteps,
  asset: AssetRef,
  { contentHash, facts }: { contentHash: string; facts: PromptFacts },
): Promise<{ readonly faces: FacesKnown; readonly facts: PromptFacts }> {
  const photo = { contentHash, model: faces.detector.model };
  if ((await faces.store.detection(photo)) === undefined) return { faces: { kind: 'wanted' }, facts };
  const { people, note } = await tell(faces, photo, { asset, facts });
  return { faces: { kind: 'known', note }, facts: { ...facts, ...(people.length > 0 && { people }) } };
}
