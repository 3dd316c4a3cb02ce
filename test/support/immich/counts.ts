import type { WriteRow } from './rows.ts';
import type { State } from './state.ts';

export interface Counts {
  /** By `GET /assets/:id`, answered or not. */
  readonly requests: Readonly<Record<string, number>>;
  readonly requestsInAll: number;
  /** Answers by status; 0 is a connection that was cut. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Previews that were sent. */
  readonly previews: number;
  readonly previewsByAsset: Readonly<Record<string, number>>;
  readonly webhooks: number;
  /** API writes of a description, per asset. These and what follows survive a restart. */
  readonly textsWritten: Readonly<Record<string, number>>;
  /** API writes that took the place of a text that a person had typed. */
  readonly lostHumanTexts: readonly WriteRow[];
  /** API writes into a field that a person had cleared. */
  readonly writesAfterClear: number;
}

export function countsOf({ counters, writes }: State): Counts {
  const textsWritten: Record<string, number> = {};
  for (const { by, assetId } of writes) if (by === 'api') textsWritten[assetId] = (textsWritten[assetId] ?? 0) + 1;
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, one) => all + one, 0);
  return {
    requests: Object.fromEntries(counters.requests),
    requestsInAll: sum(counters.requests.values()),
    statuses: Object.fromEntries(counters.statuses),
    previews: sum(counters.previews.values()),
    previewsByAsset: Object.fromEntries(counters.previews),
    webhooks: counters.webhooks,
    textsWritten,
    lostHumanTexts: writes.filter(({ lostHumanText }) => lostHumanText !== undefined),
    writesAfterClear: writes.filter(({ afterClear }) => afterClear === true).length,
  };
}
