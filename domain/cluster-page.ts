import { type ClusterLimits, decideFace, type LooseFace } from './clustering.ts';

/** What is to be written for one page of faces; no face is in two of these. */
export interface PagePlan {
  readonly assign: readonly {
    readonly personId: string;
    readonly by: 'cluster' | 'tags';
    readonly faceIds: string[];
  }[];
  /** Faces of a person each, who has none yet. */
  readonly found: readonly (readonly string[])[];
  readonly defer: readonly string[];
  readonly suggest: readonly { readonly faceId: string; readonly personId: string; readonly cosine: number }[];
}

/**
 * Decides the faces of a page one after another, each in view of what was decided for those before it, so that a page takes one
 * look at the index and few writes. Faces that a person was founded of may be of later pages.
 */
export function planPage(faces: readonly LooseFace[], limits: ClusterLimits): PagePlan {
  /** Whom faces were given to on this page; one who is to be founded has no id yet but a word. */
  const given = new Map<string, string>();
  const assigned = new Map<string, PagePlan['assign'][number]>();
  const founded = new Map<string, string[]>();
  const defer: string[] = [];
  const suggest: { faceId: string; personId: string; cosine: number }[] = [];

  const facesOf = (personId: string, by: 'cluster' | 'tags'): string[] => {
    const key = `${by} ${personId}`;
    const known = assigned.get(key) ?? { personId, by, faceIds: [] };
    assigned.set(key, known);
    return known.faceIds;
  };
  const assign = (faceId: string, personId: string, by: 'cluster' | 'tags'): void => {
    given.set(faceId, personId);
    (founded.get(personId) ?? facesOf(personId, by)).push(faceId);
  };
  const found = (faceIds: readonly string[]): void => {
    const personId = `new ${founded.size}`;
    founded.set(personId, [...faceIds]);
    for (const one of faceIds) given.set(one, personId);
  };

  for (const face of faces) {
    if (given.has(face.faceId)) continue;
    const neighbours = face.neighbours.map((one) => {
      const personId = one.personId ?? given.get(one.faceId);
      return { ...one, ...(personId !== undefined && { personId }) };
    });
    const decision = decideFace({ ...face, neighbours }, limits);
    if (decision.kind === 'assign') assign(face.faceId, decision.personId, decision.by);
    else if (decision.kind === 'found') found(decision.faceIds);
    else if (decision.kind === 'defer') defer.push(face.faceId);
    else if (decision.kind === 'suggest' && !founded.has(decision.personId))
      suggest.push({ faceId: face.faceId, personId: decision.personId, cosine: decision.cosine });
  }
  return { assign: [...assigned.values()], found: [...founded.values()], defer, suggest };
}
