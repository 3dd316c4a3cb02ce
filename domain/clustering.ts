import { bindingOf, type BindingLimits } from './face-binding.ts';
import type { Neighbour } from './face-index.ts';

/** One page of faces that nobody has. Faces by id, after the one of that id; `deferred`: those that a first pass put off. */
export interface ClusterFacesInput {
  readonly model: string;
  readonly after?: string;
  readonly deferred: boolean;
}

/** Counts of faces, and of people without a name who were founded. Twice is harmless: the second time finds less to do. */
export interface ClusterFacesResult {
  readonly looked: number;
  /** Given to somebody, faces of founded people among them: those may be from later pages. */
  readonly assigned: number;
  readonly people: number;
  readonly suggested: number;
  readonly deferred: number;
  /** Id of the face behind which the next page goes on; absent behind the last one. */
  readonly next?: string;
}

/** From which cosine on faces are one person's, and how many of them make a new one. */
export interface ClusterLimits extends BindingLimits {
  /** FACE_MIN_FACES, the face itself among them. */
  readonly minFaces: number;
}

/** A face that nobody has, and those that are like it, best first. */
export interface LooseFace {
  readonly faceId: string;
  readonly neighbours: readonly Neighbour[];
  /** A first pass put it off. */
  readonly deferred: boolean;
  /** Whom the photo's own tags name. */
  readonly tagged?: ReadonlySet<string>;
}

export type ClusterDecision =
  | { readonly kind: 'assign'; readonly personId: string; readonly by: 'cluster' | 'tags' }
  /** A person without a name, of these faces; the face itself is the first. */
  | { readonly kind: 'found'; readonly faceIds: readonly string[] }
  /** To the second pass, when more is known of the others. */
  | { readonly kind: 'defer' }
  | { readonly kind: 'suggest'; readonly personId: string; readonly cosine: number }
  | { readonly kind: 'leave' };

/**
 * How much a face is like a group: the mean of so many of its nearest faces there. One alone may be somebody who looks alike.
 */
const witnesses = 3;
/** A group whose faces are this much less alike than another's is another person. */
const otherFrom = 0.8;

/** The two settings of distance and number, as limits. A person is asked from 0.1 below what binds. */
export const clusterLimits = ({
  maxDistance,
  minFaces,
  taggedMinCosine,
}: {
  readonly maxDistance: number;
  readonly minFaces: number;
  readonly taggedMinCosine: number;
}): ClusterLimits => ({
  bind: 1 - maxDistance,
  suggest: 0.9 - maxDistance,
  tagged: taggedMinCosine,
  minFaces,
});

/** What becomes of one face. */
export function decideFace(
  { faceId, neighbours, deferred, tagged }: LooseFace,
  limits: ClusterLimits,
): ClusterDecision {
  const near = neighbours.filter(({ cosine }) => cosine >= limits.bind);
  const isDense = near.length + 1 >= limits.minFaces;
  if (!isDense && !deferred) return { kind: 'defer' };
  const people = Map.groupBy(
    neighbours.filter(({ personId }) => personId !== undefined),
    ({ personId }) => personId ?? '',
  );
  const candidates = [...people].map(([personId, theirs]) => ({ personId, cosine: likeness(theirs) }));
  const binding = bindingOf(candidates, tagged, limits);
  const loose = near.filter(({ personId }) => personId === undefined);
  const own = likeness(loose) * otherFrom;
  const group = loose.filter(({ cosine }) => cosine >= own);
  const isGroup = group.length + 1 >= limits.minFaces;
  if (binding.kind === 'bind' && !(isGroup && binding.cosine < own))
    return { kind: 'assign', personId: binding.personId, by: binding.by };
  if (isGroup) return { kind: 'found', faceIds: [faceId, ...group.map((face) => face.faceId)] };
  if (!deferred) return { kind: 'defer' };
  return binding.kind === 'suggest'
    ? { kind: 'suggest', personId: binding.personId, cosine: binding.cosine }
    : { kind: 'leave' };
}

/** 0 for none. */
function likeness(faces: readonly Neighbour[]): number {
  const nearest = faces.slice(0, witnesses);
  return nearest.reduce((sum, { cosine }) => sum + cosine, 0) / Math.max(1, nearest.length);
}
