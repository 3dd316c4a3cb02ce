import type { AssetRef } from '../domain/asset.ts';
import { assetWorkflowId } from '../domain/paths.ts';
import { priorities } from '../domain/queues.ts';
import type { Opened } from './open.ts';

interface Wanted {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  /** Of its library. */
  readonly kind?: 'immich' | undefined;
}

/** One photo before everything else, because a person wants it now. Returns the id of its run, which is open by then. */
export async function startDescribing(
  { photos, undoable }: Pick<Opened, 'photos' | 'undoable'>,
  { asset, rawPath, kind }: Wanted,
  sha256: (raw: Uint8Array) => string,
): Promise<string> {
  const workflowId = assetWorkflowId(asset.library, rawPath, sha256);
  // Whatever became of the last text in Immich: taken out, taken back, lost.
  if (kind === 'immich') await undoable.askAgain([asset.assetId]);
  const open = await photos.stage(workflowId).catch(() => undefined);
  if (open?.open === true) await photos.raise(workflowId, priorities.now);
  else await photos.changed({ asset, rawPath, priority: priorities.now }, 'asked for by a person');
  return workflowId;
}
