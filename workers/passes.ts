import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { libraryAttribute } from '../domain/queues.ts';
import { passRunOptions } from '../domain/run-options.ts';
import { backfillWorkflowId, rescanSignal, workflowTypes } from '../workflows/messages.ts';

const libraryKey = defineSearchAttributeKey(libraryAttribute, 'KEYWORD');

/** Starts a pass through a library, for `reason`; false where one is under way. Each call of Temporal is given `limitMs`. */
export function createStartPass(client: Client, limitMs = 10_000) {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  return async (library: string, reason: string): Promise<boolean> => {
    const workflowId = backfillWorkflowId(library);
    if (await limited(() => isOpen(client, workflowId))) return false;
    await limited(() =>
      // By the signal that the watcher uses: a pass which somebody starts at this moment goes round once more, and neither is lost.
      client.workflow.signalWithStart(workflowTypes.backfill, {
        ...passRunOptions(library, workflowId),
        signal: rescanSignal,
        signalArgs: [{ reason }],
        typedSearchAttributes: [{ key: libraryKey, value: library }],
      }),
    );
    return true;
  };
}

async function isOpen(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
