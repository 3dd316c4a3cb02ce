export { backfill } from './backfill.ts';
export { clusterFaces } from './cluster-faces.ts';
export { processAsset } from './process-asset.ts';
export { reconcile } from './reconcile.ts';
export { undoPublications } from './undo.ts';
export { verifyPublications } from './verify.ts';
export { keepWindow } from './window.ts';
