import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { queues } from '../domain/queues.ts';
import type { ReconcileReport } from '../domain/reconcile.ts';
import { reconcileNowId, reconcileQuery, workflowTypes } from '../workflows/messages.ts';
import type { reconcile } from '../workflows/reconcile.ts';
import type { FollowedRun } from './follow-run.ts';

/** As a run answers it, and as it stands in the database. */
export const reportSchema = z.object({
  startedAt: z.number(),
  endedAt: z.number().exactOptional(),
  looked: z.number(),
  started: z.number(),
  gone: z.number(),
  passes: z.array(z.string()),
  problems: z.array(z.string()),
}) satisfies z.ZodType<ReconcileReport>;

/** Looking for what is missing, when somebody asks for it. */
export interface Reconciles {
  /** Begins one, or joins the one that somebody asked for before. */
  begin(): Promise<FollowedRun<ReconcileReport>>;
}

export function createReconciles({ client, limitMs = 10_000 }: { client: Client; limitMs?: number }): Reconciles {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  return {
    async begin() {
      const handle = await limited(() =>
        client.workflow.start<typeof reconcile>(workflowTypes.reconcile, {
          workflowId: reconcileNowId,
          taskQueue: queues.workflows,
          // A person who asks has just seen something: rows that were touched a moment ago are looked at too.
          args: [{ quietMs: 0 }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: 'Looks for what is missing',
        }),
      );
      return {
        workflowId: reconcileNowId,
        report: () =>
          limited(() => handle.query(reconcileQuery)).then(
            (report) => reportSchema.safeParse(report).data,
            () => undefined,
          ),
        result: async (signal) => reportSchema.parse(await client.withAbortSignal(signal, () => handle.result())),
      };
    },
  };
}
