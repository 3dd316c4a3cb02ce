import { z } from 'zod';
import { previewOf } from '../../domain/merge-preview.ts';
import type { MergeStore } from '../../domain/person-store.ts';
import type { Database } from './connection.ts';
import { idList } from './face-rows.ts';
import { isNameTaken, mergeMissing, nameTaken, orPeopleError, personMissing } from './people-faults.ts';
import { personColumns, personOf, personRow } from './person-rows.ts';
import { count, id, isId } from './rows.ts';

const mergedRow = z.object({ mergeId: id, sourceId: id, faces: z.number(), isNew: z.boolean() });
const undoneRow = z.object({ sourceId: id, targetId: id, faces: z.number(), isNew: z.boolean() });
const sideRow = personRow.extend({ faces: count, mergedInto: id.nullable(), heirId: id.nullable() });
const takenRow = z.object({ name: z.string(), other: id.nullable() });
const mergeRow = z.object({
  id,
  sourceId: id,
  sourceName: z.string().nullable(),
  targetId: id,
  targetName: z.string().nullable(),
  faces: z.number(),
  at: z.date(),
  undone: z.date().nullable(),
});

/** Merges of people in Postgres (migrations/0009_people.sql). */
export function createMergeStore({ database }: { database: Database }): MergeStore {
  /** Somebody else is called as the person who was to come back. */
  async function whoTook(mergeId: string, cause: unknown) {
    const [row] = await database.rows(
      takenRow,
      (sql) => sql`
        select s.name, o.id as other
        from darkroom.person_merge m join darkroom.person s on s.id = m.source_id
          left join darkroom.person o on o.name_folded = s.name_folded and o.merged_into is null
        where m.id = ${mergeId} and s.name is not null`,
    );
    return nameTaken(row?.name, row?.other ?? undefined, cause);
  }

  return {
    async merge({ sources, target }) {
      const odd = [target, ...sources].find((one) => !isId(one));
      if (odd !== undefined) throw personMissing(odd);
      const rows = database.rows(
        mergedRow,
        (sql, json) => sql`select * from darkroom.merge_people(${idList(sql, json, sources)}, ${target})`,
      );
      return await orPeopleError(rows);
    },

    async preview({ sources, target }) {
      const rows = await database.rows(
        sideRow,
        (sql, json) => sql`
          select ${personColumns(sql)}, p.merged_into, darkroom.heir(p.id) as heir_id,
            (select count(*) from darkroom.face_detection f where f.person_id = p.id) as faces
          from darkroom.person p where p.id = any(${idList(sql, json, [target, ...sources])})`,
      );
      return previewOf(
        { sources, target },
        rows.map(({ faces, mergedInto, heirId, ...row }) => ({
          person: personOf(row),
          faces,
          ...(mergedInto !== null && heirId !== null && { mergedInto: { personId: mergedInto, heirId } }),
        })),
      );
    },

    async unmerge(mergeId) {
      if (!isId(mergeId)) throw mergeMissing(mergeId);
      try {
        const rows = database.rows(undoneRow, (sql) => sql`select * from darkroom.unmerge_people(${mergeId})`);
        const [row] = await orPeopleError(rows);
        if (row === undefined) throw mergeMissing(mergeId);
        return row;
      } catch (error) {
        throw isNameTaken(error) ? await whoTook(mergeId, error) : error;
      }
    },

    async mergesOf(personId) {
      const rows = await database.rows(
        mergeRow,
        (sql) => sql`
          select m.id, m.source_id, s.name as source_name, m.target_id, t.name as target_name, m.faces, m.at, m.undone
          from darkroom.person_merge m
            join darkroom.person s on s.id = m.source_id
            join darkroom.person t on t.id = m.target_id
          where ${isId(personId) ? personId : '0'} in (m.source_id, m.target_id)
          order by m.id desc`,
      );
      return rows.map(({ id: mergeId, sourceId, sourceName, targetId, targetName, faces, at, undone }) => ({
        mergeId,
        source: { personId: sourceId, ...(sourceName !== null && { name: sourceName }) },
        target: { personId: targetId, ...(targetName !== null && { name: targetName }) },
        faces,
        at: at.getTime(),
        undone: undone?.getTime(),
      }));
    },
  };
}
