import {
  type Eta,
  type HostSpeed,
  paceOf,
  sharedMs,
  type SpeedQueries,
  steadied,
  type SteadyPace,
} from '../domain/eta.ts';
import type { HostPool } from '../domain/host-ports.ts';
import { type LibraryProgress, standing } from '../domain/progress.ts';

/** Tells how long it takes until each library is done, from what the hosts that can work now have shown they can do. */
export interface Etas {
  /** By the name of the library; none where too little is known. */
  of(libraries: readonly LibraryProgress[]): Promise<ReadonlyMap<string, Eta>>;
}

export interface EtasDeps {
  readonly speeds: SpeedQueries;
  readonly pool: Pick<HostPool, 'status'>;
  readonly now: () => number;
}

interface Measured {
  readonly speeds: readonly HostSpeed[];
  readonly callShare: number;
  readonly at: number;
}

/** Each look reads some thousand rows, and what hosts can do does not change from one second to the next. */
const measureEveryMs = 10_000;

export function createEtas({ speeds, pool, now }: EtasDeps): Etas {
  let measured: Measured | undefined;
  let pace: SteadyPace | undefined;
  const measure = async (): Promise<Measured> => {
    if (measured !== undefined && now() - measured.at < measureEveryMs) return measured;
    const [hosts, callShare = 1] = await Promise.all([speeds.hostSpeeds(), speeds.callShare()]);
    return (measured = { speeds: hosts, callShare, at: now() });
  };
  return {
    async of(libraries) {
      const lefts = libraries.map(leftOf);
      if (!lefts.some((left) => left > 0)) return new Map();
      const { speeds, callShare } = await measure();
      const fresh = paceOf(pool.status(), speeds, callShare);
      pace = fresh === undefined ? undefined : steadied(pace, fresh, now());
      if (pace === undefined) return new Map();
      const { photoMs, hosts, unmeasured } = pace;
      const spans = sharedMs(lefts, photoMs);
      return new Map(
        libraries.flatMap((library, at) =>
          lefts[at] === 0 || standing(library).isGrowing
            ? []
            : [[library.name, { ms: Math.round(spans[at] ?? 0), hosts, unmeasured }]],
        ),
      );
    },
  };
}

/** Photos for which hosts will be used, if nobody does anything. What waits, waits for something else than a host. */
function leftOf(library: LibraryProgress): number {
  const { left, waiting, inFlight } = standing(library);
  const isUnderWay = library.scanning || inFlight > 0;
  return isUnderWay && library.heldBack === undefined ? left - waiting : 0;
}
