import { z } from 'zod';
import type { FirstLookQueries } from '../../domain/first-look.ts';
import type { Database } from './connection.ts';
import { count, isId } from './rows.ts';

const heldRow = z.object({ path: z.string(), text: z.string(), model: z.string() });
const openRow = z.object({ open: count });

/** What the first look of an Immich library has to show. */
export function createFirstLookQueries({ database }: { database: Database }): FirstLookQueries {
  return {
    async held(libraryId, limit) {
      return await database.rows(
        heldRow,
        (sql) => sql`
          select a.path, d.text, d.model
          from darkroom.publication p
          join darkroom.asset a on a.id = p.asset_id
          join darkroom.description d on d.id = a.description_id
          where a.library_id = ${isId(libraryId) ? libraryId : '0'} and p.state = 'held' and a.state = 'done'
          order by a.id limit ${limit}`,
      );
    },
    async open(libraryId) {
      const [row] = await database.rows(
        openRow,
        (sql) => sql`
          select count(*) as open from darkroom.asset a
          where a.library_id = ${isId(libraryId) ? libraryId : '0'} and a.state in ('open', 'waiting')`,
      );
      return row?.open ?? 0;
    },
  };
}
