import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { readRunFile } from '../../../runtime/run-file.ts';

/** Ids of workflows that are open, when none is left or `limitMs` are over: the list lags a second or two behind. */
export async function openRuns(dataDir: string, limitMs: number): Promise<string[]> {
  const found = await readRunFile(dataDir);
  if (found.state === 'none') throw new Error('there is no run.json');
  const { address, namespace } = found.run.temporal;
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    for (const until = Date.now() + limitMs; ; await sleep(500)) {
      const open: string[] = [];
      for await (const run of client.workflow.list({ query: "ExecutionStatus = 'Running'" })) open.push(run.workflowId);
      if (open.length === 0 || Date.now() > until) return open;
    }
  } finally {
    await connection.close();
  }
}
