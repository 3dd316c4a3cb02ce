import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { queues } from '../domain/queues.ts';
import type { UndoChoice, UndoReport } from '../domain/undo.ts';
import { type UndoInput, undoQuery, workflowTypes } from '../workflows/messages.ts';
import type { undoPublications } from '../workflows/undo.ts';
import type { FollowedRun } from './follow-run.ts';

const reportSchema = z.object({
  startedAt: z.number(),
  endedAt: z.number().exactOptional(),
  total: z.number().exactOptional(),
  looked: z.number(),
  undone: z.number(),
  edited: z.number(),
  gone: z.number(),
  listed: z.array(z.object({ assetId: z.string(), library: z.string(), path: z.string() })),
}) satisfies z.ZodType<UndoReport>;

interface UndoWish {
  readonly choice: UndoChoice;
  readonly dryRun: boolean;
  readonly limit: number | undefined;
}

/** Taking back what was written into libraries' own fields. */
export interface Undos {
  /** Begins it, or joins the same one that is under way. Throws ServiceError where Temporal is away. */
  begin(wish: UndoWish): Promise<FollowedRun<UndoReport>>;
}

export function createUndos({ client, limitMs = 10_000 }: { client: Client; limitMs?: number }): Undos {
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + limitMs, call);
  return {
    async begin(wish) {
      const { choice, dryRun, limit } = wish;
      const workflowId = undoWorkflowId(wish);
      const input: UndoInput = { choice, dryRun, ...(limit !== undefined && { limit }) };
      const handle = await limited(() =>
        client.workflow.start<typeof undoPublications>(workflowTypes.undoPublications, {
          workflowId,
          taskQueue: queues.workflows,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: dryRun ? 'Says what would be taken back' : 'Takes back what was written',
        }),
      );
      return {
        workflowId,
        report: () =>
          limited(() => handle.query(undoQuery)).then(
            (report) => reportSchema.safeParse(report).data,
            () => undefined,
          ),
        result: async (signal) => reportSchema.parse(await client.withAbortSignal(signal, () => handle.result())),
      };
    },
  };
}

/** The same wish twice at once is one run; a look and a deed are two. */
function undoWorkflowId({ choice, dryRun, limit }: UndoWish): string {
  const of = limit === undefined ? '' : `/${limit}`;
  return `undo/${choiceKey(choice)}${of}${dryRun ? '/dry-run' : ''}`;
}

function choiceKey(choice: UndoChoice): string {
  if (choice.kind === 'run') return `run/${choice.runId.slice(0, 80)}`;
  if (choice.kind === 'backfill') return `backfill/${choice.backfill}`;
  if (choice.kind === 'photo') return `photo/${choice.assetId}`;
  return `${choice.kind}/${choice.library.slice(0, 120)}/${choice.from}`;
}
