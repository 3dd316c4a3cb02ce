import { z } from 'zod';
import type { PublishedQueries } from '../../domain/published.ts';
import type { Database } from './connection.ts';
import { count } from './rows.ts';

const countsRow = z.object({
  library: z.string(),
  written: count,
  seen: count,
  kept: count,
  cleared: count,
  wiped: count,
  unsure: count,
  undone: count,
});

/** How many texts stand in libraries of an Immich, and what became of the others. */
export const createPublishedQueries = ({ database }: { database: Database }): PublishedQueries => ({
  published: async () =>
    await database.rows(
      countsRow,
      // Groups by what one index holds, so that no row is read (migration 0007).
      (sql) => sql`
        with counted as (
          select library_id, state, unsure, count(*) as texts, count(verified_at) as seen
          from darkroom.publication group by library_id, state, unsure
        )
        select l.name as library,
          coalesce(sum(c.texts) filter (where c.state = 'written' and not c.unsure), 0) as written,
          coalesce(sum(c.seen) filter (where c.state = 'written' and not c.unsure), 0) as seen,
          coalesce(sum(c.texts) filter (where c.state = 'kept'), 0) as kept,
          coalesce(sum(c.texts) filter (where c.state = 'cleared'), 0) as cleared,
          coalesce(sum(c.texts) filter (where c.state = 'wiped'), 0) as wiped,
          coalesce(sum(c.texts) filter (where c.state = 'written' and c.unsure), 0) as unsure,
          coalesce(sum(c.texts) filter (where c.state = 'undone'), 0) as undone
        from counted c join darkroom.library l on l.id = c.library_id
        group by l.name order by l.name`,
    ),
});
