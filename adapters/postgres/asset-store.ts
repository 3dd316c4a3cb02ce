import { z } from 'zod';
import type { AssetStore } from '../../domain/ports.ts';
import type { Database } from './connection.ts';
import { finishRun } from './finish-run.ts';
import { registerFiles } from './register-files.ts';
import { assetState, bytea, contentOf, contentRow, count, id, isId, statOf, statRow } from './rows.ts';

const libraryRow = z
  .object({ id, name: z.string(), root: z.string(), kind: z.enum(['folder', 'immich']) })
  .transform(({ kind, ...library }) => ({ ...library, ...(kind === 'immich' && { kind }) }));
const assetRow = statRow.extend({
  id,
  library: z.string(),
  path: z.string(),
  rawPath: bytea,
  state: assetState,
  contentHash: z.string().nullable(),
});
const countRow = z.object({ count });

/** Libraries, photos and how their runs end, in Postgres. Every method is one statement and may be called again with the same effect. */
export function createAssetStore({ database }: { database: Database }): AssetStore {
  return {
    async ensureLibrary({ name, root }) {
      const [row] = await database.rows(
        libraryRow,
        (sql) => sql`
          insert into darkroom.library (name, root) values (${name}, ${root})
          on conflict (name) do update set root = excluded.root
          returning id, name, root, kind`,
      );
      if (row === undefined) throw new Error('ensureLibrary returned no row.');
      return row;
    },

    async libraries() {
      return await database.rows(
        libraryRow,
        (sql) => sql`select id, name, root, kind from darkroom.library order by id`,
      );
    },

    async register(library, files, recipeHash) {
      return await registerFiles(database, library, files, recipeHash);
    },

    async find(assetId) {
      if (!isId(assetId)) return undefined;
      const [row] = await database.rows(
        assetRow,
        (sql) => sql`
          select a.id, l.name as library, a.path, a.raw_path, a.state, a.size, a.mtime_ms, a.ctime_ms, a.inode, a.content_hash
          from darkroom.asset a join darkroom.library l on l.id = a.library_id
          where a.id = ${assetId}`,
      );
      if (row === undefined) return undefined;
      const { library, path, rawPath, state, contentHash } = row;
      const asset = { assetId: row.id, library, path };
      return { asset, rawPath, state, stat: statOf(row), contentHash: contentHash ?? undefined };
    },

    async knownContent(assetId, { size, mtimeMs, inode }) {
      if (!isId(assetId)) return undefined;
      const [row] = await database.rows(
        contentRow,
        (sql) => sql`
          select c.hash, c.bytes, c.kind, c.width, c.height, c.taken_at, c.camera, c.latitude, c.longitude,
            to_jsonb(c.keywords) as keywords, c.caption
          from darkroom.asset a join darkroom.content c on c.hash = a.content_hash
          where a.id = ${assetId} and a.size = ${size} and a.mtime_ms = ${mtimeMs} and a.inode = ${inode}`,
      );
      return row === undefined ? undefined : contentOf(row);
    },

    async rememberContent({ assetId, path }, { size, mtimeMs, ctimeMs, inode }, content) {
      const { hash, bytes, kind, width, height, capture } = content;
      const { takenAt, camera, latitude, longitude, keywords, caption } = capture;
      const read = {
        asset_id: isId(assetId) ? assetId : undefined,
        path,
        size,
        mtime_ms: mtimeMs,
        ctime_ms: ctimeMs,
        inode,
        hash,
        bytes,
        kind,
        width,
        height,
        taken_at: takenAt,
        camera,
        latitude,
        longitude,
        keywords,
        caption,
      };
      await database.run(
        (sql, json) => sql`
          with read as (
            select * from jsonb_to_record(${json(read)}) as r(
              asset_id bigint, path text, size bigint, mtime_ms float8, ctime_ms float8, inode text, hash text, bytes bigint, kind text,
              width integer, height integer, taken_at text, camera text, latitude float8, longitude float8,
              keywords text[], caption text)
          ), kept as (
            insert into darkroom.content as c (
              hash, bytes, kind, width, height, taken_at, camera, latitude, longitude, keywords, caption)
            select hash, bytes, kind, width, height, taken_at, camera, latitude, longitude, keywords, caption from read
            on conflict (hash) do update
            set kind = excluded.kind, width = excluded.width, height = excluded.height, taken_at = excluded.taken_at,
              camera = excluded.camera, latitude = excluded.latitude, longitude = excluded.longitude,
              keywords = excluded.keywords, caption = excluded.caption
            -- A newer reader may know more of the same bytes.
            where (c.kind, c.width, c.height, c.taken_at, c.camera, c.latitude, c.longitude, c.keywords, c.caption) is distinct from
              (excluded.kind, excluded.width, excluded.height, excluded.taken_at, excluded.camera, excluded.latitude,
                excluded.longitude, excluded.keywords, excluded.caption)
          )
          update darkroom.asset a
          set size = r.size, mtime_ms = r.mtime_ms, ctime_ms = r.ctime_ms, inode = r.inode, content_hash = r.hash,
            -- A late repetition changes nothing below, and so does not open a photo that is done.
            state = 'open', waiting_since = null, waiting_reason = null, updated = now()
          from read r
          where a.id = r.asset_id and a.path = r.path
            and (a.size, a.mtime_ms, a.ctime_ms, a.inode, a.content_hash, a.waiting_since) is distinct from
              (r.size, r.mtime_ms, r.ctime_ms, r.inode, r.hash, null)`,
      );
    },

    async markWaiting(assetId, reason) {
      if (!isId(assetId)) return;
      await database.run(
        (sql, json) => sql`
          update darkroom.asset a
          set state = 'waiting', waiting_since = coalesce(a.waiting_since, now()), waiting_reason = w.reason, updated = now()
          from jsonb_to_record(${json({ reason })}) as w(reason text)
          where a.id = ${assetId} and (a.state, a.waiting_reason) is distinct from ('waiting', w.reason)`,
      );
    },

    async countWaiting() {
      const [row] = await database.rows(
        countRow,
        (sql) => sql`select count(*) from darkroom.asset where state = 'waiting'`,
      );
      return row?.count ?? 0;
    },

    async finishRun(input) {
      await finishRun(database, input);
    },
  };
}
