import { assetWorkflowId } from '../domain/paths.ts';
import type { FoundAsset } from '../domain/status.ts';
import { pageAsJson } from './one-photo.ts';
import type { Opened } from './open.ts';

type Telling = Pick<Opened, 'photos' | 'pageOf'> & { readonly queries: Pick<Opened['queries'], 'lastRun' | 'failure'> };

/**
 * What is known of one photo, as `trace --json` tells it: the open run tells its own story; of one that has ended our rows do,
 * also when Temporal has forgotten it.
 */
export async function photoStory(opened: Telling, found: FoundAsset, sha256: (raw: Uint8Array) => string) {
  const { asset, rawPath, state, skipReason, content, description } = found;
  const workflowId = assetWorkflowId(asset.library, rawPath, sha256);
  const [live, last, failure] = await Promise.all([
    opened.photos.stage(workflowId).catch(() => undefined),
    opened.queries.lastRun(asset.assetId),
    opened.queries.failure(asset.assetId),
  ]);
  return {
    asset,
    ...pageAsJson(found),
    state,
    ...(skipReason !== undefined && { skipReason }),
    workflowId,
    webUi: opened.pageOf(workflowId),
    content,
    description,
    failure,
    story: live !== undefined && (live.open || last === undefined) ? live.story : (last?.story ?? []),
    open: live?.open ?? false,
  };
}
