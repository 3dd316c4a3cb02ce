import { z } from 'zod';
import type { Database } from '../../adapters/postgres/connection.ts';
import { createMergeStore } from '../../adapters/postgres/person-merge.ts';
import { createPersonStore } from '../../adapters/postgres/person-store.ts';

const countRow = z.object({ count: z.coerce.number() });

/** Seconds to make one person of two who have `faces` faces each, and to take that back. */
export async function measureMerge(database: Database, faces: number) {
  const people = createPersonStore({ database });
  const merges = createMergeStore({ database });
  const [source, target] = [await people.create({ name: 'Source' }), await people.create({ name: 'Target' })];
  await give(database, source.personId, faces, 0);
  await give(database, target.personId, faces, faces);
  const { seconds: mergeSeconds, value: done } = await timed(() =>
    merges.merge({ sources: [source.personId], target: target.personId }),
  );
  const [merge] = done;
  if (merge === undefined || merge.faces !== faces) throw new Error(`${merge?.faces} faces moved in place of ${faces}`);
  const { seconds: unmergeSeconds } = await timed(() => merges.unmerge(merge.mergeId));
  const [left] = await database.rows(
    countRow,
    (sql) => sql`select count(*) from darkroom.face_detection where person_id = ${source.personId}`,
  );
  if (left?.count !== faces) throw new Error(`${left?.count} faces are back in place of ${faces}`);
  return { mergeSeconds, unmergeSeconds };
}

async function give(database: Database, personId: string, count: number, offset: number): Promise<void> {
  await database.run(
    (sql) => sql`
      update darkroom.face_detection set person_id = ${personId}, assigned_by = 'person', assigned = now()
      where id in (select id from darkroom.face_detection where status = 'detected' order by id limit ${count} offset ${offset})`,
  );
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly value: T }> {
  const begun = performance.now();
  const value = await work();
  return { seconds: (performance.now() - begun) / 1_000, value };
}
