import { z } from 'zod';
import { needsRun, stateWhenFound } from '../../domain/needs-run.ts';
import { showPath } from '../../domain/paths.ts';
import type { FoundFile, LibraryRecord, Registered } from '../../domain/ports.ts';
import type { Database } from './connection.ts';
import { assetState, count, id, statOf, statRow } from './rows.ts';

const foundRow = statRow.extend({
  at: count,
  id,
  path: z.string(),
  state: assetState,
  endedRecipe: z.string().nullable(),
});

/**
 * Inserts what is new and tells what is known, for one page of files, in one statement; a page of known files writes
 * nothing. Only files that are not visible yet are inserted, so that a scan of a finished library uses up no ids and leaves no
 * dead rows. The conflict that remains (somebody else inserts the same file at this moment) updates a row to what it is,
 * because only a written row is returned with what the other one had put there.
 */
export async function registerFiles(
  database: Database,
  library: LibraryRecord,
  files: readonly FoundFile[],
  recipeHash: string | undefined,
): Promise<readonly Registered[]> {
  if (files.length === 0) return [];
  const found = files.map(({ rawPath, kind }, at) => ({
    at,
    raw_path: `\\x${Buffer.from(rawPath).toString('hex')}`,
    path: showPath(rawPath),
    fresh: stateWhenFound(undefined, kind),
  }));
  const rows = await database.rows(
    foundRow,
    (sql, json) => sql`
      with found as (
        select f.*, sha256(f.raw_path) as name
        from jsonb_to_recordset(${json(found)}) as f(at integer, raw_path bytea, path text, fresh text)
      ), known as (
        select f.at, f.fresh, a.id, a.path, a.state, a.ended_recipe, a.size, a.mtime_ms, a.ctime_ms, a.inode
        from found f join darkroom.asset a on a.library_id = ${library.id} and sha256(a.raw_path) = f.name
      ), added as (
        insert into darkroom.asset (library_id, raw_path, path, state)
        select distinct on (f.raw_path) ${library.id}::bigint, f.raw_path, f.path, f.fresh from found f
        where not exists (select from known k where k.at = f.at)
        order by f.raw_path
        on conflict (library_id, sha256(raw_path)) do update set path = excluded.path
        returning id, raw_path, path, state, ended_recipe, size, mtime_ms, ctime_ms, inode
      ), supported as (
        update darkroom.asset a set state = 'new', updated = now() from known k
        where a.id = k.id and k.state = 'unsupported' and k.fresh = 'new'
      )
      select at, id, path, state, ended_recipe, size, mtime_ms, ctime_ms, inode from known
      union all
      select f.at, a.id, a.path, a.state, a.ended_recipe, a.size, a.mtime_ms, a.ctime_ms, a.inode
      from added a join found f on f.raw_path = a.raw_path
      order by at`,
  );
  return files.map((file, at) => {
    const row = rows[at];
    if (row?.at !== at) throw new Error('register lost a file of its page.');
    const { path, endedRecipe } = row;
    const state = stateWhenFound(row.state, file.kind);
    const known = { state, stat: statOf(row), endedRecipe: endedRecipe ?? undefined };
    const asset = { assetId: row.id, library: library.name, path };
    return { asset, rawPath: file.rawPath, state, needsRun: needsRun(known, file, recipeHash) };
  });
}
