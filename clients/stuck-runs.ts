import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';

/** Set by the server on a run whose workflow task fails again and again (runtime/temporal/server-config.ts), and taken off when one succeeds. */
const problemsKey = defineSearchAttributeKey('TemporalReportedProblems', 'KEYWORD_LIST');

/** Of Temporal's query language: every run, of whatever kind, that cannot go on. */
export const stuckQuery = `ExecutionStatus = 'Running' AND ${problemsKey.name} IS NOT NULL`;

interface StuckRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** As the server says it: `cause=WorkflowTaskFailedCauseNonDeterministicError`. */
  readonly problems: readonly string[];
}

export interface StuckRuns {
  readonly count: number;
  /** Absent where there is none. */
  readonly example?: StuckRun;
}

/** Runs whose workflow task fails again and again: their workflow was changed under them. Each call is given `limitMs`. */
export async function lookForStuck(client: Client, limitMs = 10_000): Promise<StuckRuns> {
  return await client.withDeadline(Date.now() + limitMs, async () => {
    const { count } = await client.workflow.count(stuckQuery);
    if (count === 0) return { count };
    for await (const run of client.workflow.list({ query: stuckQuery, pageSize: 1 })) {
      const { workflowId, runId, type, startTime, typedSearchAttributes } = run;
      const problems = typedSearchAttributes.get(problemsKey) ?? [];
      return { count, example: { workflowId, runId, type, startedAt: startTime.getTime(), problems } };
    }
    return { count };
  });
}

/** One line; absent where none is stuck. */
export function stuckInWords({ count, example }: StuckRuns): string | undefined {
  if (count === 0) return undefined;
  const which = example === undefined ? '' : `${count === 1 ? ': ' : ', for example '}${example.workflowId}`;
  const what =
    count === 1
      ? '1 run cannot go on, its workflow task fails'
      : `${count} runs cannot go on, their workflow tasks fail`;
  return `${what} again and again${which}`;
}
