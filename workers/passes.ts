import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { GoneOn } from '../activities/reconcile.ts';
import type { BegunBackfill } from '../domain/backfill-store.ts';
import { libraryAttribute, queues } from '../domain/queues.ts';
import { passRunOptions } from '../domain/run-options.ts';
import { type BackfillInput, backfillWorkflowId, rescanSignal, workflowTypes } from '../workflows/messages.ts';

const libraryKey = defineSearchAttributeKey(libraryAttribute, 'KEYWORD');

/** Starts a pass through a library, for `reason`; false where one is under way. Each call of Temporal is given `limitMs`. */
export function createStartPass(client: Client, limitMs = 10_000) {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  return async (library: string, reason: string): Promise<boolean> => {
    const workflowId = backfillWorkflowId(library);
    const status = await limited(() => statusOf(client, workflowId));
    if (status !== undefined && isUnderWay(status)) return false;
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

/** Is a pass through a library under way? */
export function createIsPassing(client: Client, limitMs = 10_000) {
  return async (library: string): Promise<boolean> => {
    const workflowId = backfillWorkflowId(library);
    const status = await client.withDeadline(Date.now() + limitMs, () => statusOf(client, workflowId));
    return status !== undefined && isUnderWay(status);
  };
}

/** Begins a backfill of chosen photos again where Temporal knows nothing of it: under its own id, for what is left of it. */
export function createGoOnWith(client: Client, limitMs = 10_000) {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  return async (begun: BegunBackfill): Promise<GoneOn> => {
    const status = await limited(() => statusOf(client, begun.workflowId));
    if (status !== undefined && !isUnderWay(status)) {
      // One that ends by itself says so in its own row; it may be doing that now.
      return status === 'COMPLETED' ? { kind: 'under way' } : { kind: 'ended', how: status };
    }
    if (status !== undefined || !(await startAgain(client, begun, limited))) return { kind: 'under way' };
    return { kind: 'begun again' };
  };
}

async function startAgain(client: Client, begun: BegunBackfill, limited: <T>(call: () => Promise<T>) => Promise<T>) {
  const { workflowId, library, priority } = begun;
  const { backfill: goesOn, ...chosen } = begun.chosen;
  const input: BackfillInput = { library, chosen, priority, goesOn };
  const options = {
    workflowId,
    taskQueue: queues.workflows,
    args: [input] as [BackfillInput],
    workflowIdConflictPolicy: 'FAIL' as const,
    typedSearchAttributes: [{ key: libraryKey, value: library }],
  };
  try {
    await limited(() => client.workflow.start(workflowTypes.backfill, options));
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

const isUnderWay = (status: string): boolean => status === 'RUNNING' || status === 'PAUSED';

async function statusOf(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
