import { standing } from '../domain/progress.ts';
import { withWork } from './host-lines.ts';
import { reportedHosts } from './host-report.ts';
import { asJson, knownPauses, type PauseSources } from './known-pauses.ts';
import type { Opened } from './open.ts';
import { librariesNow, type LibraryNow } from './progress-report.ts';

/** What `status` asks. */
export interface StatusSources extends PauseSources, Pick<Opened, 'run' | 'facts' | 'lackOfRoom'> {
  readonly queries: Pick<Opened['queries'], 'counts' | 'recentRate' | 'waitingReasons' | 'parkedByCode' | 'hostTotals'>;
}

/** Everything that `status` tells, looked at together. */
export async function statusNow(opened: StatusSources) {
  const { queries, run } = opened;
  const [libraries, rate, waiting, parked, totals, reported, lack, pauses] = await Promise.all([
    librariesNow(opened),
    queries.recentRate(),
    queries.waitingReasons(),
    queries.parkedByCode(),
    queries.hostTotals(run.startedAt),
    reportedHosts(opened),
    opened.lackOfRoom(),
    knownPauses(opened),
  ]);
  return {
    run,
    libraries,
    perMinute: rate.spanMs > 5_000 ? (rate.finished / rate.spanMs) * 60_000 : 0,
    waiting,
    parked,
    totals,
    hosts: withWork(reported, totals),
    lack,
    pauses,
    isPaused: pauses.queues !== undefined && pauses.queues.length > 0,
  };
}

export type StatusNow = Awaited<ReturnType<typeof statusNow>>;

/** For programs. Times are in milliseconds since 1970. */
export function statusAsJson({ run, libraries, perMinute, waiting, parked, totals, hosts, lack, pauses }: StatusNow) {
  const { version, startedAt, supervisor, temporal } = run;
  return {
    version,
    startedAt,
    pauses: pauses.queues ?? null,
    pausedLibraries: pauses.libraries.map(asJson),
    pausedHosts: pauses.hosts.map(asJson),
    pid: supervisor.pid,
    webUi: temporal.uiUrl,
    perMinute,
    libraries: libraries.map(libraryAsJson),
    hosts,
    waiting,
    parked,
    totals,
    ...(lack !== undefined && { trouble: lack }),
  };
}

const libraryAsJson = ({ name, root, ...library }: LibraryNow) => ({
  library: { name, root },
  ...library,
  standing: standing({ name, ...library }),
});
