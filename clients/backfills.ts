import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { ChosenPhotos } from '../domain/contract.ts';
import { libraryAttribute, queues } from '../domain/queues.ts';
import {
  type BackfillInput,
  type BackfillView,
  backfillWorkflowId,
  cancelSignal,
  pauseSignal,
  prioritizeSignal,
  progressQuery,
  resumeSignal,
  setWindowUpdate,
  workflowTypes,
} from '../workflows/messages.ts';

const libraryKey = defineSearchAttributeKey(libraryAttribute, 'KEYWORD');

interface BackfillStart {
  readonly library: string;
  /** Tells this choice from others of the library; the same choice twice at once is one backfill. */
  readonly name: string;
  readonly chosen: Omit<ChosenPhotos, 'backfill'>;
  readonly summary: string;
  /** 1 to 5. */
  readonly priority: number;
}

export interface OpenBackfill {
  /** As in `backfill_photo` and `backfill`: the id of its first run, or of the one that was lost and goes on in it. */
  readonly backfill: string;
  readonly workflowId: string;
  readonly library: string;
  /** Milliseconds since 1970: of its first run where a worker answers, else of the present one. */
  readonly startedAt: number;
  /** Undefined while no worker answers. */
  readonly view: BackfillView | undefined;
}

/** Start, ask and steer backfills, each call with a time-out. Every method throws ServiceError where Temporal is away. */
export interface Backfills {
  start(input: BackfillStart): Promise<{ workflowId: string; backfill: string; isNew: boolean }>;
  /** Those that run now, passes through whole libraries too. `limitMs` for each question, where they are to be fewer than usual. */
  open(options?: { limitMs?: number }): Promise<readonly OpenBackfill[]>;
  pause(workflowId: string, input: { reason: string; for?: string }): Promise<void>;
  resume(workflowId: string): Promise<void>;
  cancel(workflowId: string, reason: string): Promise<void>;
  prioritize(workflowId: string, priority: number): Promise<void>;
  setWindow(workflowId: string, window: number): Promise<void>;
}

export interface BackfillsDeps {
  readonly client: Client;
  /** Milliseconds that one call may take. */
  readonly limitMs?: number;
}

/** A question to a workflow waits for a worker; a list must not wait long for one that is away. */
const withView = (one: Omit<OpenBackfill, 'view'>, view: BackfillView | undefined): OpenBackfill => ({
  ...one,
  startedAt: view?.since ?? one.startedAt,
  backfill: view?.chosen?.backfill ?? one.backfill,
  view,
});

const askLimitMs = 3_000;
const running = `WorkflowType = '${workflowTypes.backfill}' AND ExecutionStatus = 'Running'`;

export function createBackfills({ client, limitMs = 10_000 }: BackfillsDeps): Backfills {
  const limited = <T>(call: () => Promise<T>, ms = limitMs): Promise<T> => client.withDeadline(Date.now() + ms, call);
  const handleOf = (workflowId: string) => client.workflow.getHandle(workflowId);
  const viewOf = (workflowId: string): Promise<BackfillView | undefined> =>
    limited(() => handleOf(workflowId).query(progressQuery), askLimitMs).catch(() => undefined);
  return {
    async start({ library, name, chosen, summary, priority }) {
      const workflowId = backfillWorkflowId(library, name);
      const input: BackfillInput = { library, chosen, priority };
      const options = {
        workflowId,
        taskQueue: queues.workflows,
        args: [input] as [BackfillInput],
        staticSummary: summary.slice(0, 200),
        workflowIdConflictPolicy: 'FAIL' as const,
        typedSearchAttributes: [{ key: libraryKey, value: library }],
      };
      try {
        const { firstExecutionRunId } = await limited(() => client.workflow.start(workflowTypes.backfill, options));
        return { workflowId, backfill: firstExecutionRunId, isNew: true };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        return { workflowId, backfill: await firstRunOf(workflowId), isNew: false };
      }
    },
    async open({ limitMs: ms = limitMs } = {}) {
      const found: Omit<OpenBackfill, 'view'>[] = [];
      const list = async () => {
        for await (const { workflowId, startTime, typedSearchAttributes } of client.workflow.list({ query: running })) {
          const library = typedSearchAttributes.get(libraryKey) ?? '';
          found.push({
            workflowId,
            library,
            startedAt: startTime.getTime(),
            backfill: await firstRunOf(workflowId, ms),
          });
        }
      };
      await limited(list, ms);
      return await Promise.all(found.map(async (one) => withView(one, await viewOf(one.workflowId))));
    },
    pause: (workflowId, input) => limited(() => handleOf(workflowId).signal(pauseSignal, input)),
    resume: (workflowId) => limited(() => handleOf(workflowId).signal(resumeSignal, undefined)),
    cancel: (workflowId, reason) => limited(() => handleOf(workflowId).signal(cancelSignal, { reason })),
    prioritize: (workflowId, priority) => limited(() => handleOf(workflowId).signal(prioritizeSignal, { priority })),
    async setWindow(workflowId, window) {
      await limited(() => handleOf(workflowId).executeUpdate(setWindowUpdate, { args: [{ window }] }));
    },
  };

  async function firstRunOf(workflowId: string, ms = limitMs): Promise<string> {
    try {
      const { raw } = await limited(() => handleOf(workflowId).describe(), ms);
      return raw.workflowExecutionInfo?.firstRunId ?? '';
    } catch (error) {
      // It has ended since it was seen.
      if (error instanceof WorkflowNotFoundError) return '';
      throw error;
    }
  }
}
