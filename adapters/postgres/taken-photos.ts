import { z } from 'zod';
import type { ChosenPhoto, TakenPhotos } from '../../domain/backfill-store.ts';
import type { Database } from './connection.ts';
import { assetState, bytea, count, id } from './rows.ts';

const photoRow = z.object({
  id,
  library: z.string(),
  path: z.string(),
  state: assetState,
  formerText: z.string().nullable(),
  formerModel: z.string().nullable(),
  text: z.string().nullable(),
  model: z.string().nullable(),
});
const rawRow = z.object({ id, library: z.string(), path: z.string(), rawPath: bytea, state: assetState });
const countsRow = z.object({ total: count, rewritten: count, parked: count });

/** See `BackfillStore.taken`. */
export async function takenPhotos(database: Database, backfill: string, limit: number): Promise<TakenPhotos> {
  const [[counts], rows] = await Promise.all([
    database.rows(
      countsRow,
      (sql) => sql`
        select count(*) as total, count(*) filter (where a.state = 'parked') as parked,
          count(*) filter (where a.description_id is distinct from b.former_description) as rewritten
        from darkroom.backfill_photo b join darkroom.asset a on a.id = b.asset_id where b.backfill = ${backfill}`,
    ),
    database.rows(
      photoRow,
      (sql) => sql`
        select a.id, l.name as library, a.path, a.state, f.text as former_text, f.model as former_model, d.text, d.model
        from darkroom.backfill_photo b
          join darkroom.asset a on a.id = b.asset_id
          join darkroom.library l on l.id = a.library_id
          left join darkroom.description f on f.id = b.former_description
          left join darkroom.description d on d.id = a.description_id and d.id is distinct from b.former_description
        where b.backfill = ${backfill} order by b.taken desc, a.id limit ${limit}`,
    ),
  ]);
  const written = (text: string | null, model: string | null) =>
    text === null || model === null ? undefined : { text, model };
  const photos = rows.map(({ id: assetId, library, path, state, ...row }) => ({
    asset: { assetId, library, path },
    state,
    before: written(row.formerText, row.formerModel),
    now: written(row.text, row.model),
  }));
  return { ...(counts ?? { total: 0, rewritten: 0, parked: 0 }), photos };
}

/** See `BackfillStore.unfinished`. */
export async function unfinishedPhotos(
  database: Database,
  backfill: string,
  limit: number,
): Promise<readonly ChosenPhoto[]> {
  const rows = await database.rows(
    rawRow,
    (sql) => sql`
      select a.id, l.name as library, a.path, a.raw_path, a.state
      from darkroom.backfill_photo b
        join darkroom.asset a on a.id = b.asset_id
        join darkroom.library l on l.id = a.library_id
      where b.backfill = ${backfill} and a.description_id is not distinct from b.former_description
      order by b.taken desc, a.id limit ${limit}`,
  );
  return rows.map(({ id: assetId, library, path, ...photo }) => ({ ...photo, asset: { assetId, library, path } }));
}
