import type { Neighbour, NearestQuery } from '../../domain/face-index.ts';
import { createVectorMemory } from './vector-memory.ts';

interface TableRow {
  readonly faceId: string;
  readonly personId?: string;
  readonly embedding: Float32Array;
}

/** Faces in memory, looked at one by one: there is nothing to build, and a face is found as soon as it is there. */
export interface VectorTable {
  /** Adds a face, or puts what is known of it in the place of what was. */
  put(row: TableRow): void;
  remove(faceId: string): void;
  nearest(query: NearestQuery): readonly Neighbour[];
}

export function createVectorTable(): VectorTable {
  const vectors = createVectorMemory();
  const faces: string[] = [];
  const people: (string | undefined)[] = [];
  const rowOf = new Map<string, number>();

  /** The last row takes the place of the one that goes. */
  const fill = (gap: number, last: number) => {
    const faceId = faces[last] ?? '';
    vectors.copy(last, gap);
    faces[gap] = faceId;
    people[gap] = people[last];
    rowOf.set(faceId, gap);
  };

  return {
    put({ faceId, personId, embedding }) {
      const row = rowOf.get(faceId) ?? faces.length;
      vectors.put(row, embedding);
      faces[row] = faceId;
      people[row] = personId;
      rowOf.set(faceId, row);
    },

    remove(faceId) {
      const row = rowOf.get(faceId);
      if (row === undefined) return;
      const last = faces.length - 1;
      if (row < last) fill(row, last);
      rowOf.delete(faceId);
      faces.length = last;
      people.length = last;
    },

    nearest({ embedding, limit, minCosine, withPerson = false, exclude }) {
      const found: Neighbour[] = [];
      vectors.search({
        embedding,
        minCosine,
        rows: faces.length,
        isWanted: (row) => (!withPerson || people[row] !== undefined) && faces[row] !== exclude,
        onFound: (row, cosine) => {
          const personId = people[row];
          found.push({ faceId: faces[row] ?? '', ...(personId !== undefined && { personId }), cosine });
        },
      });
      return found.sort((a, b) => b.cosine - a.cosine).slice(0, limit);
    },
  };
}
