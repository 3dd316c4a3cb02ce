import { z } from 'zod';
import type { KnownImmichAsset } from '../../domain/immich-store.ts';
import type { LibraryRecord } from '../../domain/ports.ts';
import type { Database } from './connection.ts';
import { publicationColumns, publicationOf, publicationRow } from './publication-row.ts';
import { assetState, count, id, statOf, statRow } from './rows.ts';

const knownRow = statRow.extend({
  at: count,
  id,
  path: z.string(),
  state: assetState,
  endedRecipe: z.string().nullable(),
  publication: publicationRow.nullable(),
  peopleHash: z.string().nullable(),
  peopleChanged: z.boolean(),
});

/**
 * Inserts what is new and tells what is known, for one page of Immich's, in one statement. The key is the asset's id; a name
 * that changed in Immich stays what it was here, because runs go by it.
 */
export async function registerImmich(
  database: Database,
  library: LibraryRecord,
  assets: readonly { readonly id: string; readonly path: string }[],
): Promise<readonly KnownImmichAsset[]> {
  if (assets.length === 0) return [];
  const found = assets.map((asset, at) => ({ at, raw_path: rawOf(asset.id), path: asset.path }));
  const rows = await database.rows(
    knownRow,
    (sql, json) => sql`
      with found as (
        select f.*, sha256(f.raw_path) as name
        from jsonb_to_recordset(${json(found)}) as f(at integer, raw_path bytea, path text)
      ), known as (
        select f.at, a.id, a.path, a.state, a.ended_recipe, a.size, a.mtime_ms, a.ctime_ms, a.inode,
          a.people_hash, a.people_changed is not null as people_changed
        from found f join darkroom.asset a on a.library_id = ${library.id} and sha256(a.raw_path) = f.name
      ), added as (
        insert into darkroom.asset (library_id, raw_path, path, state)
        select distinct on (f.raw_path) ${library.id}::bigint, f.raw_path, f.path, 'new' from found f
        where not exists (select from known k where k.at = f.at)
        order by f.raw_path
        on conflict (library_id, sha256(raw_path)) do update set path = darkroom.asset.path
        returning id, raw_path, path, state, ended_recipe, size, mtime_ms, ctime_ms, inode, people_hash, people_changed
      ), every_one as (
        select * from known
        union all
        select f.at, a.id, a.path, a.state, a.ended_recipe, a.size, a.mtime_ms, a.ctime_ms, a.inode, a.people_hash,
          a.people_changed is not null
        from added a join found f on f.raw_path = a.raw_path
      )
      select e.*, p.publication
      from every_one e left join lateral (
        select ${publicationColumns(sql)} as publication from darkroom.publication p where p.asset_id = e.id and p.target = 'immich'
      ) p on true
      order by e.at`,
  );
  return assets.map((one, at) => {
    const row = rows[at];
    if (row?.at !== at) throw new Error('register lost an asset of its page.');
    return {
      asset: { assetId: row.id, library: library.name, path: row.path },
      rawPath: new TextEncoder().encode(one.id),
      state: row.state,
      stat: statOf(row),
      endedRecipe: row.endedRecipe ?? undefined,
      publication: row.publication === null ? undefined : publicationOf(row.publication),
      people: { told: row.peopleHash ?? undefined, changed: row.peopleChanged },
    };
  });
}

const rawOf = (id: string): string => `\\x${Buffer.from(id).toString('hex')}`;
