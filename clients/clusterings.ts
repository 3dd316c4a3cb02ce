import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { ClusterRound } from '../domain/cluster-round.ts';
import { queues } from '../domain/queues.ts';
import type { clusterFaces } from '../workflows/cluster-faces.ts';
import { clusterNowId, clusterQuery, workflowTypes } from '../workflows/messages.ts';
import type { FollowedRun } from './follow-run.ts';

const count = z.number();
const roundSchema = z.object({
  startedAt: count,
  endedAt: count.exactOptional(),
  looked: count,
  assigned: count,
  people: count,
  suggested: count,
  deferred: count,
}) satisfies z.ZodType<ClusterRound>;

/** Looking whose the faces are that nobody has, when somebody asks for it. */
export interface Clusterings {
  /** Begins a round through all of them, or joins the one that somebody asked for before. */
  begin(model: string): Promise<FollowedRun<ClusterRound>>;
}

export function createClusterings({ client, limitMs = 10_000 }: { client: Client; limitMs?: number }): Clusterings {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  return {
    async begin(model) {
      const handle = await limited(() =>
        client.workflow.start<typeof clusterFaces>(workflowTypes.clusterFaces, {
          workflowId: clusterNowId,
          taskQueue: queues.workflows,
          args: [{ model, all: true }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: 'Looks whose the faces are that nobody has',
        }),
      );
      return {
        workflowId: clusterNowId,
        report: () =>
          limited(() => handle.query(clusterQuery)).then(
            (round) => roundSchema.safeParse(round).data,
            () => undefined,
          ),
        result: async (signal) => roundSchema.parse(await client.withAbortSignal(signal, () => handle.result())),
      };
    },
  };
}
