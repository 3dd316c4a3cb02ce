import type { Activities } from '../domain/contract.ts';
import type { FaceIndexes } from '../domain/face-index.ts';
import type { FaceAssignments } from '../domain/face-store.ts';

/** Who the photos' own tags name, by content hash: ids of people. */
export type TaggedPeople = (contentHashes: readonly string[]) => Promise<ReadonlyMap<string, ReadonlySet<string>>>;

/** What it takes to decide whose faces are. */
export interface FaceClustering {
  readonly indexes: FaceIndexes;
  readonly assignments: Pick<FaceAssignments, 'unassigned' | 'assign' | 'foundPerson' | 'defer' | 'suggest'>;
  /** Absent: no photo's tags name anybody. */
  readonly taggedPeople?: TaggedPeople | undefined;
  /** FACE_MAX_DISTANCE: faces this near or nearer are one person's; 0.5 is a cosine of 0.5. */
  readonly maxDistance: number;
  /** FACE_MIN_FACES: so many faces, itself among them, make a new person. */
  readonly minFaces: number;
  /** FACE_AUTOBIND_MIN_COS: this much like a person whom the photo's own tags name will do. */
  readonly taggedMinCosine: number;
}

export interface ClusterFacesDeps {
  /** Absent where no face service is set up. */
  readonly clustering?: FaceClustering | undefined;
}

export const createClusterFacesActivities = (_deps: ClusterFacesDeps): Pick<Activities, 'clusterFaces'> => ({
  clusterFaces: () => Promise.resolve({ looked: 0, assigned: 0, people: 0, suggested: 0, deferred: 0 }),
});
