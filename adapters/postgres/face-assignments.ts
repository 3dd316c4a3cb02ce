import { z } from 'zod';
import type { FaceAssignments } from '../../domain/face-store.ts';
import type { Database } from './connection.ts';
import {
  afterId,
  faceColumns,
  faceOfPersonOf,
  faceOfPersonRow,
  facesFrom,
  idList,
  onePhoto,
  vectorColumns,
  vectorOf,
  vectorRow,
} from './face-rows.ts';
import { orPeopleError, personMissing } from './people-faults.ts';
import { id, isId } from './rows.ts';

const idRow = z.object({ id });
const foundedRow = z.object({ id: id.nullable() });

/** Whose faces they are, in Postgres (migrations/0008_faces.sql). */
export function createFaceAssignments({ database }: { database: Database }): FaceAssignments {
  return {
    async assign({ faceIds, personId, by }) {
      if (!isId(personId)) throw personMissing(personId);
      const rows = database.rows(
        idRow,
        (sql, json) =>
          sql`select id from darkroom.assign_faces(${idList(sql, json, faceIds)}, ${personId}, ${by}) as id order by id`,
      );
      return (await orPeopleError(rows)).map(({ id: faceId }) => faceId);
    },

    async unassign(faceIds) {
      const rows = await database.rows(
        idRow,
        (sql, json) => sql`select id from darkroom.unassign_faces(${idList(sql, json, faceIds)}) as id order by id`,
      );
      return rows.map(({ id: faceId }) => faceId);
    },

    async foundPerson(faceIds) {
      const rows = database.rows(
        foundedRow,
        (sql, json) => sql`select darkroom.found_person(${idList(sql, json, faceIds)}) as id`,
      );
      return (await orPeopleError(rows))[0]?.id ?? undefined;
    },

    async unassigned({ model, after, limit, deferred }) {
      const rows = await database.rows(
        vectorRow,
        (sql) => sql`
          select ${vectorColumns(sql)}
          from darkroom.face_detection f join darkroom.face_vector v on v.face_id = f.id
          where f.model = ${model} and f.status = 'detected' and f.person_id is null and f.id > ${afterId(after)}
            ${deferred === undefined ? sql`` : sql`and f.deferred = ${deferred}`}
          order by f.id limit ${limit}`,
      );
      return rows.map(vectorOf);
    },

    async defer(faceIds) {
      await database.run(
        (sql, json) => sql`
          update darkroom.face_detection f set deferred = true
          where f.id = any(${idList(sql, json, faceIds)}) and f.status = 'detected' and f.person_id is null and not f.deferred`,
      );
    },

    async suggest(suggestions) {
      const sent = suggestions.filter(
        ({ faceId, personId, cosine }) => isId(faceId) && isId(personId) && Number.isFinite(cosine),
      );
      await database.run(
        (sql, json) => sql`
          update darkroom.face_detection f set suggested_person = p.id, suggested_cosine = s.cosine
          from jsonb_to_recordset(${json(sent.map((one) => ({ ...one })))})
              as s ("faceId" bigint, "personId" bigint, cosine real)
            join darkroom.person p on p.id = darkroom.heir(s."personId")
          where f.id = s."faceId" and f.status = 'detected' and f.person_id is null
            and (f.suggested_person is distinct from p.id or f.suggested_cosine is distinct from s.cosine)
            and not exists (
              select from darkroom.face_rejection r where r.face_id = f.id and darkroom.heir(r.person_id) = p.id)`,
      );
    },

    async reject({ faceIds, personId }) {
      if (!isId(personId)) return;
      await database.run(
        (sql, json) => sql`
          with faces as (
            select f.id from darkroom.face_detection f
            where f.id = any(${idList(sql, json, faceIds)}) and f.status = 'detected'
          ), rejected as (
            insert into darkroom.face_rejection (face_id, person_id)
              select faces.id, p.id from faces, darkroom.person p where p.id = ${personId}
              on conflict do nothing
          )
          update darkroom.face_detection f set suggested_person = null, suggested_cosine = null
          from faces where f.id = faces.id and darkroom.heir(f.suggested_person) = darkroom.heir(${personId})`,
      );
    },

    async suggestions({ model, personId, library, limit }) {
      const rows = await database.rows(
        faceOfPersonRow,
        (sql) => sql`
          select ${faceColumns(sql)}, a.asset_id, a.library, a.path
          from ${facesFrom(sql)} left join ${onePhoto(sql, library)} on true
          where f.suggested_person is not null and f.person_id is null and f.model = ${model}
            ${personId === undefined ? sql`` : sql`and s.id = ${isId(personId) ? personId : '0'}`}
            ${library === undefined ? sql`` : sql`and a.asset_id is not null`}
          order by f.suggested_cosine desc, f.id limit ${limit}`,
      );
      return rows
        .map(faceOfPersonOf)
        .flatMap(({ suggestion, ...face }) => (suggestion ? [{ ...face, suggestion }] : []));
    },
  };
}
