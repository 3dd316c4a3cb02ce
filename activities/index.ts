import type { Activities } from '../domain/contract.ts';
import { type ClaimDeps, createClaimActivities } from './claim.ts';
import { createDescribeActivities, type DescribeDeps } from './describe.ts';
import { createFingerprintActivities, type FingerprintDeps } from './fingerprint.ts';
import { createFinishActivities, type FinishDeps } from './finish.ts';
import { createKeepBackfillActivities, type KeepBackfillDeps } from './keep-backfill.ts';
import { createKeepWindowsActivities, type KeepWindowsDeps } from './keep-windows.ts';
import { createReconcileActivities, type ReconcileDeps } from './reconcile.ts';
import { createSettleActivities, type SettleDeps } from './settle.ts';
import { createStartMissingActivities, type StartMissingDeps } from './start-missing.ts';
import { createStartPageActivities, type StartPageDeps } from './start-page.ts';

export { createFolders } from './folders.ts';
export type { WantedRecipe } from './claim.ts';

export type ActivityDeps = SettleDeps &
  FingerprintDeps &
  ClaimDeps &
  DescribeDeps &
  FinishDeps &
  StartPageDeps &
  KeepBackfillDeps &
  KeepWindowsDeps &
  StartMissingDeps &
  ReconcileDeps;

/** Every step, each over the few ports it needs. Which worker runs which is decided in workers/. */
export const createActivities = (deps: ActivityDeps): Activities => ({
  ...createSettleActivities(deps),
  ...createFingerprintActivities(deps),
  ...createClaimActivities(deps),
  ...createDescribeActivities(deps),
  ...createFinishActivities(deps),
  ...createStartPageActivities(deps),
  ...createKeepBackfillActivities(deps),
  ...createKeepWindowsActivities(deps),
  ...createStartMissingActivities(deps),
  ...createReconcileActivities(deps),
});
