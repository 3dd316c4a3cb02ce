/** From which cosine on two faces are one person's. */
export interface BindingLimits {
  /** Bound by itself from here on: the same as Immich's distance of 0.5 (reference: immich.md 7). */
  readonly bind: number;
  /** From here on a person is asked. */
  readonly suggest: number;
  /** FACE_AUTOBIND_MIN_COS: bound from here on where the photo's own tags name that person. */
  readonly tagged: number;
}

const defaultBinding: BindingLimits = { bind: 0.5, suggest: 0.4, tagged: 0.4 };

/** A person, and how much a face is like the nearest one of theirs. */
export interface Candidate {
  readonly personId: string;
  readonly cosine: number;
}

export type Binding =
  | (Candidate & { readonly kind: 'bind'; readonly by: 'cluster' | 'tags' })
  | (Candidate & { readonly kind: 'suggest' })
  | { readonly kind: 'none' };

/**
 * What becomes of a face that is this much like faces of these people; each may be there more than once, in any order. `tagged`
 * are those whom the photo's own tags name: of them one that is less alike will do, where nobody is alike enough by themselves.
 */
export function bindingOf(
  candidates: readonly Candidate[],
  tagged: ReadonlySet<string> = new Set(),
  limits: BindingLimits = defaultBinding,
): Binding {
  const best = nearest(candidates);
  if (best === undefined) return { kind: 'none' };
  if (best.cosine >= limits.bind) return { ...best, kind: 'bind', by: 'cluster' };
  const bestTagged = nearest(candidates.filter(({ personId }) => tagged.has(personId)));
  if (bestTagged !== undefined && bestTagged.cosine >= limits.tagged)
    return { ...bestTagged, kind: 'bind', by: 'tags' };
  return best.cosine >= limits.suggest ? { ...best, kind: 'suggest' } : { kind: 'none' };
}

/** NaN is like nobody. */
const nearest = (candidates: readonly Candidate[]): Candidate | undefined =>
  candidates
    .filter(({ cosine }) => !Number.isNaN(cosine))
    .reduce<Candidate | undefined>(
      (best, one) => (best === undefined || one.cosine > best.cosine ? one : best),
      undefined,
    );
