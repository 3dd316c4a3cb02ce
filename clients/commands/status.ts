import type { AssetRef } from '../../domain/asset.ts';
import { photoNames } from '../../domain/photo-name.ts';
import { hostLines, tokenLine } from '../host-lines.ts';
import { hostTable } from '../host-table.ts';
import { firstLookNews, immichLines } from '../immich/now.ts';
import { grouped, type Output, wrapped } from '../output.ts';
import { progressLine, span } from '../progress-line.ts';
import { healthLines } from '../run-health.ts';
import { statusAsJson, type StatusNow, statusNow, type StatusSources } from '../status-now.ts';

/** Pauses and held backfills, libraries by state, hosts, what waits and why, what is parked and why. */
export async function status(opened: StatusSources, out: Output, { json }: { json: boolean }): Promise<void> {
  const now = await statusNow(opened);
  if (json) out.json(statusAsJson(now));
  else printStatus(now, out);
}

export function printStatus(now: StatusNow, out: Output): void {
  const say = (text: string, indent?: string) => {
    for (const line of wrapped(text, out.columns, indent)) out.line(line);
  };
  const { run, libraries, immichs, hosts, waiting, parked } = now;
  const nameOf = photoNames(libraries);
  const isImmich = new Set(immichs.map(({ name }) => name));
  const shown = (asset: AssetRef) => (isImmich.has(asset.library) ? nameOf(asset) : asset.path);
  for (const line of [...firstLookNews(immichs), ...now.pauses.lines, ...now.backfills.lines]) say(line);
  say(
    `Darkroom ${run.version}, running for ${span((Date.now() - run.startedAt) / 60_000)} (pid ${run.supervisor.pid})`,
  );
  if (run.temporal.uiUrl !== undefined) out.line(`Web UI ${run.temporal.uiUrl}`);
  if (run.http !== undefined) out.line(`HTTP   ${run.http.url}`);
  if (now.lack !== undefined) say(now.lack);
  for (const line of healthLines(now.health, now, Date.now())) say(line);
  for (const library of libraries) {
    out.line();
    say(progressLine(library, now));
    out.line(`  ${library.root}`);
    const immich = immichs.find(({ name }) => name === library.name);
    for (const line of immich === undefined ? [] : immichLines(immich, Date.now())) say(line, '  ');
    // What is said above already stands for all libraries.
    if (
      library.heldBack !== undefined &&
      immich?.firstLook !== 'shown' &&
      library.heldBack !== now.lack &&
      !now.pauses.lines.includes(library.heldBack)
    ) {
      say(`nothing more is started: ${library.heldBack}`, '  ');
    }
  }
  if (libraries.length === 0) out.line('\nNo library yet: darkroom up <folder>');
  if (hosts.length > 0) out.line('\nhosts');
  for (const line of hostLines(hosts, out.columns)) out.line(line);
  const tokens = tokenLine(hosts);
  if (tokens !== undefined) out.line(`  ${tokens}`);
  if (now.faces.length > 0) out.line('\nface services');
  for (const line of hostTable(now.faces, out.columns, ({ calls }) => `${grouped(calls)} looked at`)) out.line(line);
  section(
    out,
    'waiting (goes on by itself)',
    waiting.map(
      ({ library, reason, count, since }) =>
        `${grouped(count)} in ${library}: ${reason}, the first for ${span((Date.now() - since) / 60_000)}`,
    ),
  );
  section(
    out,
    'parked (needs you)',
    parked.map(
      ({ code, count, reason, example }) =>
        `${grouped(count)} ${code} in ${example.library}: ${reason} (${shown(example)})`,
    ),
  );
}

function section(out: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  out.line(`\n${title}`);
  for (const line of lines) for (const part of wrapped(line, out.columns, '  ')) out.line(part);
}
