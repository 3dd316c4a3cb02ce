export const killKinds = ['engine', 'temporal', 'database', 'host', 'supervisor', 'everything', 'drain'] as const;
/** `immich`: kill -9 of the library's own server. */
export type KillKind = (typeof killKinds)[number] | 'immich';

/** What happens to the run at one moment of it. Times in milliseconds. */
export interface PlannedKill {
  readonly kind: KillKind;
  /** So many different pictures have been asked about, then `delayMs`. */
  readonly afterPictures: number;
  readonly delayMs: number;
  /** Which host, where it is one. */
  readonly host: number;
  /** How long a host is away, a pause lasts, a drain is let be before the second signal. */
  readonly lastsMs: number;
  /** A second SIGTERM in the middle of the drain. */
  readonly hurry: boolean;
  /** Describing is paused before it and resumed after it. */
  readonly paused: boolean;
}

export interface PlanOptions {
  readonly kills: number;
  /** That have to be asked about. */
  readonly pictures: number;
  readonly hosts: number;
  /** Default: what every run has. */
  readonly kinds?: readonly KillKind[];
}

/** A deck with each kind once, shuffled; then another one. Every fourth happens during a pause. */
export function planKills(
  random: () => number,
  { kills, pictures, hosts, kinds: deck = killKinds }: PlanOptions,
): PlannedKill[] {
  const below = (limit: number) => Math.floor(random() * limit);
  const kinds: KillKind[] = [];
  while (kinds.length < kills) kinds.push(...shuffled(deck, random));
  const moments = Array.from({ length: kills }, () => 1 + below(pictures * 0.9)).toSorted((a, b) => a - b);
  return moments.map((afterPictures, at) => ({
    kind: kinds[at] ?? 'engine',
    afterPictures,
    delayMs: below(1_500),
    host: below(hosts),
    lastsMs: 500 + below(3_500),
    hurry: random() < 0.5,
    paused: at % 4 === 2,
  }));
}

const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
