export { backfill } from './backfill.ts';
export { processAsset } from './process-asset.ts';
export { reconcile } from './reconcile.ts';
export { keepWindow } from './window.ts';
