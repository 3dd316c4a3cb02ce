import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { connect } from '../../adapters/postgres/connection.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import type { Run } from '../../runtime/run-file.ts';
import { backfillWorkflowId } from '../../workflows/messages.ts';

const row = z.object({ seconds: z.coerce.number() });

/** Photos per second from the begin of the first run until so many runs had ended. */
export async function rateAt({ database }: Run, photos: number): Promise<number> {
  const rows = connect(postgresOptions(database, { max: 1 }), { max: 1 });
  try {
    const [found] = await rows.rows(
      row,
      (sql) => sql`
        select extract(epoch from e.ended - (select min(started) from darkroom.asset_run)) as seconds
        from darkroom.asset_run e order by e.ended offset ${photos - 1} limit 1`,
    );
    return photos / (found?.seconds ?? Number.NaN);
  } finally {
    await rows.close();
  }
}

/** Is the latest pass through this library one that was begun after `since`, and over? */
export async function passIsOver({ temporal: { address, namespace } }: Run, library: string, since: number) {
  const connection = await Connection.connect({ address });
  try {
    const handle = new Client({ connection, namespace }).workflow.getHandle(backfillWorkflowId(library));
    const { startTime, status } = await handle.describe();
    return startTime.getTime() >= since && status.name === 'COMPLETED';
  } finally {
    await connection.close();
  }
}
