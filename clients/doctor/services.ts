import { Connection } from '@temporalio/client';
import { connect } from '../../adapters/postgres/connection.ts';
import type { Finding } from '../../domain/checkup.ts';
import { queues } from '../../domain/queues.ts';
import { type DatabaseTarget, describeTarget, postgresOptions } from '../../runtime/database/target.ts';
import { connectOptions } from '../../runtime/temporal/connect.ts';
import { z } from 'zod';

const oldestServer = [1, 31] as const;

export async function database(target: DatabaseTarget): Promise<Finding[]> {
  const about = 'database';
  const opened = connect(postgresOptions(target, { max: 1 }), { max: 1, limitMs: 5_000 });
  try {
    const [row] = await opened.rows(z.object({ version: z.string() }), (sql) => sql`select version()`);
    return [{ about, level: 'ok', detail: `${describeTarget(target)}: ${row?.version.split(' on ')[0] ?? ''}` }];
  } catch (error) {
    const todo = target.kind === 'url' ? 'Check DATABASE_URL and that the server runs.' : 'Start "darkroom up" again.';
    return [{ about, level: 'away', detail: `${describeTarget(target)}: ${messageOf(error)}`, todo }];
  } finally {
    await opened.close();
  }
}

export interface TemporalPlace {
  readonly env: NodeJS.ProcessEnv;
  /** Absent for the person's own server. */
  readonly embedded?: { readonly address: string; readonly namespace: string };
}

export async function temporal({ env, embedded }: TemporalPlace): Promise<Finding[]> {
  const about = 'Temporal';
  const { connectionOptions, namespace } = await connectOptions({ env, ...(embedded !== undefined && { embedded }) });
  const { address } = connectionOptions;
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '5 seconds' });
    try {
      const { serverVersion } = await connection.workflowService.getSystemInfo({});
      await connection.workflowService.describeNamespace({ namespace });
      const found: Finding = {
        about,
        level: 'ok',
        detail: `${address}, server ${serverVersion}, namespace ${namespace}`,
      };
      const own =
        embedded !== undefined ? [] : [...versionOf(serverVersion), ...(await partitions(connection, namespace))];
      return [found, ...own];
    } finally {
      await connection.close();
    }
  } catch (error) {
    const todo =
      embedded === undefined ? 'Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.' : 'Start "darkroom up" again.';
    return [{ about, level: 'away', detail: `${address}: ${messageOf(error)}`, todo }];
  }
}

function versionOf(serverVersion: string): Finding[] {
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  if (major > oldestServer[0] || (major === oldestServer[0] && minor >= oldestServer[1])) return [];
  const todo = 'Use server 1.31 or newer: older ones have no usable priority.';
  return [{ about: 'Temporal version', level: 'wrong', detail: serverVersion, todo }];
}

/** Priority is kept within a partition only; whether fairness is on cannot be asked of a server. */
async function partitions(connection: Connection, namespace: string): Promise<Finding[]> {
  const { activityTaskQueuePartitions } = await connection.workflowService.listTaskQueuePartitions({
    namespace,
    taskQueue: { name: queues.vision },
  });
  const count = activityTaskQueuePartitions.length;
  const about = 'Temporal partitions';
  const fairness = 'Fairness cannot be asked: matching.enableFairness should be on.';
  if (count <= 1) return [{ about, level: 'ok', detail: `one per queue. ${fairness}` }];
  const todo =
    'Set matching.numTaskqueueReadPartitions and …WritePartitions to 1, so that new photos overtake the backlog strictly.';
  return [{ about, level: 'note', detail: `${count} per queue. ${fairness}`, todo }];
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
