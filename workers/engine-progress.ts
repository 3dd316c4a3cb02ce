import type { ControlFacts } from '../adapters/postgres/control-facts.ts';
import type { VisionPool } from '../adapters/vision-pool/pool.ts';
import type { Photos } from '../clients/photos.ts';
import { recentPerMinute } from '../clients/recent-rate.ts';
import { hostReportKey } from '../domain/host-report.ts';
import { looseLibrary } from '../domain/library.ts';
import type { HostStatus } from '../domain/host-ports.ts';
import type { LibraryRecord, Runs } from '../domain/ports.ts';
import { type LibraryProgress, progressKey } from '../domain/progress.ts';
import type { LibraryCounts, StatusQueries } from '../domain/status.ts';
import type { WantedHashes, WantedRecipes } from '../domain/wanted-recipes.ts';
import { pause } from '../runtime/when-aborted.ts';
import type { Census } from './engine-census.ts';
import type { Etas } from './engine-eta.ts';
import type { FinishWatch } from './engine-finish.ts';
import type { FromEngine } from './engine-messages.ts';
import type { PauseWatch } from './engine-pauses.ts';

export interface ProgressDeps {
  readonly queries: Pick<StatusQueries, 'counts' | 'recentRate'>;
  readonly facts: ControlFacts;
  readonly photos: Pick<Photos, 'scanning'>;
  readonly runs: Pick<Runs, 'countOpen'>;
  readonly pool: Pick<VisionPool, 'status' | 'waitingFor'>;
  /** Undefined where no face service is set up. */
  readonly faces: Pick<VisionPool, 'status' | 'waitingFor'> | undefined;
  readonly pauses: Pick<PauseWatch, 'inWords' | 'isForAll'>;
  readonly census: Census;
  readonly etas: Etas;
  readonly finish: FinishWatch;
  /** Passes through libraries and backfills with a choice of their own that are under way. */
  readonly openBackfills: () => Promise<number>;
  /** In words, why a pass through this library starts nothing more now. */
  readonly holdsBack: (library: string) => Promise<string | undefined>;
  readonly libraries: () => readonly LibraryRecord[];
  /** Some libraries are still to be opened: nothing is finished before. */
  readonly isOpening: () => boolean;
  readonly wanted: Pick<WantedRecipes, 'hashes'>;
  /** Passes leave descriptions of other recipes as they are. */
  readonly keepOutdated: boolean;
  /** Patterns of what is left out of libraries. */
  readonly ignore: readonly string[];
  readonly tell: (message: FromEngine) => void;
  readonly signal: AbortSignal;
}

type Progress = Extract<FromEngine, { kind: 'progress' }>;
type ToldLibrary = Progress['libraries'][number];

const everyMs = 1_000;
/** Counting costs more the larger the library is: it may take a twentieth of the time, not more. */
const idleShare = 20;

/** Tells where everything stands, about once a second, until the signal. */
export async function reportProgress(deps: ProgressDeps): Promise<void> {
  let last: Progress | undefined;
  while (!deps.signal.aborted) {
    const began = Date.now();
    const wasOpening = deps.isOpening();
    try {
      const wanted = await deps.wanted.hashes();
      const seen = await lookAtProgress(deps, wanted);
      const nothingLeft = await deps.finish.look(seen.idle);
      last = { ...seen, idle: seen.idle && nothingLeft };
      await deps.facts.put(hostReportKey, {
        hosts: deps.pool.status().map(hostAsJson),
        faces: deps.faces?.status().map(hostAsJson) ?? [],
        recipeHash: wanted.usual,
        recipeHashes: { ...wanted.libraries },
        keepOutdated: deps.keepOutdated,
        ignore: deps.ignore,
      });
      await deps.facts.put(progressKey, { libraries: last.libraries.map(libraryAsJson) });
      deps.tell(last);
    } catch (error) {
      const waitingFor = error instanceof Error ? error.message : String(error);
      if (last !== undefined && !deps.signal.aborted) deps.tell({ ...last, waitingFor, idle: false });
    }
    // What a library that is just being opened wants is told as soon as it is known.
    const restMs = wasOpening ? everyMs : Math.max(everyMs, (Date.now() - began) * idleShare);
    await pause(restMs, deps.signal);
  }
}

const hostAsJson = ({ price, ...host }: HostStatus) => ({
  ...host,
  ...(price !== undefined && { price: { ...price } }),
});

const libraryAsJson = ({ name, scanning, inFolder, heldBack, eta }: ToldLibrary) => ({
  name,
  scanning,
  inFolder,
  heldBack,
  ...(eta !== undefined && { eta: { ...eta } }),
});

async function lookAtProgress(deps: ProgressDeps, wanted: WantedHashes): Promise<Progress> {
  const { queries, runs, pool, faces, pauses, etas, keepOutdated } = deps;
  const [counted, perMinute, open, passes, backfills] = await Promise.all([
    queries.counts(keepOutdated ? undefined : wanted),
    recentPerMinute(queries),
    runs.countOpen(),
    passesUnderWay(deps),
    deps.openBackfills(),
  ]);
  const shown = counted.filter(
    ({ library, counts }) => library.name !== looseLibrary || Object.values(counts).some((count) => count > 0),
  );
  const libraries = await Promise.all(shown.map((one) => libraryProgress(deps, one, passes.has(one.library.name))));
  const left = await etas.of(libraries);
  const waitingFor = open > 0 ? (faces?.waitingFor() ?? pool.waitingFor()) : undefined;
  return {
    kind: 'progress',
    libraries: libraries.map((library) => ({ ...library, eta: left.get(library.name) })),
    perMinute,
    pauses: pauses.inWords(Date.now()),
    isPaused: pauses.isForAll(),
    ...(waitingFor !== undefined && { waitingFor }),
    // Counts of the server are a moment behind; whether a pass is under way is not.
    idle: open === 0 && passes.size === 0 && backfills === 0 && !deps.isOpening(),
  };
}

/** Names of the libraries that a pass goes through now. */
async function passesUnderWay({ photos, libraries }: ProgressDeps): Promise<ReadonlySet<string>> {
  const looks = libraries().map(async ({ name }) => ((await photos.scanning(name)) ? [name] : []));
  return new Set((await Promise.all(looks)).flat());
}

async function libraryProgress(
  { census, holdsBack }: ProgressDeps,
  { library, counts, outdated, peopleChanged }: LibraryCounts,
  scanning: boolean,
): Promise<LibraryProgress & { readonly root: string; readonly counts: Record<string, number> }> {
  // After its first look a library of an Immich has no pass under way, and is not up to date.
  const heldBack = scanning || library.kind === 'immich' ? await holdsBack(library.name) : undefined;
  const inFolder = library.kind === undefined ? census.photosIn(library, scanning) : undefined;
  return { name: library.name, root: library.root, counts, outdated, peopleChanged, scanning, inFolder, heldBack };
}
