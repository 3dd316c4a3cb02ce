import { z } from 'zod';
import type { Database, Sql } from '../postgres/connection.ts';

/** From here on a search goes on behind what it was told to look at first, so that people are found behind faces of nobody. */
const wanted = [0, 8] as const;

const versionRow = z.object({ installed: z.string().nullable(), available: z.string().nullable() });
const indexRow = z.object({
  create: z.string(),
  drop: z.string(),
  isValid: z.boolean().nullable(),
  isBeingMade: z.boolean(),
});

/**
 * Makes what searches need in a database that has pgvector, or may have it; false where it has not, or too old a one. Throws
 * TransientError DatabaseUnavailable, ConfigError BadConfig where it may not make a function.
 */
export async function preparePgvector(database: Database): Promise<boolean> {
  const [version] = await database.rows(
    versionRow,
    (sql) => sql`
      select (select extversion from pg_extension where extname = 'vector') as installed,
        (select default_version from pg_available_extensions where name = 'vector') as available`,
  );
  if (!isNewEnough(version?.installed ?? version?.available)) return false;
  if (version?.installed === null) await database.run((sql) => sql`create extension if not exists vector`);
  await database.run(makeFunction);
  return true;
}

function isNewEnough(version: string | null | undefined): boolean {
  const [major = Number.NaN, minor = Number.NaN] = (version ?? '').split('.').map(Number);
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
}

/**
 * The server walks from the nearest face on, and is stopped where enough were found or they are no longer alike: so a face with a
 * person is found behind any number of faces without one. Under a lock: two processes may start at once.
 */
const makeFunction = (sql: Sql) => sql`
  do $make$
  begin
    perform pg_advisory_xact_lock(7233188282340700014);
    create or replace function darkroom.nearest_faces(
      a_model text, a_vector text, most integer, least_cosine double precision, with_person boolean, without_face bigint)
    returns table (face_id bigint, person_id bigint, cosine double precision)
    language plpgsql stable
    set hnsw.ef_search = 200 set hnsw.iterative_scan = 'strict_order' set hnsw.max_scan_tuples = 200000
    set enable_seqscan = off set enable_sort = off
    as $body$
    declare
      found_so_far integer := 0;
    begin
      for face_id, cosine in execute format(
        'select v.face_id, 1 - (v.embedding::vector(512) <=> $1) from darkroom.face_vector v where v.model = %L
          order by v.embedding::vector(512) <=> $1', a_model) using a_vector::vector(512)
      loop
        exit when found_so_far >= most or cosine < least_cosine;
        continue when face_id = without_face;
        select f.person_id into person_id from darkroom.face_detection f where f.id = face_id;
        continue when with_person and person_id is null;
        found_so_far := found_so_far + 1;
        return next;
      end loop;
    end
    $body$;
  end
  $make$`;

/**
 * Makes the index of one model where it is not there, beside the writes of others. One that was left unfinished, by a kill, is made
 * anew. The database's limit must be long enough: 100,000 vectors take minutes.
 */
export async function makeFaceIndex(database: Database, model: string): Promise<void> {
  const [index] = await database.rows(
    indexRow,
    (sql) => sql`
      select format(
          'create index concurrently if not exists %I on darkroom.face_vector
            using hnsw ((embedding::vector(512)) vector_cosine_ops) where model = %L', n.name, ${model}::text) as create,
        format('drop index concurrently if exists darkroom.%I', n.name) as drop,
        (select i.indisvalid from pg_index i where i.indexrelid = to_regclass(format('darkroom.%I', n.name))) as is_valid,
        exists (
          select from pg_stat_progress_create_index p where p.index_relid = to_regclass(format('darkroom.%I', n.name))
        ) as is_being_made
      from (select 'face_vector_near_' || left(md5(${model}::text), 16) as name) n`,
  );
  // By another worker, or by the server for one that was killed: searches do without it until it is there.
  if (index === undefined || index.isValid === true || index.isBeingMade) return;
  if (index.isValid === false) await database.run((sql) => sql.unsafe(index.drop));
  await database.run((sql) => sql.unsafe(index.create));
}
