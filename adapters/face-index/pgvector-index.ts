import { z } from 'zod';
import { embeddingLength } from '../../domain/face.ts';
import type { FaceIndex } from '../../domain/face-index.ts';
import type { Database } from '../postgres/connection.ts';
import { id } from '../postgres/rows.ts';
import { makeFaceIndex } from './pgvector-schema.ts';

const neighbourRow = z.object({ faceId: id, personId: id.nullable(), cosine: z.number() });

interface PgvectorIndexDeps {
  readonly model: string;
  readonly database: Database;
  /** With a limit that is long enough to build an index. */
  readonly patient: Database;
}

/**
 * In a Postgres that `preparePgvector` has prepared: an HNSW index for each model, on the cast of the column. It is made at the
 * first refresh; from then on the server keeps it up. Who has a face is always asked, so there is nothing else to refresh.
 */
export function createPgvectorIndex({ model, database, patient }: PgvectorIndexDeps): FaceIndex {
  let made: Promise<void> | undefined;
  return {
    model,
    kind: 'pgvector',

    async nearest({ embedding, limit, minCosine, withPerson = false, exclude }) {
      const vector = vectorText(embedding);
      const rows = await database.rows(
        neighbourRow,
        (sql) => sql`
          select face_id::text, person_id::text, cosine
          from darkroom.nearest_faces(${model}, ${vector}, ${limit}, ${minCosine}, ${withPerson}, ${exclude ?? null})`,
      );
      return rows.map(({ personId, ...row }) => ({ ...row, ...(personId !== null && { personId }) }));
    },

    async refresh() {
      made ??= makeFaceIndex(patient, model);
      try {
        await made;
      } catch (error) {
        made = undefined;
        throw error;
      }
    },
  };
}

function vectorText(embedding: Float32Array): string {
  if (embedding.length !== embeddingLength)
    throw new RangeError(`a face has ${embeddingLength} numbers, not ${embedding.length}`);
  if (!embedding.every(Number.isFinite) || embedding.every((value) => value === 0))
    throw new RangeError('a face has finite numbers, not all of them 0');
  return `[${embedding.join(',')}]`;
}
