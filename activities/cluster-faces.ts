import { setImmediate } from 'node:timers/promises';
import { type PagePlan, planPage } from '../domain/cluster-page.ts';
import {
  type ClusterFacesInput,
  type ClusterFacesResult,
  type ClusterLimits,
  clusterLimits,
  type LooseFace,
} from '../domain/clustering.ts';
import type { Activities } from '../domain/contract.ts';
import type { FaceIndex, FaceIndexes, Neighbour } from '../domain/face-index.ts';
import type { FaceAssignments, FaceVector } from '../domain/face-store.ts';
import { PeopleError } from '../domain/person.ts';
import { heartbeating } from './heartbeat.ts';

/** Who the photos' own tags name, by content hash: ids of people. */
type TaggedPeople = (contentHashes: readonly string[]) => Promise<ReadonlyMap<string, ReadonlySet<string>>>;

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

/** One second of looking, where each face takes 2 ms. */
const pageSize = 500;
/** More of a person's faces say no more about another one. */
const mostNeighbours = 64;
/** Looked for besides where none of those has a person. */
const mostOfPeople = 8;
const writesAtOnce = 4;
/** How often a face is decided again that the database gave to none, because somebody had said that it is not theirs. */
const rounds = 3;

/** Whose are the faces that nobody has? One page, one look at the index; what is decided is written before the next page. */
export const createClusterFacesActivities = ({ clustering }: ClusterFacesDeps): Pick<Activities, 'clusterFaces'> => ({
  clusterFaces: (input) =>
    heartbeating(async (signal) => (clustering === undefined ? nothing : await clusterPage(clustering, input, signal))),
});

const nothing: ClusterFacesResult = { looked: 0, assigned: 0, people: 0, suggested: 0, deferred: 0 };

async function clusterPage(
  clustering: FaceClustering,
  { model, after, deferred }: ClusterFacesInput,
  signal: AbortSignal,
): Promise<ClusterFacesResult> {
  const { assignments, indexes } = clustering;
  const index = await indexes.of(model);
  await index.refresh();
  const faces = await assignments.unassigned({
    model,
    limit: pageSize,
    deferred,
    ...(after !== undefined && { after }),
  });
  const limits = clusterLimits(clustering);
  let left = await withNeighbours({ clustering, index, limits, signal }, faces, deferred);
  const sum = { ...nothing, looked: faces.length };
  for (let round = 0; round < rounds && left.length > 0; round += 1) {
    const plan = planPage(left, limits);
    const written = await write(assignments, plan, signal);
    sum.assigned += written.assigned;
    sum.people += plan.found.length;
    sum.suggested += plan.suggest.length;
    sum.deferred += plan.defer.length;
    left = left.flatMap((face) => without(face, written.refused.get(face.faceId)));
  }
  const last = faces.at(-1)?.faceId;
  return { ...sum, ...(faces.length === pageSize && last !== undefined && { next: last }) };
}

interface Looking {
  readonly clustering: FaceClustering;
  readonly index: FaceIndex;
  readonly limits: ClusterLimits;
  readonly signal: AbortSignal;
}

async function withNeighbours(
  { clustering, index, limits, signal }: Looking,
  faces: readonly FaceVector[],
  deferred: boolean,
): Promise<readonly LooseFace[]> {
  const minCosine = Math.min(limits.bind, limits.suggest, limits.tagged);
  const tagged = await clustering.taggedPeople?.([...new Set(faces.map(({ contentHash }) => contentHash))]);
  const looked: LooseFace[] = [];
  for (const { faceId, contentHash, embedding } of faces) {
    // The index in memory never waits for anything: others have their turn between two faces.
    await setImmediate();
    signal.throwIfAborted();
    const neighbours = await neighboursOf(index, { embedding, minCosine, exclude: faceId });
    const people = tagged?.get(contentHash);
    looked.push({ faceId, neighbours, deferred, ...(people !== undefined && { tagged: people }) });
  }
  return looked;
}

/** The nearest, and the nearest of those whom somebody has, where faces that nobody has are more than can be looked at. */
async function neighboursOf(
  index: FaceIndex,
  query: { readonly embedding: Float32Array; readonly minCosine: number; readonly exclude: string },
): Promise<readonly Neighbour[]> {
  const nearest = await index.nearest({ ...query, limit: mostNeighbours });
  if (nearest.length < mostNeighbours || nearest.some(({ personId }) => personId !== undefined)) return nearest;
  return [...nearest, ...(await index.nearest({ ...query, limit: mostOfPeople, withPerson: true }))];
}

interface Written {
  readonly assigned: number;
  /** By face, whom it was not given to. */
  readonly refused: ReadonlyMap<string, string>;
}

async function write(
  assignments: FaceClustering['assignments'],
  plan: PagePlan,
  signal: AbortSignal,
): Promise<Written> {
  const refused = new Map<string, string>();
  let assigned = 0;
  const give = async (faceIds: readonly string[], personId: string, by: 'cluster' | 'tags') => {
    const changed = await assign(assignments, { faceIds, personId, by });
    if (changed === undefined) return;
    assigned += changed.size;
    for (const faceId of faceIds) if (!changed.has(faceId)) refused.set(faceId, personId);
  };
  const foundOne = async (faceIds: readonly string[]) => {
    const personId = await assignments.foundPerson(faceIds);
    if (personId !== undefined) assigned += faceIds.length;
  };
  const tasks = [
    ...plan.assign.map(
      ({ faceIds, personId, by }) =>
        () =>
          give(faceIds, personId, by),
    ),
    ...plan.found.map((faceIds) => () => foundOne(faceIds)),
  ];
  for (let at = 0; at < tasks.length; at += writesAtOnce) {
    signal.throwIfAborted();
    await Promise.all(tasks.slice(at, at + writesAtOnce).map((task) => task()));
  }
  if (plan.defer.length > 0) await assignments.defer(plan.defer);
  if (plan.suggest.length > 0) await assignments.suggest(plan.suggest);
  return { assigned, refused };
}

/** Undefined where the person was merged or deleted since the index was looked at: the next round sees who has their faces. */
async function assign(
  assignments: FaceClustering['assignments'],
  input: Parameters<FaceAssignments['assign']>[0],
): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set(await assignments.assign(input));
  } catch (error) {
    if (error instanceof PeopleError) return undefined;
    throw error;
  }
}

/** The same face, as if nobody like it were that person's; none where it was not refused. */
const without = (face: LooseFace, personId: string | undefined): readonly LooseFace[] =>
  personId === undefined ? [] : [{ ...face, neighbours: face.neighbours.filter((one) => one.personId !== personId) }];
