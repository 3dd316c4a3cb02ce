import { z } from 'zod';
import { foldName } from '../../domain/person.ts';
import type { PersonStore } from '../../domain/person-store.ts';
import type { Database, Sql } from './connection.ts';
import {
  afterId,
  faceColumns,
  faceOfPersonOf,
  faceOfPersonRow,
  facesFrom,
  idList,
  isInLibrary,
  onePhoto,
} from './face-rows.ts';
import { storable } from './json.ts';
import { personColumns, personOf, personRow } from './person-rows.ts';
import { count, id, isId } from './rows.ts';

const listedRow = personRow.extend({
  faces: count,
  photos: count,
  libraries: z.array(z.object({ library: z.string(), photos: z.number() })),
});
const assetRow = z.object({ assetId: id, library: z.string(), path: z.string() });
const statsRow = z.object({
  photosWithFaces: count,
  photosWithoutFaces: count,
  photosFailed: count,
  faces: count,
  manualFaces: count,
  assignedFaces: count,
  suggestedFaces: count,
  people: count,
  namedPeople: count,
  hiddenPeople: count,
});

type Lists = Pick<PersonStore, 'list' | 'faces' | 'photos' | 'cover' | 'stats'>;

/** What is asked about people and their faces. */
export function createPersonLists({ database }: { database: Database }): Lists {
  return {
    async list({ library, only, withHidden, words, ids, limit, offset }) {
      const rows = await database.rows(
        listedRow,
        (sql, json) => sql`
          with ${countedFaces(sql, library, ids === undefined ? sql`` : sql`and f.person_id = any(${idList(sql, json, ids)})`)}
          select ${personColumns(sql)}, coalesce(c.faces, 0) as faces, coalesce(t.photos, 0) as photos,
            coalesce(t.libraries, '[]') as libraries
          from darkroom.person p
            left join counted c on c.person_id = p.id
            left join together t on t.person_id = p.id
          where p.merged_into is null
            ${ids === undefined ? sql`` : sql`and p.id = any(${idList(sql, json, ids)})`}
            ${library === undefined ? sql`` : sql`and c.faces > 0`}
            ${only === undefined ? sql`` : only === 'named' ? sql`and p.name is not null` : sql`and p.name is null`}
            ${withHidden === true ? sql`` : sql`and not p.hidden`}
            ${words === undefined || words === '' ? sql`` : sql`and strpos(p.name_folded, ${storable(foldName(words))}) > 0`}
          order by p.name_folded nulls last, coalesce(c.faces, 0) desc, p.id
          limit ${limit} offset ${offset ?? 0}`,
      );
      return rows.map(({ faces, photos, libraries, ...row }) => ({ ...personOf(row), faces, photos, libraries }));
    },

    async faces({ personId, library, after, limit }) {
      const rows = await database.rows(
        faceOfPersonRow,
        (sql) => sql`
          select ${faceColumns(sql)}, a.asset_id, a.library, a.path
          from ${facesFrom(sql)} left join ${onePhoto(sql, library)} on true
          where f.person_id = ${isId(personId) ? personId : '0'} and f.id > ${afterId(after)}
            ${library === undefined ? sql`` : sql`and a.asset_id is not null`}
          order by f.id limit ${limit}`,
      );
      return rows.map(faceOfPersonOf);
    },

    async photos({ personId, library, after, limit }) {
      return await database.rows(
        assetRow,
        (sql) => sql`
          select a.id as asset_id, l.name as library, a.path
          from darkroom.asset a join darkroom.library l on l.id = a.library_id
          where a.id > ${afterId(after)} and a.state <> 'gone'
            ${library === undefined ? sql`` : sql`and l.name = ${storable(library)}`}
            and a.content_hash in (
              select f.content_hash from darkroom.face_detection f
              where f.person_id = ${isId(personId) ? personId : '0'})
          order by a.id limit ${limit}`,
      );
    },

    async cover(personId) {
      const [row] = await database.rows(
        faceOfPersonRow,
        (sql) => sql`
          select ${faceColumns(sql)}, a.asset_id, a.library, a.path
          from ${facesFrom(sql)} cross join ${onePhoto(sql, undefined)}
          where f.person_id = ${isId(personId) ? personId : '0'}
          order by (f.id is not distinct from p.cover_face) desc, f.width * f.height * coalesce(f.score, 1) desc, f.id
          limit 1`,
      );
      return row && faceOfPersonOf(row);
    },

    async stats({ model, library }) {
      const [row] = await database.rows(
        statsRow,
        (sql) => sql`
          with f as (
            select f.* from darkroom.face_detection f
            where (f.model = ${model} or f.source = 'manual') and ${isInLibrary(sql, library)}
          ), living as (
            select p.* from darkroom.person p
            where p.merged_into is null
              ${library === undefined ? sql`` : sql`and p.id in (select f.person_id from f)`}
          )
          select count(distinct f.content_hash) filter (where f.status = 'detected') as photos_with_faces,
            count(*) filter (where f.status = 'no_faces' and not exists (
              select from darkroom.face_detection m
              where m.content_hash = f.content_hash and m.source = 'manual')) as photos_without_faces,
            count(*) filter (where f.status = 'failed') as photos_failed,
            count(*) filter (where f.status = 'detected') as faces,
            count(*) filter (where f.source = 'manual') as manual_faces,
            count(f.person_id) as assigned_faces,
            count(f.suggested_person) filter (where f.person_id is null) as suggested_faces,
            (select count(*) from living) as people,
            (select count(name) from living) as named_people,
            (select count(*) from living where hidden) as hidden_people
          from f`,
      );
      if (row === undefined) throw new Error('Counting faces answered nothing.');
      return row;
    },
  };
}

/** Of each person `counted` faces, and photos `together` and by library. */
const countedFaces = (sql: Sql, library: string | undefined, among: ReturnType<Sql>) => sql`
  counted as (
    select f.person_id, count(*) as faces from darkroom.face_detection f
    where f.person_id is not null ${among} and ${isInLibrary(sql, library)}
    group by f.person_id
  ), seen as (
    select f.person_id, l.name as library, count(distinct a.id) as photos
    from darkroom.face_detection f
      join darkroom.asset a on a.content_hash = f.content_hash and a.state <> 'gone'
      join darkroom.library l on l.id = a.library_id
    where f.person_id is not null ${among} ${library === undefined ? sql`` : sql`and l.name = ${storable(library)}`}
    group by f.person_id, l.name
  ), together as (
    select person_id, sum(photos) as photos,
      jsonb_agg(jsonb_build_object('library', library, 'photos', photos) order by library) as libraries
    from seen group by person_id
  )`;
