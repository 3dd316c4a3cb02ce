import { type ClusterLimits, decideFace } from '../domain/clustering.ts';
import type { FaceIndexes } from '../domain/face-index.ts';
import type { FaceAssignments, FaceStore, FaceVectors, PhotoKey } from '../domain/face-store.ts';
import { PeopleError } from '../domain/person.ts';

export interface PlaceFacesDeps {
  readonly indexes: FaceIndexes;
  readonly store: Pick<FaceStore, 'facesOf'>;
  readonly vectors: Pick<FaceVectors, 'vectorOf'>;
  readonly assignments: Pick<FaceAssignments, 'assign' | 'suggest'>;
  /** Ids of people who are called like one of these words. */
  readonly named: (words: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly limits: ClusterLimits;
}

/** Faces of one person that say how much another is like them. */
const mostNeighbours = 30;

/**
 * Gives the faces of one photo that nobody has to people who are there already, so that its description can name them. Whether
 * faces without a name are one person's is left to the round through all of them. `tags` are what the photo's own tags say.
 */
export function createPlaceFaces({ indexes, store, vectors, assignments, named, limits }: PlaceFacesDeps) {
  return async (photo: PhotoKey, tags: readonly string[], signal: AbortSignal): Promise<void> => {
    const loose = (await store.facesOf(photo)).filter(({ person, hasVector }) => person === undefined && hasVector);
    if (loose.length === 0) return;
    const index = await indexes.of(photo.model);
    await index.refresh();
    const tagged = await named(tags);
    const minCosine = Math.min(limits.bind, limits.suggest, limits.tagged);
    for (const { faceId } of loose) {
      signal.throwIfAborted();
      const vector = await vectors.vectorOf(faceId);
      if (vector === undefined) continue;
      const { embedding } = vector;
      const query = { embedding, limit: mostNeighbours, minCosine, withPerson: true, exclude: faceId };
      const decision = decideFace({ faceId, neighbours: await index.nearest(query), deferred: true, tagged }, limits);
      if (decision.kind === 'assign') await unlessGone(assignments.assign({ ...decision, faceIds: [faceId] }));
      if (decision.kind === 'suggest') await assignments.suggest([{ ...decision, faceId }]);
    }
  };
}

/** Who was merged or deleted since the index looked gets no face; the next round knows better. */
async function unlessGone(assigning: Promise<unknown>): Promise<void> {
  try {
    await assigning;
  } catch (error) {
    if (!(error instanceof PeopleError)) throw error;
  }
}
