import { z } from 'zod';
import type { Database } from './connection.ts';
import { bytea } from './rows.ts';

const sampleRow = z.object({ root: z.string(), kind: z.enum(['folder', 'immich']), rawPath: bytea, path: z.string() });

export type SampledPhoto = z.output<typeof sampleRow>;

/**
 * `limit` photos of all libraries together, as far from each other as can be in the order in which they became known: the
 * same ones every time, until photos come or go. Parked ones, those that are left alone, and files that vanished, are no sample of
 * anything.
 */
export const samplePhotos = (
  database: Database,
  { limit, withImmich, signal }: { limit: number; withImmich: boolean; signal: AbortSignal },
): Promise<readonly SampledPhoto[]> =>
  database.rows(
    sampleRow,
    (sql) => sql`
      with known as (
        select a.id, l.root, l.kind, a.raw_path, a.path,
          row_number() over (order by a.id) - 1 as place, count(*) over () as total
        from darkroom.asset a join darkroom.library l on l.id = a.library_id
        where a.state not in ('gone', 'unsupported', 'parked', 'skipped') and (${withImmich} or l.kind <> 'immich')
      )
      select distinct id, root, kind, raw_path, path
      from known join generate_series(0, ${limit}::int - 1) part on place = floor((part + 0.5) * total / ${limit}::int)
      order by id`,
    { signal },
  );
