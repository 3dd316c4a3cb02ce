import { z } from 'zod';
import type { EndedPhotos } from '../../domain/finish.ts';
import type { Database } from './connection.ts';
import { count } from './rows.ts';

const endedRow = z.object({
  described: count,
  parked: count,
  lastAt: z
    .date()
    .nullable()
    .transform((date) => date?.getTime()),
});

/**
 * Photos by how their last run ended, of runs that ended at `since` (milliseconds since 1970) or later, by the index alone. A
 * photo that changed meanwhile has several.
 */
export const createEndedPhotos =
  ({ database }: { database: Database }) =>
  async (since: number): Promise<EndedPhotos> => {
    const [row] = await database.rows(
      endedRow,
      (sql) => sql`
        select count(*) filter (where outcome = 'done') as described,
          count(*) filter (where outcome = 'parked') as parked, max(ended) as last_at
        from (
          select distinct on (asset_id) outcome, ended
          from darkroom.asset_run where ended >= ${new Date(since).toISOString()}::text::timestamptz
          order by asset_id, ended desc
        ) as latest`,
    );
    return row ?? { described: 0, parked: 0 };
  };
