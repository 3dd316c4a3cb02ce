import type { HostTotals } from './status.ts';
import type { TokenPrice } from './vision-host.ts';

/** What a host has done in a model, out of what all hosts did. */
export interface HostWork {
  readonly calls: number;
  /** Of all calls, from 0 to 1; 0 where there are none. */
  readonly share: number;
  /** Wall clock per call, waiting in the host's own line included; absent without calls. */
  readonly secondsEach?: number;
  /** Of the answers, while they were written (`eval_count` over `eval_duration`, never the total with its queue); absent where the host does not say. */
  readonly tokensPerSecond?: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly simulated: boolean;
  readonly cost?: Cost;
}

interface Cost {
  readonly amount: number;
  readonly currency: string;
}

interface Asked {
  readonly host: string;
  /** Name of the model as descriptions have it. */
  readonly model: string;
  readonly price?: TokenPrice | undefined;
}

export function hostWork(totals: readonly HostTotals[], { host, model, price }: Asked): HostWork {
  const sum = (of: (one: HostTotals) => number, rows: readonly HostTotals[]) =>
    rows.reduce((all, one) => all + of(one), 0);
  const mine = totals.filter((one) => one.host === host && one.model === model);
  const calls = sum((one) => one.calls, mine);
  const promptTokens = sum((one) => one.promptTokens, mine);
  const answerTokens = sum((one) => one.answerTokens, mine);
  const evalMs = sum((one) => one.evalMs, mine);
  const evalTokens = sum((one) => one.evalTokens, mine);
  return {
    calls,
    share: calls === 0 ? 0 : calls / sum((one) => one.calls, totals),
    ...(calls > 0 && { secondsEach: sum((one) => one.totalMs, mine) / calls / 1_000 }),
    ...(evalMs > 0 && { tokensPerSecond: (evalTokens * 1_000) / evalMs }),
    promptTokens,
    answerTokens,
    simulated: mine.some((one) => one.simulated),
    ...(price !== undefined && { cost: costOf(promptTokens, answerTokens, price) }),
  };
}

const costOf = (prompt: number, answer: number, price: TokenPrice): Cost => ({
  amount: (prompt * price.promptPerMillion + answer * price.answerPerMillion) / 1_000_000,
  currency: price.currency,
});

/** Money is added up by currency; hosts without a price cost nothing that we know of. */
export function costs(works: readonly HostWork[]): readonly Cost[] {
  const byCurrency = new Map<string, number>();
  for (const { cost } of works) {
    if (cost !== undefined) byCurrency.set(cost.currency, (byCurrency.get(cost.currency) ?? 0) + cost.amount);
  }
  return [...byCurrency].map(([currency, amount]) => ({ amount, currency }));
}
