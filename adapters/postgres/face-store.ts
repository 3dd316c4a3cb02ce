import { z } from 'zod';
import type { DetectedFace } from '../../domain/face.ts';
import { checkBox, checkEmbedding, matchFaces } from '../../domain/face-match.ts';
import type { FaceStore, PhotoKey } from '../../domain/face-store.ts';
import { personMissing, orPeopleError } from './people-faults.ts';
import type { Database } from './connection.ts';
import { embeddingText, faceColumns, faceOf, faceRow, facesFrom, idList } from './face-rows.ts';
import { storable } from './json.ts';
import { namedPersonOf, namedRow, peopleOn } from './person-rows.ts';
import { count, id, isId } from './rows.ts';

const detectionRow = z.object({ status: z.enum(['detected', 'no_faces', 'failed']), reason: z.string().nullable() });
const savedRow = z.object({ isNew: z.boolean(), kept: z.number(), added: z.number(), removed: z.number() });
const countRow = z.object({ count });
const idRow = z.object({ id });

/** Faces in Postgres (migrations/0008_faces.sql). */
export function createFaceStore({ database }: { database: Database }): FaceStore {
  async function knownFaces({ contentHash }: PhotoKey) {
    const rows = await database.rows(
      faceRow,
      (sql) => sql`
        select ${faceColumns(sql)} from ${facesFrom(sql)}
        where f.content_hash = ${contentHash} and f.status = 'detected' order by f.id`,
    );
    return rows.map(faceOf).map(({ person, ...face }) => ({ ...face, ...(person && { personId: person.personId }) }));
  }

  async function keep(photo: PhotoKey, faces: readonly DetectedFace[], replaces: boolean) {
    for (const { box, embedding } of faces) {
      checkBox(box);
      checkEmbedding(embedding);
    }
    const found = matchFaces({ model: photo.model, known: await knownFaces(photo), found: faces });
    const sent = found.map(({ face: { box, score, embedding }, keeps, like }) => ({
      ...(keeps !== undefined && { keeps }),
      ...(like !== undefined && { like }),
      box: { ...box },
      ...(score !== undefined && { score }),
      embedding: embeddingText(embedding),
    }));
    const [saved] = await database.rows(
      savedRow,
      (sql, json) => sql`
        select * from darkroom.save_faces(${photo.contentHash}, ${photo.model}, 'no_faces', null, ${json(sent)}, ${replaces})`,
    );
    return saved ?? { isNew: false, kept: 0, added: 0, removed: 0 };
  }

  async function detection({ contentHash, model }: PhotoKey) {
    const [row] = await database.rows(
      detectionRow,
      (sql) => sql`
        select f.status, f.reason from darkroom.face_detection f
        where f.content_hash = ${contentHash} and f.model = ${model} and f.source = 'model' and f.is_first`,
    );
    if (row === undefined) return undefined;
    return row.status === 'failed' ? { status: row.status, reason: row.reason ?? '' } : { status: row.status };
  }

  async function find(faceId: string) {
    if (!isId(faceId)) return undefined;
    const [row] = await database.rows(
      faceRow,
      (sql) => sql`select ${faceColumns(sql)} from ${facesFrom(sql)} where f.id = ${faceId} and f.status = 'detected'`,
    );
    return row && faceOf(row);
  }

  return {
    detection,
    find,

    async save({ faces, ...photo }) {
      // Cheaper than to send vectors that are known.
      if ((await detection(photo)) !== undefined) return { isNew: false };
      const { isNew } = await keep(photo, faces, false);
      return { isNew };
    },

    async rerun({ faces, ...photo }) {
      const { kept, added, removed } = await keep(photo, faces, true);
      return { kept, added, removed };
    },

    async markFailed({ contentHash, model, reason }) {
      const [saved] = await database.rows(
        savedRow,
        (sql) => sql`
          select * from darkroom.save_faces(${contentHash}, ${model}, 'failed', ${storable(reason)}, '[]', false)`,
      );
      return { isNew: saved?.isNew ?? false };
    },

    async facesOf({ contentHash, model }) {
      const rows = await database.rows(
        faceRow,
        (sql) => sql`
          select ${faceColumns(sql)} from ${facesFrom(sql)}
          where f.content_hash = ${contentHash} and f.status = 'detected' and (f.source = 'manual' or f.model = ${model})
          order by f.x + f.width / 2, f.id`,
      );
      return rows.map(faceOf);
    },

    async peopleOf(photo) {
      const rows = await database.rows(namedRow, (sql) => peopleOn(sql, photo));
      return rows.map(namedPersonOf);
    },

    async addManual({ contentHash, model, box, embedding, personId }) {
      checkBox(box);
      if (embedding !== undefined) checkEmbedding(embedding);
      if (personId !== undefined && !isId(personId)) throw personMissing(personId);
      const vector = embedding === undefined ? null : embeddingText(embedding);
      const rows = database.rows(
        idRow,
        (sql, json) => sql`
          select darkroom.add_manual_face(${contentHash}, ${model}, ${json({ ...box })}, ${vector}, ${personId ?? null}) as id`,
      );
      const [row] = await orPeopleError(rows);
      const face = row && (await find(row.id));
      if (face === undefined) throw new Error('A face that was marked is not there: somebody deleted it meanwhile.');
      return face;
    },

    async remove(faceIds) {
      const [row] = await database.rows(
        countRow,
        (sql, json) => sql`select darkroom.delete_faces(${idList(sql, json, faceIds)}) as count`,
      );
      return row?.count ?? 0;
    },
  };
}
