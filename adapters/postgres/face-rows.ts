import type { Parameter } from 'postgres';
import { z } from 'zod';
import { embeddingLength } from '../../domain/face.ts';
import type { Face, FaceOfPerson, FaceVector } from '../../domain/face-store.ts';
import type { Sql } from './connection.ts';
import { type Json, storable } from './json.ts';
import { bytea, id, isId } from './rows.ts';

export const faceRow = z.object({
  id,
  contentHash: z.string(),
  model: z.string(),
  source: z.enum(['model', 'manual']),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  score: z.number().nullable(),
  hasVector: z.boolean(),
  personId: id.nullable(),
  personName: z.string().nullable(),
  personHidden: z.boolean().nullable(),
  assignedBy: z.enum(['person', 'cluster', 'tags']).nullable(),
  suggestedId: id.nullable(),
  suggestedName: z.string().nullable(),
  suggestedCosine: z.number().nullable(),
});

/** Of `facesFrom`. */
export const faceColumns = (sql: Sql) => sql`
  f.id, f.content_hash, f.model, f.source, f.x, f.y, f.width, f.height, f.score, v.face_id is not null as has_vector,
  p.id as person_id, p.name as person_name, p.hidden as person_hidden, f.assigned_by,
  s.id as suggested_id, s.name as suggested_name, f.suggested_cosine`;

export const facesFrom = (sql: Sql) => sql`
  darkroom.face_detection f
    left join darkroom.face_vector v on v.face_id = f.id
    left join darkroom.person p on p.id = f.person_id
    left join darkroom.person s on f.person_id is null and s.id = darkroom.heir(f.suggested_person)`;

export function faceOf(row: z.output<typeof faceRow>): Face {
  const { id: faceId, contentHash, model, source, x, y, width, height, score, hasVector, assignedBy } = row;
  const { personId, personName, personHidden, suggestedId, suggestedName, suggestedCosine } = row;
  const person = personId !== null && {
    personId,
    ...(personName !== null && { name: personName }),
    hidden: personHidden ?? false,
  };
  const suggestion = suggestedId !== null &&
    suggestedCosine !== null && {
      personId: suggestedId,
      ...(suggestedName !== null && { name: suggestedName }),
      cosine: suggestedCosine,
    };
  return {
    faceId,
    contentHash,
    model,
    source,
    box: { x, y, width, height },
    ...(score !== null && { score }),
    hasVector,
    ...(person && { person }),
    ...(assignedBy !== null && { assignedBy }),
    ...(suggestion && { suggestion }),
  };
}

export const faceOfPersonRow = faceRow.extend({
  assetId: id.nullable(),
  library: z.string().nullable(),
  path: z.string().nullable(),
});

export function faceOfPersonOf(row: z.output<typeof faceOfPersonRow>): FaceOfPerson {
  const { assetId, library, path } = row;
  const asset = assetId !== null && library !== null && path !== null && { assetId, library, path };
  return { ...faceOf(row), ...(asset && { asset }) };
}

/** One photo that a face `f` is on and that is there, as `a`. */
export const onePhoto = (sql: Sql, library: string | undefined) => sql`
  lateral (
    select a.id as asset_id, l.name as library, a.path
    from darkroom.asset a join darkroom.library l on l.id = a.library_id
    where a.content_hash = f.content_hash and a.state <> 'gone'
      ${library === undefined ? sql`` : sql`and l.name = ${storable(library)}`}
    order by a.id limit 1
  ) a`;

/** A face `f` is on a photo of that library that is there. */
export const isInLibrary = (sql: Sql, library: string | undefined) =>
  library === undefined
    ? sql`true`
    : sql`exists (
        select from darkroom.asset a join darkroom.library l on l.id = a.library_id
        where a.content_hash = f.content_hash and a.state <> 'gone' and l.name = ${storable(library)})`;

/** As `array_send` writes it: a header, then a length before each number. Exact, with no text in between. */
const headerBytes = 20;
const stepBytes = 8;

function embeddingOf(sent: Buffer): Float32Array {
  const view = new DataView(sent.buffer, sent.byteOffset, sent.byteLength);
  const embedding = new Float32Array(embeddingLength);
  for (let nth = 0; nth < embeddingLength; nth += 1) {
    embedding[nth] = view.getFloat32(headerBytes + nth * stepBytes + 4);
  }
  return embedding;
}

export const vectorRow = z.object({
  id,
  contentHash: z.string(),
  model: z.string(),
  personId: id.nullable(),
  embedding: bytea,
});

export const vectorColumns = (sql: Sql) =>
  sql`f.id, f.content_hash, f.model, f.person_id, array_send(v.embedding) as embedding`;

export function vectorOf({ id: faceId, personId, embedding, ...row }: z.output<typeof vectorRow>): FaceVector {
  return { faceId, ...row, ...(personId !== null && { personId }), embedding: embeddingOf(embedding) };
}

/** For the server: numbers between braces, each exact. */
export const embeddingText = (embedding: Float32Array): string => `{${embedding.join(',')}}`;

/** A `bigint[]`; what is no id is left out. */
export const idList = (sql: Sql, json: (value: Json) => Parameter, ids: readonly string[]) => sql`
  (select coalesce(array_agg(i::bigint order by nth), '{}')
    from jsonb_array_elements_text(${json(ids.filter(isId))}) with ordinality as i (i, nth))::bigint[]`;

/** After a face or person of that id. */
export const afterId = (after: string | undefined): string => (after !== undefined && isId(after) ? after : '0');
