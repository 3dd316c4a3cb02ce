import { z } from 'zod';
import { checkChange, foldName, PeopleError, type Person, type PersonChange } from '../../domain/person.ts';
import type { PersonStore } from '../../domain/person-store.ts';
import type { Database, Sql } from './connection.ts';
import { storable } from './json.ts';
import { isNameTaken, nameTaken, orPeopleError, personMerged, personMissing } from './people-faults.ts';
import { createPersonLists } from './person-lists.ts';
import { personColumns, personOf, personRow } from './person-rows.ts';
import { id, isId } from './rows.ts';

const foundRow = personRow.extend({ heir: id.nullable() });
const removedRow = z.object({ faces: z.number(), manualFaces: z.number() });

/** People in Postgres (migrations/0008_faces.sql and 0009_people.sql). */
export function createPersonStore({ database }: { database: Database }): PersonStore {
  async function findByName(name: string): Promise<Person | undefined> {
    const [row] = await database.rows(
      personRow,
      (sql) => sql`
        select ${personColumns(sql)} from darkroom.person p
        where p.name_folded = ${storable(foldName(name))} and p.merged_into is null`,
    );
    return row && personOf(row);
  }

  async function find(personId: string): Promise<Person | undefined> {
    if (!isId(personId)) return undefined;
    const [row] = await database.rows(
      foundRow,
      (sql) => sql`
        select ${personColumns(sql)}, case when p.merged_into is not null then darkroom.heir(p.id) end as heir
        from darkroom.person p where p.id = ${personId}`,
    );
    if (row?.heir) throw personMerged(personId, row.heir);
    return row && personOf(row);
  }

  async function orTaken<T>(name: string | null | undefined, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!isNameTaken(error) || typeof name !== 'string') throw error;
      throw nameTaken(name, (await findByName(name))?.personId, error);
    }
  }

  return {
    ...createPersonLists({ database }),
    find,
    findByName,

    async create(wanted) {
      const change = checkChange(wanted);
      if (typeof change.coverFace === 'string') throw notTheirFace(change.coverFace);
      const rows = database.rows(
        personRow,
        (sql) => sql`
          with p as (insert into darkroom.person ${sql(columnsOf({ ...change, name: change.name ?? null }))} returning *)
          select ${personColumns(sql)} from p`,
      );
      const [row] = await orTaken(change.name, rows);
      if (row === undefined) throw new Error('A person was made, and is not there.');
      return personOf(row);
    },

    async change(personId, wanted) {
      const change = checkChange(wanted);
      const { coverFace } = change;
      if (typeof coverFace === 'string' && !isId(coverFace)) throw notTheirFace(coverFace);
      const columns = columnsOf(change);
      if (isId(personId) && Object.keys(columns).length > 0) {
        const rows = database.rows(
          personRow,
          (sql) => sql`
            update darkroom.person p set ${sql(columns)}, updated = now()
            where p.id = ${personId} and p.merged_into is null and ${isTheirs(sql, coverFace)}
            returning ${personColumns(sql)}`,
        );
        const [row] = await orTaken(change.name, rows);
        // The subselect of the columns still saw the former cover.
        if (row !== undefined && coverFace === undefined) return personOf(row);
      }
      const person = await find(personId);
      if (person === undefined) throw personMissing(personId);
      if (typeof coverFace === 'string' && person.coverFace !== coverFace) throw notTheirFace(coverFace);
      return person;
    },

    async remove(personId, cascade) {
      if (!isId(personId)) return undefined;
      const rows = database.rows(
        removedRow,
        (sql) => sql`select * from darkroom.delete_person(${personId}, ${cascade === 'delete'})`,
      );
      return (await orPeopleError(rows))[0];
    },
  };
}

const notTheirFace = (faceId: string): PeopleError =>
  new PeopleError('face-missing', `Face ${faceId} cannot stand for this person: it is not a face of theirs.`);

const isTheirs = (sql: Sql, coverFace: string | null | undefined) =>
  typeof coverFace !== 'string'
    ? sql`true`
    : sql`exists (select from darkroom.face_detection f where f.id = ${coverFace} and f.person_id = p.id)`;

/** For the driver, which makes an insert or an update of it. */
function columnsOf(change: PersonChange): Record<string, string | boolean | null> {
  const { name, notes, entityId, birthDate, hidden, coverFace } = change;
  return {
    ...(name !== undefined && { name, name_folded: name === null ? null : foldName(name) }),
    ...(notes !== undefined && { notes: storable(notes) }),
    ...(entityId !== undefined && { entity_id: entityId === null ? null : storable(entityId) }),
    ...(birthDate !== undefined && { birth_date: birthDate }),
    ...(hidden !== undefined && { hidden }),
    ...(coverFace !== undefined && { cover_face: coverFace }),
  };
}
