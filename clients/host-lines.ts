import { costs, type HostWork, hostWork } from '../domain/host-work.ts';
import type { HostTotals } from '../domain/status.ts';
import { type ReportedHost, troubleOf } from './host-report.ts';
import { aligned, grouped, wrapped } from './output.ts';

export interface HostWithWork extends ReportedHost {
  /** Of this run. */
  readonly work: HostWork;
}

export const withWork = (hosts: readonly ReportedHost[], totals: readonly HostTotals[]): readonly HostWithWork[] =>
  hosts.map((host) => ({
    ...host,
    work: hostWork(totals, { host: host.host, model: host.canonical, price: host.price }),
  }));

/** A table where it fits, else each host in lines of its own; below it what is wrong and what to do. */
export function hostLines(hosts: readonly HostWithWork[], columns: number): string[] {
  const rows = aligned(hosts.map(row));
  const fits = rows.every((line) => line.length + 2 <= columns);
  return hosts.flatMap((host, at) => [
    ...(fits ? [`  ${rows[at] ?? ''}`] : narrow(row(host), columns)),
    ...wrapped(troubleOf(host), columns, '    '),
  ]);
}

function narrow([name = '', ...rest]: readonly string[], columns: number): string[] {
  return [...wrapped(name, columns, '  '), ...rest.flatMap((cell) => wrapped(cell, columns, '    '))];
}

function row(host: HostWithWork): string[] {
  const { role, model, simulated, state, busy, slots, loaded, work, tokensToday, tokensPerDay } = host;
  const words = [model, ...(role === 'fallback' ? ['(fallback)'] : []), ...(simulated ? ['SIMULATED'] : [])];
  const memory = loaded === false && state === 'ready' ? ', model not loaded' : '';
  const budget =
    tokensPerDay === undefined ? [] : [`${grouped(tokensToday ?? 0)}/${grouped(tokensPerDay)} tokens today`];
  return [host.host, words.join(' '), `${state} ${busy}/${slots}${memory}`, [...workWords(work), ...budget].join(', ')];
}

function workWords({ calls, share, secondsEach, tokensPerSecond }: HostWork): string[] {
  if (calls === 0) return ['no description yet'];
  return [
    `${grouped(calls)} described (${Math.round(share * 100)} %)`,
    `${(secondsEach ?? 0).toFixed(1)} s each`,
    ...(tokensPerSecond === undefined ? [] : [`${Math.round(tokensPerSecond)} tokens/s`]),
  ];
}

/** Tokens of this run and, where a price is set, what they cost; undefined before the first answer. */
export function tokenLine(hosts: readonly HostWithWork[]): string | undefined {
  const tokens = hosts.reduce((sum, { work }) => sum + work.promptTokens + work.answerTokens, 0);
  if (tokens === 0) return undefined;
  const money = costs(hosts.map(({ work }) => work)).map(
    ({ amount, currency }) => `${amount.toFixed(amount < 10 ? 4 : 2)} ${currency}`,
  );
  return [`${grouped(tokens)} tokens since the start`, ...money].join(', ');
}
