import type { ClusterFacesResult } from './clustering.ts';

/** One round through the faces that nobody has: the new ones, then those that were put off. Times in milliseconds since 1970. */
export interface ClusterRound extends Omit<ClusterFacesResult, 'next'> {
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly endedAt?: number;
}

export const nothingClustered: Omit<ClusterFacesResult, 'next'> = {
  looked: 0,
  assigned: 0,
  people: 0,
  suggested: 0,
  deferred: 0,
};

export const addClustered = (round: ClusterRound, page: ClusterFacesResult): ClusterRound => ({
  ...round,
  looked: round.looked + page.looked,
  assigned: round.assigned + page.assigned,
  people: round.people + page.people,
  suggested: round.suggested + page.suggested,
  deferred: round.deferred + page.deferred,
});

/** Where a round goes on: behind that face, among the new ones or among those that were put off. */
export interface ClusterPlace {
  readonly deferred: boolean;
  readonly after?: string;
}

/**
 * Undefined where the round is over. Faces that were put off are looked at again after new ones, which may be what they lacked,
 * and where somebody asks for all: who was named since may be one of them.
 */
export function nextPlace(
  { deferred }: ClusterPlace,
  { next }: Pick<ClusterFacesResult, 'next'>,
  { looked, all }: { readonly looked: number; readonly all: boolean },
): ClusterPlace | undefined {
  if (next !== undefined) return { deferred, after: next };
  return !deferred && (all || looked > 0) ? { deferred: true } : undefined;
}

export function clusteredInWords({ looked, assigned, people, suggested, deferred }: ClusterRound): string {
  if (looked === 0) return 'no new faces';
  // Those that this round put off it looks at a second time.
  const count = looked - deferred;
  const faces = count === 1 ? '1 face' : `${count} faces`;
  const founded = people === 0 ? '' : `, ${people === 1 ? '1 person' : `${people} people`} without a name so far`;
  const asked = suggested === 0 ? '' : `, ${suggested} to be asked about (darkroom people suggest)`;
  return `${faces} looked at: ${assigned} given to somebody${founded}${asked}`;
}
