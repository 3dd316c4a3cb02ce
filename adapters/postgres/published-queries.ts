import { z } from 'zod';
import type { PublishedQueries } from '../../domain/published.ts';
import type { Database } from './connection.ts';
import { count } from './rows.ts';
import { unsureNote } from './verification-store.ts';

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
      (sql) => sql`
        select l.name as library,
          count(*) filter (where p.state = 'written' and p.note is distinct from ${unsureNote}) as written,
          count(*) filter (where p.state = 'written' and p.verified_at is not null and p.note is distinct from ${unsureNote})
            as seen,
          count(*) filter (where p.state = 'kept') as kept,
          count(*) filter (where p.state = 'cleared') as cleared,
          count(*) filter (where p.state = 'wiped') as wiped,
          count(*) filter (where p.state = 'written' and p.note = ${unsureNote}) as unsure,
          count(*) filter (where p.state = 'undone') as undone
        from darkroom.publication p
          join darkroom.asset a on a.id = p.asset_id
          join darkroom.library l on l.id = a.library_id
        where p.target = 'immich'
        group by 1 order by 1`,
    ),
});
