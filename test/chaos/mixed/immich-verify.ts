import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { connect } from '../../../adapters/postgres/connection.ts';
import { postgresOptions } from '../../../runtime/database/target.ts';
import { readRunFile } from '../../../runtime/run-file.ts';
import { verifyScheduleId } from '../../../workflows/messages.ts';

const publicationRow = z.object({ path: z.string(), state: z.string(), verified: z.boolean() });
/** What our rows say of a text in Immich. */
export type PublicationRow = z.infer<typeof publicationRow>;

const limitMs = 90_000;

/**
 * What was written is looked at again, as if minutes had gone by since: rounds of the verification, one after the other, until
 * there is nothing left that is to be looked at.
 */
export async function verifyAll(dataDir: string): Promise<PublicationRow[]> {
  const found = await readRunFile(dataDir);
  if (found.state === 'none') throw new Error('there is no run.json');
  const { database: address, temporal } = found.run;
  const connection = await Connection.connect({ address: temporal.address });
  const database = connect(postgresOptions(address, { max: 1 }), { max: 1 });
  try {
    const client = new Client({ connection, namespace: temporal.namespace });
    for (const until = Date.now() + limitMs; ; await sleep(2_000)) {
      const rows = await database.rows(
        publicationRow,
        (sql) => sql`
          select a.path, p.state, p.verified_at is not null as verified
          from darkroom.publication p join darkroom.asset a on a.id = p.asset_id`,
      );
      if (rows.every(({ state, verified }) => state !== 'written' || verified) || Date.now() > until) return rows;
      await database.run(
        (sql) => sql`
          update darkroom.publication set written_at = written_at - interval '3 minutes'
          where state = 'written' and verified_at is null and written_at > now() - interval '3 minutes'`,
      );
      await client.schedule.getHandle(verifyScheduleId).trigger();
    }
  } finally {
    await database.close();
    await connection.close();
  }
}
