import type { Activities } from '../domain/contract.ts';
import { type ClaimDeps, createClaimActivities } from './claim.ts';
import { type ClusterFacesDeps, createClusterFacesActivities } from './cluster-faces.ts';
import { createDescribeActivities, type DescribeDeps } from './describe.ts';
import { createFingerprintActivities, type FingerprintDeps } from './fingerprint.ts';
import { createFindFacesActivities, type FindFacesDeps } from './find-faces.ts';
import { createFinishActivities, type FinishDeps } from './finish.ts';
import { createKeepBackfillActivities, type KeepBackfillDeps } from './keep-backfill.ts';
import { createKeepWindowsActivities, type KeepWindowsDeps } from './keep-windows.ts';
import { createReconcileActivities, type ReconcileDeps } from './reconcile.ts';
import { createPublishActivities, type PublishDeps } from './publish.ts';
import { createSettleActivities } from './settle.ts';
import { createSources, type SourcesDeps } from './sources.ts';
import { createStartMissingActivities, type StartMissingDeps } from './start-missing.ts';
import { createStartPageActivities, type StartPageDeps } from './start-page.ts';
import { createUndoActivities, type UndoDeps } from './undo.ts';
import { createVerifyActivities, type VerifyDeps } from './verify.ts';

export { createFolders } from './folders.ts';
export { createRecentAssets } from './recent-assets.ts';

export type ActivityDeps = SourcesDeps &
  Omit<FingerprintDeps, 'sources'> &
  Omit<FindFacesDeps, 'sources'> &
  ClaimDeps &
  Omit<DescribeDeps, 'sources'> &
  PublishDeps &
  FinishDeps &
  StartPageDeps &
  KeepBackfillDeps &
  KeepWindowsDeps &
  StartMissingDeps &
  ReconcileDeps &
  VerifyDeps &
  UndoDeps &
  ClusterFacesDeps;

/** Every step, each over the few ports it needs. Which worker runs which is decided in workers/. */
export function createActivities(given: ActivityDeps): Activities {
  const deps = { ...given, sources: createSources(given) };
  return {
    ...createSettleActivities(deps),
    ...createFingerprintActivities(deps),
    ...createFindFacesActivities(deps),
    ...createClaimActivities(deps),
    ...createDescribeActivities(deps),
    ...createPublishActivities(deps),
    ...createFinishActivities(deps),
    ...createStartPageActivities(deps),
    ...createKeepBackfillActivities(deps),
    ...createKeepWindowsActivities(deps),
    ...createStartMissingActivities(deps),
    ...createReconcileActivities(deps),
    ...createVerifyActivities(deps),
    ...createUndoActivities(deps),
    ...createClusterFacesActivities(deps),
  };
}
