import type { Activities } from '../domain/contract.ts';
import type { AssetStore } from '../domain/ports.ts';
import { heartbeating } from './heartbeat.ts';

export interface FinishDeps {
  readonly assets: Pick<AssetStore, 'finishRun' | 'markWaiting'>;
}

export const createFinishActivities = ({ assets }: FinishDeps): Pick<Activities, 'finishRun' | 'markWaiting'> => ({
  finishRun: (input) => heartbeating(() => assets.finishRun(input)),
  markWaiting: ({ asset, reason }) => heartbeating(() => assets.markWaiting(asset.assetId, reason)),
});
