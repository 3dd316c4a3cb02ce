import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { AssetRef } from '../domain/asset.ts';
import type { processAsset } from './process-asset.ts';

export const startOver = (asset: AssetRef): Promise<never> => continueAsNew<typeof processAsset>({ asset });

/** A wait of days at six events a minute would reach the server's limit of 51,200 events; every loop that waits asks here. */
export async function startOverIfLong(asset: AssetRef): Promise<void> {
  if (workflowInfo().continueAsNewSuggested) await startOver(asset);
}
