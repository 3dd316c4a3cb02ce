import { z } from 'zod';
import { connect } from '../../../adapters/postgres/connection.ts';
import { postgresOptions } from '../../../runtime/database/target.ts';
import { readRunFile } from '../../../runtime/run-file.ts';

const photoRow = z.object({
  path: z.string(),
  state: z.string(),
  waitingReason: z.string().nullable(),
  contentHash: z.string().nullable(),
  text: z.string().nullable(),
  savedAt: z.date().nullable(),
  failure: z.string().nullable(),
});
export type PhotoRow = z.infer<typeof photoRow>;

/** Each photo as the database has it now. Rejects while the database is away. */
export async function photoRows(dataDir: string): Promise<PhotoRow[]> {
  const found = await readRunFile(dataDir);
  if (found.state === 'none') throw new Error('there is no run.json');
  const database = connect(postgresOptions(found.run.database, { max: 1 }), { max: 1 });
  try {
    return await database.rows(
      photoRow,
      (sql) => sql`
        select a.path, a.state, a.waiting_reason, a.content_hash, d.text, d.created as saved_at, f.code as failure
        from darkroom.asset a
          left join darkroom.description d on d.id = a.description_id
          left join darkroom.failure f on f.asset_id = a.id
        order by a.path`,
    );
  } finally {
    await database.close();
  }
}
