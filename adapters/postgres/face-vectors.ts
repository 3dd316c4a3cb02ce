import { z } from 'zod';
import type { FaceVectors } from '../../domain/face-store.ts';
import type { Database } from './connection.ts';
import { afterId, isInLibrary, vectorColumns, vectorOf, vectorRow } from './face-rows.ts';
import { bytea, id, isId } from './rows.ts';

const edgeRow = z.object({ edge: id });
const changeRow = z.object({
  id,
  changed: id,
  edge: id,
  contentHash: z.string().nullable(),
  model: z.string(),
  personId: id.nullable(),
  embedding: bytea.nullable(),
});

/** Vectors of faces in Postgres (migrations/0008_faces.sql). */
export function createFaceVectors({ database }: { database: Database }): FaceVectors {
  return {
    async page({ model, limit, after, offset, library, unassigned }) {
      const rows = await database.rows(
        vectorRow,
        // Which ones first: a row that an offset passes over would have its vector read and written out for nobody.
        (sql) => sql`
          select ${vectorColumns(sql)}
          from (
            select f.id, f.content_hash, f.model, f.person_id
            from darkroom.face_detection f
            where f.model = ${model} and f.status = 'detected' and f.id > ${afterId(after)}
              and exists (select from darkroom.face_vector h where h.face_id = f.id)
              ${unassigned === true ? sql`and f.person_id is null` : sql``} and ${isInLibrary(sql, library)}
            order by f.id limit ${limit} offset ${offset ?? 0}
          ) f join darkroom.face_vector v on v.face_id = f.id
          order by f.id`,
      );
      return rows.map(vectorOf);
    },

    async vectorOf(faceId) {
      if (!isId(faceId)) return undefined;
      const [row] = await database.rows(
        vectorRow,
        (sql) => sql`
          select ${vectorColumns(sql)}
          from darkroom.face_detection f join darkroom.face_vector v on v.face_id = f.id
          where f.id = ${faceId} and f.status = 'detected'`,
      );
      return row && vectorOf(row);
    },

    async position() {
      const [row] = await database.rows(
        edgeRow,
        (sql) => sql`select pg_snapshot_xmin(pg_current_snapshot())::text as edge`,
      );
      return row?.edge ?? '0';
    },

    async changes({ model, since, limit }) {
      const { from, changed, face } = placeIn(since);
      const rows = await database.rows(
        changeRow,
        // What is above this server's own transactions came with a copy from another one, and every reader had it from `page`.
        (sql) => sql`
          select c.id, c.changed::text, pg_snapshot_xmin(pg_current_snapshot())::text as edge, c.model,
            c.content_hash, c.person_id, array_send(v.embedding) as embedding
          from (
            (select f.id, f.changed, f.model, f.content_hash, f.person_id, f.id as here from darkroom.face_detection f
              where f.model = ${model} and f.status = 'detected' and (f.changed, f.id) > (${changed}::xid8, ${face}::bigint)
                and f.changed < pg_snapshot_xmax(pg_current_snapshot())
              order by f.changed, f.id limit ${limit})
            union all
            (select r.face_id, r.changed, r.model, null, null, null from darkroom.face_removed r
              where r.model = ${model} and (r.changed, r.face_id) > (${changed}::xid8, ${face}::bigint)
                and r.changed < pg_snapshot_xmax(pg_current_snapshot())
              order by r.changed, r.face_id limit ${limit})
          ) c left join darkroom.face_vector v on v.face_id = c.here
          order by c.changed, c.id limit ${limit}`,
      );
      const last = rows.at(-1);
      // A round asks from where the transactions ended that were open when its first page was read: they may end behind it.
      const edge = from ?? rows[0]?.edge ?? changed;
      const isLast = rows.length < limit;
      return {
        changed: rows.flatMap(({ id, contentHash, model, personId, embedding }) =>
          contentHash === null || embedding === null ? [] : [vectorOf({ id, contentHash, model, personId, embedding })],
        ),
        // A face that lost its vector is none that can be found.
        removed: rows.flatMap((row) => (row.embedding === null ? [row.id] : [])),
        next: isLast || last === undefined ? edge : `${edge}_${last.changed}_${last.id}`,
        isLast,
      };
    },
  };
}

/** `<edge>` between rounds; `<edge>_<transaction>_<face>` within one. */
function placeIn(since: string): { from: string | undefined; changed: string; face: string } {
  const [, from, changed, face] = /^(\d{1,19})_(\d{1,19})_(\d{1,18})$/.exec(since) ?? [];
  if (changed !== undefined && face !== undefined) return { from, changed, face };
  return { from: undefined, changed: /^\d{1,19}$/.test(since) ? since : '0', face: '0' };
}
