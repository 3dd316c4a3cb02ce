import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { libraryAttribute } from '../domain/queues.ts';
import { assetRunOptions, passRunOptions, type RunStart } from '../domain/run-options.ts';
import {
  backfillWorkflowId,
  changedSignal,
  type ProcessAssetResult,
  rescanSignal,
  type StageView,
  stageQuery,
  workflowTypes,
} from '../workflows/messages.ts';
import type { processAsset } from '../workflows/process-asset.ts';

/** NOT_FOUND of gRPC. */
const grpcNotFound = 5;
const libraryKey = defineSearchAttributeKey(libraryAttribute, 'KEYWORD');

/** Start, ask, tell: what everybody outside the workers may do with photos, each call with a time-out. */
export interface Photos {
  /** The file is new or changed, or somebody wants it looked at: a run is started, or the open one does it once more. */
  changed(run: RunStart, reason: string): Promise<{ workflowId: string }>;
  /** Look through the library: now, or again after the pass under way. */
  scan(library: string, reason: string): Promise<void>;
  /** Is a pass through this library under way? */
  scanning(library: string): Promise<boolean>;
  /** Undefined where Temporal has no such run (any more). */
  stage(workflowId: string): Promise<(StageView & { open: boolean; runId: string }) | undefined>;
  /** Waits for the run's end, as long as it takes. Rejects with Temporal's failure where it was parked. */
  result(workflowId: string, signal: AbortSignal): Promise<ProcessAssetResult>;
  /** Gives an open run another priority, its waiting call included (server 1.31 or newer). False where no run is open. */
  raise(workflowId: string, priority: number): Promise<boolean>;
  /** Starts a run where none is open; one that is open is left alone. False where one is. */
  startNew(run: RunStart): Promise<boolean>;
  /** Runs of photos that are open now. */
  countOpen(): Promise<number>;
}

export interface PhotosDeps {
  readonly client: Client;
  readonly sha256: (bytes: Uint8Array) => string;
  /** Milliseconds that one call may take. */
  readonly limitMs?: number;
}

export function createPhotos({ client, sha256, limitMs = 10_000 }: PhotosDeps): Photos {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  const handleOf = (workflowId: string) => client.workflow.getHandle<typeof processAsset>(workflowId);
  return {
    async changed(run, reason) {
      const options = {
        ...assetRunOptions(run, sha256),
        args: [{ asset: run.asset }] as [{ asset: RunStart['asset'] }],
        signal: changedSignal,
        signalArgs: [{ reason }] as [{ reason: string }],
        typedSearchAttributes: [{ key: libraryKey, value: run.asset.library }],
      };
      await limited(() =>
        client.workflow.signalWithStart<typeof processAsset, [{ reason: string }]>(workflowTypes.processAsset, options),
      );
      return { workflowId: options.workflowId };
    },
    async scan(library, reason) {
      const options = {
        ...passRunOptions(library, backfillWorkflowId(library)),
        signal: rescanSignal,
        signalArgs: [{ reason }] as [{ reason: string }],
        typedSearchAttributes: [{ key: libraryKey, value: library }],
      };
      await limited(() => client.workflow.signalWithStart(workflowTypes.backfill, options));
    },
    scanning: (library) => isOpen(client, backfillWorkflowId(library), limited),
    async stage(workflowId) {
      try {
        const { runId, status } = await limited(() => handleOf(workflowId).describe());
        const view = await limited(() => handleOf(workflowId).query(stageQuery));
        return { ...view, runId, open: status.name === 'RUNNING' };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },
    result: (workflowId, signal) => client.withAbortSignal(signal, () => handleOf(workflowId).result()),
    async raise(workflowId, priority) {
      try {
        await limited(() =>
          client.workflowService.updateWorkflowExecutionOptions({
            namespace: client.options.namespace,
            workflowExecution: { workflowId },
            workflowExecutionOptions: { priority: { priorityKey: priority } },
            updateMask: { paths: ['priority.priority_key'] },
          }),
        );
        return true;
      } catch (error) {
        if (!isGrpcServiceError(error)) throw error;
        const code: number = error.code;
        // No such run, or one that has ended.
        if (code === grpcNotFound) return false;
        throw new ServiceError(`Temporal: ${error.message}`, { cause: error });
      }
    },
    async startNew(run) {
      const options = {
        ...assetRunOptions(run, sha256),
        args: [{ asset: run.asset }] as [{ asset: RunStart['asset'] }],
        workflowIdConflictPolicy: 'FAIL' as const,
        typedSearchAttributes: [{ key: libraryKey, value: run.asset.library }],
      };
      try {
        await limited(() => client.workflow.start<typeof processAsset>(workflowTypes.processAsset, options));
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    },
    async countOpen() {
      const query = `WorkflowType = '${workflowTypes.processAsset}' AND ExecutionStatus = 'Running'`;
      return (await limited(() => client.workflow.count(query))).count;
    },
  };
}

async function isOpen(client: Client, workflowId: string, limited: <T>(call: () => Promise<T>) => Promise<T>) {
  try {
    return (await limited(() => client.workflow.getHandle(workflowId).describe())).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
