import type { ControlFacts } from '../adapters/postgres/control-facts.ts';
import type { VisionPool } from '../adapters/vision-pool/pool.ts';
import type { Photos } from '../clients/photos.ts';
import { hostReportKey } from '../domain/host-report.ts';
import { looseLibrary } from '../domain/library.ts';
import type { HostStatus, LibraryRecord, Runs } from '../domain/ports.ts';
import type { StatusQueries } from '../domain/status.ts';
import { pause } from '../runtime/when-aborted.ts';
import type { FromEngine } from './engine-messages.ts';
import type { PauseWatch } from './engine-pauses.ts';

export interface ProgressDeps {
  readonly queries: StatusQueries;
  readonly facts: ControlFacts;
  readonly photos: Photos;
  readonly runs: Runs;
  readonly pool: VisionPool;
  readonly pauses: Pick<PauseWatch, 'inWords'>;
  readonly libraries: readonly LibraryRecord[];
  readonly recipeHash: string;
  /** Patterns of what is left out of libraries. */
  readonly ignore: readonly string[];
  readonly tell: (message: FromEngine) => void;
  readonly signal: AbortSignal;
}

type Progress = Extract<FromEngine, { kind: 'progress' }>;

const everyMs = 1_000;
/** Counting costs more the larger the library is: it may take a twentieth of the time, not more. */
const idleShare = 20;

const asJson = ({ price, ...host }: HostStatus) => ({ ...host, ...(price !== undefined && { price: { ...price } }) });

/** Tells where everything stands, about once a second, until the signal. */
export async function reportProgress(deps: ProgressDeps): Promise<void> {
  let last: Progress | undefined;
  while (!deps.signal.aborted) {
    const began = Date.now();
    try {
      last = await lookAtProgress(deps);
      await deps.facts.put(hostReportKey, {
        hosts: deps.pool.status().map(asJson),
        recipeHash: deps.recipeHash,
        ignore: deps.ignore,
      });
      deps.tell(last);
    } catch (error) {
      const waitingFor = error instanceof Error ? error.message : String(error);
      if (last !== undefined && !deps.signal.aborted) deps.tell({ ...last, waitingFor, idle: false });
    }
    await pause(Math.max(everyMs, (Date.now() - began) * idleShare), deps.signal);
  }
}

async function lookAtProgress({ queries, photos, runs, pool, pauses, libraries }: ProgressDeps): Promise<Progress> {
  const [counted, rate, open, scanning] = await Promise.all([
    queries.counts(),
    queries.recentRate(),
    runs.countOpen(),
    Promise.all(libraries.map(async ({ name }) => [name, await photos.scanning(name)] as const)),
  ]);
  const passes = new Map(scanning);
  const waitingFor = open > 0 ? pool.waitingFor() : undefined;
  return {
    kind: 'progress',
    libraries: counted
      .filter(
        ({ library, counts }) => library.name !== looseLibrary || Object.values(counts).some((count) => count > 0),
      )
      .map(({ library: { name, root }, counts }) => ({ name, root, counts, scanning: passes.get(name) ?? false })),
    perMinute: rate.spanMs > 5_000 ? (rate.finished / rate.spanMs) * 60_000 : 0,
    pauses: pauses.inWords(Date.now()),
    ...(waitingFor !== undefined && { waitingFor }),
    idle: open === 0 && ![...passes.values()].includes(true),
  };
}
