import type { BackfillStore } from '../domain/backfill-store.ts';
import type { Activities } from '../domain/contract.ts';
import { heartbeating } from './heartbeat.ts';

export interface KeepBackfillDeps {
  readonly backfills: Pick<BackfillStore, 'keep'>;
}

/** What a backfill did, told once more by our own rows when Temporal has forgotten it. */
export const createKeepBackfillActivities = ({ backfills }: KeepBackfillDeps): Pick<Activities, 'keepBackfill'> => ({
  keepBackfill: (end) => heartbeating(() => backfills.keep(end)),
});
