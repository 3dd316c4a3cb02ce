import { Client, Connection } from '@temporalio/client';
import type { Run } from '../../runtime/run-file.ts';

export interface RunSummary {
  readonly workflowId: string;
  readonly events: number;
  readonly status: string;
}

/** Every run of a photo that the server of this `up` knows. */
export async function photoRuns({ temporal: { address, namespace } }: Run): Promise<readonly RunSummary[]> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    const runs: RunSummary[] = [];
    for await (const found of client.workflow.list({ query: "WorkflowType = 'processAsset'" })) {
      // Visibility lags and has no length for open runs.
      const { historyLength, status } = await client.workflow.getHandle(found.workflowId, found.runId).describe();
      runs.push({ workflowId: found.workflowId, events: historyLength, status: status.name });
    }
    return runs;
  } finally {
    await connection.close();
  }
}
