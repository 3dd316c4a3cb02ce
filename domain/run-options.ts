import { type AssetRef, fileName } from './asset.ts';
import { assetWorkflowId } from './paths.ts';
import { priorities, queues } from './queues.ts';

export interface RunStart {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  /** 1 to 5, 1 first. */
  readonly priority: number;
}

/** How a run of one photo is started, whoever starts it: backfill, watcher, or a person. */
export const assetRunOptions = ({ asset, rawPath, priority }: RunStart, sha256: (bytes: Uint8Array) => string) => ({
  workflowId: assetWorkflowId(asset.library, rawPath, sha256),
  taskQueue: queues.workflows,
  args: [{ asset }] as const,
  staticSummary: fileName(asset.path),
  priority: { priorityKey: priority, fairnessKey: fairnessKey(asset.library) },
});

/** How a pass through a whole library is started, whoever starts it. */
export const passRunOptions = (library: string, workflowId: string) => ({
  workflowId,
  taskQueue: queues.workflows,
  args: [{ library }],
  staticSummary: `Looks through ${library}`,
  priority: { priorityKey: priorities.normal },
});

/** Temporal allows 64 bytes; a cut name only means that two libraries may share a turn. */
const fairnessKey = (library: string): string => library.slice(0, 20);
