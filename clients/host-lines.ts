import { costs, type HostWork, hostWork } from '../domain/host-work.ts';
import type { HostTotals } from '../domain/status.ts';
import type { ReportedHost } from './host-report.ts';
import { hostTable } from './host-table.ts';
import { grouped } from './output.ts';

export interface HostWithWork extends ReportedHost {
  /** Of this run. */
  readonly work: HostWork;
}

export const withWork = (hosts: readonly ReportedHost[], totals: readonly HostTotals[]): readonly HostWithWork[] =>
  hosts.map((host) => ({
    ...host,
    work: hostWork(totals, { host: host.host, model: host.canonical, price: host.price }),
  }));

export const hostLines = (hosts: readonly HostWithWork[], columns: number): string[] =>
  hostTable(hosts, columns, ({ work }) => workWords(work).join(', '));

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
