import type { HostTotals } from '../../domain/status.ts';
import { type ReportedHost, reportedHosts, troubleOf } from '../host-report.ts';
import type { Opened } from '../open.ts';
import { aligned, type Output, wrapped } from '../output.ts';
import { progressLine, span } from '../progress-line.ts';

/** Libraries by state, hosts, what waits and why, what is parked and why. */
export async function status(opened: Opened, out: Output, { json }: { json: boolean }): Promise<void> {
  const { queries, run } = opened;
  const [libraries, rate, waiting, parked, totals, hosts, lack] = await Promise.all([
    queries.counts(),
    queries.recentRate(),
    queries.waitingReasons(),
    queries.parkedByCode(),
    queries.hostTotals(),
    reportedHosts(opened),
    opened.lackOfRoom(),
  ]);
  const perMinute = rate.spanMs > 5_000 ? (rate.finished / rate.spanMs) * 60_000 : 0;
  if (json) {
    const { version, startedAt, supervisor, temporal } = run;
    out.json({
      version,
      startedAt,
      pid: supervisor.pid,
      webUi: temporal.uiUrl,
      perMinute,
      libraries,
      hosts,
      waiting,
      parked,
      totals,
      ...(lack !== undefined && { trouble: lack }),
    });
    return;
  }
  out.line(
    `Darkroom ${run.version}, running for ${span((Date.now() - run.startedAt) / 60_000)} (pid ${run.supervisor.pid})`,
  );
  if (run.temporal.uiUrl !== undefined) out.line(`Web UI ${run.temporal.uiUrl}`);
  if (lack !== undefined) for (const line of wrapped(lack, out.columns)) out.line(line);
  for (const { library, counts } of libraries) {
    out.line();
    const progress = progressLine({ name: library.name, counts, scanning: false }, perMinute);
    for (const line of wrapped(progress, out.columns)) out.line(line);
    out.line(`  ${library.root}`);
  }
  if (libraries.length === 0) out.line('\nNo library yet: darkroom up <folder>');
  section(out, 'hosts', aligned(hosts.map((host) => hostRow(host, totals))));
  for (const host of hosts) for (const line of wrapped(troubleOf(host), out.columns, '    ')) out.line(line);
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

function hostRow({ host, model, state, busy, slots }: ReportedHost, totals: readonly HostTotals[]): string[] {
  const done = totals.filter((one) => one.host === host && one.model === model);
  const calls = done.reduce((sum, one) => sum + one.calls, 0);
  const ms = done.reduce((sum, one) => sum + one.totalMs, 0);
  const simulated = done.some((one) => one.simulated) ? ['SIMULATED'] : [];
  const speed = calls === 0 ? 'no description yet' : `${calls} described, ${(ms / calls / 1000).toFixed(1)} s each`;
  return [host, [model, ...simulated].join(' '), `${state} ${busy}/${slots}`, speed];
}

function section(out: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  out.line(`\n${title}`);
  for (const line of lines) for (const part of wrapped(line, out.columns, '  ')) out.line(part);
}
