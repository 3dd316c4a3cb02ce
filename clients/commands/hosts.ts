import { type ReportedHost, reportedHosts, troubleOf } from '../host-report.ts';
import type { Opened } from '../open.ts';
import { aligned, grouped, type Output, wrapped } from '../output.ts';

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
  const sorted = [...reported].sort((a, b) => Number(a.role === 'fallback') - Number(b.role === 'fallback'));
  const rows = sorted.map((host) => cellsOf(host, calls));
  const table = aligned(rows);
  const fits = table.every((line) => line.length <= out.columns);
  for (const [at, host] of sorted.entries()) {
    for (const line of fits ? [table[at] ?? ''] : stacked(rows[at] ?? [], out.columns)) out.line(line);
    for (const text of [...caps(host), troubleOf(host)]) {
      for (const line of wrapped(text, out.columns, '    ')) out.line(line);
    }
  }
}

function cellsOf(host: ReportedHost, allCalls: number): string[] {
  const { role, model, state, busy, slots, calls, simulated, loaded } = host;
  const marks = [...(simulated ? ['SIMULATED'] : []), ...(loaded === false ? ['not loaded'] : [])];
  const share = shareOf(host, allCalls);
  const done = calls === 0 ? 'no call yet' : `${calls} call${calls === 1 ? '' : 's'}, ${Math.round(share * 100)} %`;
  return [host.host, role, [model, ...marks].join(' '), `${state} ${busy}/${slots}`, done];
}

const shareOf = ({ calls }: ReportedHost, all: number): number => (all === 0 ? 0 : calls / all);

/** For terminals in which a row does not fit: the address, and what is about it below. */
const stacked = ([address = '', ...rest]: readonly string[], columns: number): string[] => [
  address,
  ...wrapped(rest.join(', '), columns, '  '),
];

function caps({ tokensToday, tokensPerDay, requestsPerMinute }: ReportedHost): string[] {
  const of = tokensPerDay === undefined ? '' : ` of ${grouped(tokensPerDay)}`;
  const parts = [
    ...(tokensToday === undefined ? [] : [`${grouped(tokensToday)}${of} tokens today (UTC)`]),
    ...(requestsPerMinute === undefined ? [] : [`at most ${grouped(requestsPerMinute)} calls a minute`]),
  ];
  return parts.length === 0 ? [] : [parts.join(', ')];
}
