import { firstLookReason } from '../domain/first-look.ts';
import { keptInWords } from '../domain/kept-pause.ts';
import { pageOfPhoto } from '../domain/photo-name.ts';
import { standing } from '../domain/progress.ts';
import { allEnded } from './all-ended.ts';
import { withWork } from './host-lines.ts';
import { type ImmichNow, type ImmichSources, immichsNow } from './immich/now.ts';
import { reportedFaces, reportedHosts } from './host-report.ts';
import { asJson, type KnownPauses, knownPauses, type PauseSources } from './known-pauses.ts';
import { backfillAsJson, backfillsNow } from './known-backfills.ts';
import type { Opened } from './open.ts';
import { librariesNow, type LibraryNow } from './progress-report.ts';
import { recentPerMinute } from './recent-rate.ts';
import { healthAsJson, runHealth } from './run-health.ts';

/** What `status` asks. */
export interface StatusSources
  extends PauseSources, ImmichSources, Pick<Opened, 'run' | 'facts' | 'lackOfRoom' | 'stuckRuns' | 'pageOf'> {
  readonly backfills: Pick<Opened['backfills'], 'open'>;
  readonly queries: Pick<Opened['queries'], 'counts' | 'recentRate' | 'waitingReasons' | 'parkedByCode' | 'hostTotals'>;
}

/** Everything that `status` tells, looked at together. */
export async function statusNow(opened: StatusSources) {
  const { queries, run } = opened;
  const [libraries, immichs, perMinute, waiting, parked, totals, reported, faces, lack, health, pauses, backfills] =
    await allEnded([
      librariesNow(opened),
      immichsNow(opened),
      recentPerMinute(queries),
      queries.waitingReasons(),
      queries.parkedByCode(),
      queries.hostTotals(run.startedAt),
      reportedHosts(opened),
      reportedFaces(opened),
      opened.lackOfRoom(),
      runHealth(opened),
      knownPauses(opened),
      backfillsNow(opened),
    ] as const);
  return {
    run,
    libraries,
    immichs,
    perMinute,
    waiting,
    parked,
    totals,
    hosts: withWork(reported, totals),
    faces,
    lack,
    health,
    pageOf: opened.pageOf,
    pauses: { ...pauses, lines: withoutFirstLooks(pauses, immichs) },
    backfills,
    isPaused: pauses.queues !== undefined && pauses.queues.length > 0,
  };
}

/** That a first look holds a library is told with what to type, which "resume" is not. */
function withoutFirstLooks({ lines, libraries }: KnownPauses, immichs: readonly ImmichNow[]): readonly string[] {
  const shown = new Set(immichs.filter(({ firstLook }) => firstLook === 'shown').map(({ name }) => name));
  const held = libraries.filter(({ target, why }) => why === firstLookReason && shown.has(target.name));
  const told = new Set(held.map((pause) => keptInWords(pause, Date.now())));
  return lines.filter((line) => !told.has(line));
}

export type StatusNow = Awaited<ReturnType<typeof statusNow>>;

/** For programs. Times are in milliseconds since 1970. */
export function statusAsJson(now: StatusNow) {
  const { run, perMinute, waiting, totals, hosts, lack, health, pageOf, pauses, backfills } = now;
  const { version, startedAt, supervisor, temporal, http } = run;
  return {
    version,
    startedAt,
    pauses: pauses.queues ?? null,
    plannedPauses: pauses.planned,
    pausedLibraries: pauses.libraries.map(asJson),
    pausedHosts: pauses.hosts.map(asJson),
    backfills: backfills.open?.map(backfillAsJson) ?? null,
    pid: supervisor.pid,
    webUi: temporal.uiUrl,
    http: http?.url,
    perMinute,
    libraries: now.libraries.map((library) => libraryAsJson(library, now)),
    hosts,
    faceServices: now.faces,
    waiting,
    parked: parkedAsJson(now),
    totals,
    ...healthAsJson(health, { pageOf }),
    ...(lack !== undefined && { trouble: lack }),
  };
}

function libraryAsJson({ id, name, root, kind, ...library }: LibraryNow, { immichs }: StatusNow) {
  const found = immichs.find((one) => one.name === name);
  return {
    library: { id, name, root, ...(kind !== undefined && { kind }) },
    ...library,
    standing: standing({ name, ...library }),
    ...(found !== undefined && { immich: immichAsJson(found) }),
  };
}

const immichAsJson = ({ owner, version, firstLook, held, skipped, readOnlySince, published, verified }: ImmichNow) => ({
  owner: owner ?? null,
  version: version ?? null,
  firstLook,
  held,
  skipped,
  texts: published ?? null,
  lookedAtAgain: verified ?? null,
  readOnlySince: readOnlySince ?? null,
});

const parkedAsJson = ({ parked, libraries }: StatusNow) =>
  parked.map((group) => {
    const page = pageOfPhoto(
      group.example,
      libraries.find(({ name }) => name === group.example.library),
    );
    return { ...group, ...(page !== undefined && { page }) };
  });
