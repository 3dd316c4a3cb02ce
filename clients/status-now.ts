import { standing } from '../domain/progress.ts';
import { allEnded } from './all-ended.ts';
import { withWork } from './host-lines.ts';
import { reportedHosts } from './host-report.ts';
import { asJson, knownPauses, type PauseSources } from './known-pauses.ts';
import { backfillAsJson, backfillsNow } from './known-backfills.ts';
import type { Opened } from './open.ts';
import { librariesNow, type LibraryNow } from './progress-report.ts';
import { recentPerMinute } from './recent-rate.ts';
import { healthAsJson, runHealth } from './run-health.ts';

/** What `status` asks. */
export interface StatusSources
  extends PauseSources, Pick<Opened, 'run' | 'facts' | 'lackOfRoom' | 'stuckRuns' | 'pageOf'> {
  readonly backfills: Pick<Opened['backfills'], 'open'>;
  readonly queries: Pick<Opened['queries'], 'counts' | 'recentRate' | 'waitingReasons' | 'parkedByCode' | 'hostTotals'>;
}

/** Everything that `status` tells, looked at together. */
export async function statusNow(opened: StatusSources) {
  const { queries, run } = opened;
  const [libraries, perMinute, waiting, parked, totals, reported, lack, health, pauses, backfills] = await allEnded([
    librariesNow(opened),
    recentPerMinute(queries),
    queries.waitingReasons(),
    queries.parkedByCode(),
    queries.hostTotals(run.startedAt),
    reportedHosts(opened),
    opened.lackOfRoom(),
    runHealth(opened),
    knownPauses(opened),
    backfillsNow(opened),
  ] as const);
  return {
    run,
    libraries,
    perMinute,
    waiting,
    parked,
    totals,
    hosts: withWork(reported, totals),
    lack,
    health,
    pageOf: opened.pageOf,
    pauses,
    backfills,
    isPaused: pauses.queues !== undefined && pauses.queues.length > 0,
  };
}

export type StatusNow = Awaited<ReturnType<typeof statusNow>>;

/** For programs. Times are in milliseconds since 1970. */
export function statusAsJson(now: StatusNow) {
  const { run, libraries, perMinute, waiting, parked, totals, hosts, lack, health, pageOf, pauses, backfills } = now;
  const { version, startedAt, supervisor, temporal } = run;
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
    perMinute,
    libraries: libraries.map(libraryAsJson),
    hosts,
    waiting,
    parked,
    totals,
    ...healthAsJson(health, { pageOf }),
    ...(lack !== undefined && { trouble: lack }),
  };
}

const libraryAsJson = ({ id, name, root, ...library }: LibraryNow) => ({
  library: { id, name, root },
  ...library,
  standing: standing({ name, ...library }),
});
