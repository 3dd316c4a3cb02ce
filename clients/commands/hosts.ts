import { type ReportedHost, reportedHosts } from '../host-report.ts';
import { hostTable } from '../host-table.ts';
import type { Opened } from '../open.ts';
import { grouped, type Output, wrapped } from '../output.ts';

/** Every vision host as the running engine sees it, fallback ones last. */
export async function hosts(opened: Pick<Opened, 'facts'>, out: Output, { json }: { json: boolean }): Promise<void> {
  const reported = await reportedHosts(opened);
  const calls = reported.reduce((sum, host) => sum + host.calls, 0);
  if (json) return out.json({ hosts: reported.map((host) => ({ ...host, share: shareOf(host, calls) })) });
  if (reported.length === 0) {
    const why = 'The engine has said nothing about its hosts for half a minute: it is being started, or cannot work.';
    for (const line of wrapped(`${why} See darkroom doctor.`, out.columns)) out.line(line);
    return;
  }
  for (const line of hostTable(reported, out.columns, (host) => doneWords(host, calls))) out.line(line);
}

function doneWords(host: ReportedHost, allCalls: number): string {
  if (host.calls === 0) return 'no call yet';
  return `${grouped(host.calls)} call${host.calls === 1 ? '' : 's'} (${Math.round(shareOf(host, allCalls) * 100)} %)`;
}

const shareOf = ({ calls }: ReportedHost, all: number): number => (all === 0 ? 0 : calls / all);
