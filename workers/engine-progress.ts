import type { VisionPool } from '../adapters/vision-pool.ts';
import type { Photos } from '../clients/photos.ts';
import type { LibraryRecord, Runs } from '../domain/ports.ts';
import type { StatusQueries } from '../domain/status.ts';
import type { FromEngine } from './engine-messages.ts';
import { looseLibrary } from '../domain/library.ts';

export interface ProgressDeps {
  readonly queries: StatusQueries;
  readonly photos: Photos;
  readonly runs: Runs;
  readonly pool: VisionPool;
  readonly libraries: readonly LibraryRecord[];
}

type Progress = Extract<FromEngine, { kind: 'progress' }>;

/** Where everything stands, in one look. Counting costs more the larger the library is: ask less often then. */
export async function lookAtProgress({ queries, photos, runs, pool, libraries }: ProgressDeps): Promise<Progress> {
  const [counts, rate, open, scanning] = await Promise.all([
    queries.counts(),
    queries.recentRate(),
    runs.countOpen(),
    Promise.all(libraries.map(async ({ name }) => [name, await photos.scanning(name)] as const)),
  ]);
  const passes = new Map(scanning);
  const shown = counts.filter(({ library }) => library.name !== looseLibrary || total(counts, looseLibrary) > 0);
  const waitingFor = open > 0 ? pool.waitingFor() : undefined;
  return {
    kind: 'progress',
    libraries: shown.map(({ library, counts }) => ({
      name: library.name,
      root: library.root,
      counts,
      scanning: passes.get(library.name) ?? false,
    })),
    perMinute: rate.spanMs > 5_000 ? (rate.finished / rate.spanMs) * 60_000 : 0,
    ...(waitingFor !== undefined && { waitingFor }),
    idle: open === 0 && ![...passes.values()].includes(true),
  };
}

const total = (counts: Awaited<ReturnType<StatusQueries['counts']>>, name: string): number =>
  counts
    .filter(({ library }) => library.name === name)
    .flatMap(({ counts }) => Object.values(counts))
    .reduce((a, b) => a + b, 0);
