import { type ReportedHost, troubleOf } from './host-report.ts';
import { aligned, grouped, wrapped } from './output.ts';

/**
 * Vision hosts for a person, fallback ones last: a table where it fits, else each host in lines of its own; below each its
 * limits, what is wrong and what to do. `done` is what there is to say of a host's work.
 */
export function hostTable<H extends ReportedHost>(
  hosts: readonly H[],
  columns: number,
  done: (host: H) => string,
): string[] {
  const sorted = [...hosts].sort((a, b) => Number(a.role === 'fallback') - Number(b.role === 'fallback'));
  const cells = sorted.map((host) => [host.host, modelOf(host), stateOf(host), done(host)]);
  const rows = aligned(cells);
  const fits = rows.every((line) => line.length + 2 <= columns);
  return sorted.flatMap((host, at) => [
    ...(fits ? [`  ${rows[at] ?? ''}`] : stacked(cells[at] ?? [], columns)),
    ...[...limitsOf(host), troubleOf(host)].flatMap((text) => wrapped(text, columns, '    ')),
  ]);
}

function stacked([address = '', ...rest]: readonly string[], columns: number): string[] {
  return [...wrapped(address, columns, '  '), ...rest.flatMap((cell) => wrapped(cell, columns, '    '))];
}

const modelOf = ({ model, role, simulated }: ReportedHost): string =>
  [model, ...(role === 'fallback' ? ['(fallback)'] : []), ...(simulated ? ['SIMULATED'] : [])].join(' ');

const stateOf = ({ state, busy, slots, loaded }: ReportedHost): string =>
  `${state} ${busy}/${slots}${loaded === false && state === 'ready' ? ', model not loaded' : ''}`;

function limitsOf({ tokensToday, tokensPerDay, requestsPerMinute }: ReportedHost): string[] {
  const of = tokensPerDay === undefined ? '' : ` of ${grouped(tokensPerDay)}`;
  const parts = [
    ...(tokensToday === undefined ? [] : [`${grouped(tokensToday)}${of} tokens today (UTC)`]),
    ...(requestsPerMinute === undefined ? [] : [`at most ${grouped(requestsPerMinute)} calls a minute`]),
  ];
  return parts.length === 0 ? [] : [parts.join(', ')];
}
