import { hostLines, tokenLine, withWork } from '../host-lines.ts';
import { reportedHosts } from '../host-report.ts';
import { asJson, knownPauses } from '../known-pauses.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import { progressLine, span } from '../progress-line.ts';
import { healthAsJson, healthLines, runHealth } from '../run-health.ts';

/** Pauses, libraries by state, hosts, what waits and why, what is parked and why. */
export async function status(opened: Opened, out: Output, { json }: { json: boolean }): Promise<void> {
  const { queries, run } = opened;
  const [libraries, rate, waiting, parked, totals, reported, lack, health, pauses] = await Promise.all([
    queries.counts(),
    queries.recentRate(),
    queries.waitingReasons(),
    queries.parkedByCode(),
    queries.hostTotals(run.startedAt),
    reportedHosts(opened),
    opened.lackOfRoom(),
    runHealth(opened),
    knownPauses(opened),
  ]);
  const hosts = withWork(reported, totals);
  const paused = pauses.queues !== undefined && pauses.queues.length > 0;
  const perMinute = rate.spanMs > 5_000 ? (rate.finished / rate.spanMs) * 60_000 : 0;
  if (json) {
    const { version, startedAt, supervisor, temporal } = run;
    out.json({
      version,
      startedAt,
      pauses: pauses.queues ?? null,
      pausedLibraries: pauses.libraries.map(asJson),
      pausedHosts: pauses.hosts.map(asJson),
      pid: supervisor.pid,
      webUi: temporal.uiUrl,
      perMinute,
      libraries,
      hosts,
      waiting,
      parked,
      totals,
      ...healthAsJson(health, opened),
      ...(lack !== undefined && { trouble: lack }),
    });
    return;
  }
  for (const line of pauses.lines) for (const part of wrapped(line, out.columns)) out.line(part);
  out.line(
    `Darkroom ${run.version}, running for ${span((Date.now() - run.startedAt) / 60_000)} (pid ${run.supervisor.pid})`,
  );
  if (run.temporal.uiUrl !== undefined) out.line(`Web UI ${run.temporal.uiUrl}`);
  const notes = [...(lack === undefined ? [] : [lack]), ...healthLines(health, opened, Date.now())];
  for (const note of notes) for (const line of wrapped(note, out.columns)) out.line(line);
  for (const { library, counts } of libraries) {
    out.line();
    const progress = progressLine({ name: library.name, counts, scanning: false }, paused ? 0 : perMinute);
    for (const line of wrapped(progress, out.columns)) out.line(line);
    out.line(`  ${library.root}`);
  }
  if (libraries.length === 0) out.line('\nNo library yet: darkroom up <folder>');
  if (hosts.length > 0) out.line('\nhosts');
  for (const line of hostLines(hosts, out.columns)) out.line(line);
  const tokens = tokenLine(hosts);
  if (tokens !== undefined) out.line(`  ${tokens}`);
  section(
    out,
    'waiting (goes on by itself)',
    waiting.map(
      ({ library, reason, count, since }) =>
        `${count} in ${library}: ${reason}, the first for ${span((Date.now() - since) / 60_000)}`,
    ),
  );
  section(
    out,
    'parked (needs you)',
    parked.map(({ code, count, reason, example }) => `${count} ${code}: ${reason} (${example.path})`),
  );
}

function section(out: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  out.line(`\n${title}`);
  for (const line of lines) for (const part of wrapped(line, out.columns, '  ')) out.line(part);
}
