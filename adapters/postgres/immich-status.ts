import { z } from 'zod';
import type { ImmichStatusQueries } from '../../domain/immich-status.ts';
import type { Database } from './connection.ts';
import { count } from './rows.ts';

const skipRow = z.object({ library: z.string(), reason: z.string(), count });
const heldRow = z.object({ library: z.string(), count });

/** The questions of `status` about Immich libraries. */
export function createImmichStatusQueries({ database }: { database: Database }): ImmichStatusQueries {
  return {
    async skipReasons() {
      return await database.rows(
        skipRow,
        (sql) => sql`
          select l.name as library, coalesce(a.skip_reason, 'for a reason that nobody noted') as reason, count(*)
          from darkroom.asset a join darkroom.library l on l.id = a.library_id
          where a.state = 'skipped'
          group by 1, 2 order by 1, 3 desc, 2`,
      );
    },
    async heldTexts() {
      return await database.rows(
        heldRow,
        (sql) => sql`
          select l.name as library, count(*)
          from darkroom.publication p
            join darkroom.asset a on a.id = p.asset_id
            join darkroom.library l on l.id = a.library_id
          where p.state = 'held' and a.state = 'done'
          group by 1 order by 1`,
      );
    },
  };
}
