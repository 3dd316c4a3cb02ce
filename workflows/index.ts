export { backfill } from './backfill.ts';
export { processAsset } from './process-asset.ts';
