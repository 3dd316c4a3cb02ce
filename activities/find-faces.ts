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
  /** Of the vectors. */
  readonly model: string;
  /** Absent: no face service is set up, and what is known already is told. */
  readonly eyes?: FaceEyes | undefined;
  readonly store: Pick<FaceStore, 'detection' | 'save' | 'markFailed' | 'facesOf'>;
  readonly told: ToldPeople;
}

/** Looking, with a service. */
interface FaceEyes {
  readonly detector: Pick<FaceDetector, 'detect'>;
  /** Gives the faces of a photo that nobody has to those whom they are like; `tags` are what the photo's own tags say. */
  readonly place: (photo: PhotoKey, tags: readonly string[], signal: AbortSignal) => Promise<void>;
}

export interface FindFacesDeps extends RenditionDeps {
  readonly faces: FaceSteps;
  /** Long side in pixels of the picture that is looked at: the one that the model gets too. */
  readonly longSide: number;
}

export function createFindFacesActivities(deps: FindFacesDeps): Pick<Activities, 'findFaces'> {
  return {
    findFaces: (input) =>
      heartbeating(async (signal): Promise<FindFacesResult> => {
        const { faces } = deps;
        const { eyes } = faces;
        const photo = { contentHash: input.contentHash, model: faces.model };
        // The setting was taken away while the run waited: it goes on without.
        if (eyes === undefined) {
          const { people } = await tell(faces, photo, input);
          return { kind: 'looked', people, note: 'skipped: no face service is set up' };
        }
        if ((await faces.store.detection(photo)) === undefined && !(await look(deps, eyes, input, signal)))
          return { kind: 'torn' };
        await eyes.place(photo, input.facts.keywords ?? [], signal);
        return { kind: 'looked', ...(await tell(faces, photo, input)) };
      }),
  };
}

/** Asks a service and keeps what it found; false where the file is no longer the one that was fingerprinted. */
async function look(
  deps: FindFacesDeps,
  { detector }: FaceEyes,
  { asset, contentHash }: FindFacesInput,
  signal: AbortSignal,
): Promise<boolean> {
  const jpeg = await renditionFor(deps, { asset, contentHash, longSide: deps.longSide }, signal);
  if (jpeg === undefined) return false;
  const { store, model } = deps.faces;
  const photo = { contentHash, model };
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

/**
 * What the fingerprint answers of faces, and the facts with those whom they tell of: also where no service is set up (any more),
 * which then are those that are known.
 */
export async function facesKnown(
  faces: FaceSteps,
  asset: AssetRef,
  { contentHash, facts }: { contentHash: string; facts: PromptFacts },
): Promise<{ readonly faces?: FacesKnown; readonly facts: PromptFacts }> {
  const photo = { contentHash, model: faces.model };
  if (faces.eyes === undefined) {
    const people = peopleTold(await faces.told.tell({ ...photo, assetId: asset.assetId }), facts);
    return { facts: { ...facts, ...(people.length > 0 && { people }) } };
  }
  if ((await faces.store.detection(photo)) === undefined) return { faces: { kind: 'wanted' }, facts };
  const { people, note } = await tell(faces, photo, { asset, facts });
  return { faces: { kind: 'known', note }, facts: { ...facts, ...(people.length > 0 && { people }) } };
}
