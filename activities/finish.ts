import { log } from '@temporalio/activity';
import type { Activities, FinishInput } from '../domain/contract.ts';
import type { AssetStore } from '../domain/ports.ts';
import { heartbeating } from './heartbeat.ts';

export interface FinishDeps {
  readonly assets: Pick<AssetStore, 'finishRun' | 'markWaiting'>;
}

export const createFinishActivities = ({ assets }: FinishDeps): Pick<Activities, 'finishRun' | 'markWaiting'> => ({
  finishRun: (input) =>
    heartbeating(async () => {
      await assets.finishRun(input);
      tellIfParked(input);
    }),
  markWaiting: ({ asset, reason }) => heartbeating(() => assets.markWaiting(asset.assetId, reason)),
});

/** The one line that a person gets for a photo that needs them. */
function tellIfParked({ asset, end }: FinishInput): void {
  if (end.outcome === 'parked') log.warn('Parked', { photo: asset.path, reason: end.failure.reason });
}
