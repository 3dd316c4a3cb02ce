import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Runs } from '../domain/ports.ts';
import { libraryAttribute } from '../domain/queues.ts';
import { assetRunOptions } from '../domain/run-options.ts';
import { sha256 } from '../runtime/sha256.ts';
import { workflowTypes } from '../workflows/messages.ts';

const library = defineSearchAttributeKey(libraryAttribute, 'KEYWORD');

/** Runs as activities need them: start one, count them, is one open? Every call is given `limitMs`. */
export function createRuns(client: Client, limitMs = 10_000): Runs {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  return {
    async start(run) {
      const start = () =>
        client.workflow.start(workflowTypes.processAsset, {
          ...assetRunOptions(run, sha256),
          args: [{ asset: run.asset }],
          // Not USE_EXISTING, which does not say whether the run is a new one.
          workflowIdConflictPolicy: 'FAIL',
          typedSearchAttributes: [{ key: library, value: run.asset.library }],
        });
      try {
        await limited(start);
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
    async isOpen(workflowId) {
      try {
        const { status } = await limited(() => client.workflow.getHandle(workflowId).describe());
        return status.name === 'RUNNING' || status.name === 'PAUSED';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
  };
}
