import type { FaceAssignments, FaceVector, FaceVectors } from '../../domain/face-store.ts';
import type { SyntheticFaces } from '../../test/support/synthetic-faces.ts';

export const model = 'buffalo_l';

interface MemoryFaces {
  readonly assignments: Pick<FaceAssignments, 'unassigned' | 'assign' | 'foundPerson' | 'defer' | 'suggest'>;
  readonly vectors: Pick<FaceVectors, 'page' | 'position' | 'changes'>;
  /** Of each face, in the order of the vectors, who has it. */
  readonly people: () => readonly (string | undefined)[];
}

/** What clustering needs of the database, without one: it takes a third of the time, and the decisions are the same. */
export function memoryFaces({ vectors }: SyntheticFaces): MemoryFaces {
  const people: (string | undefined)[] = vectors.map(() => undefined);
  const deferred = new Set<number>();
  const changes: number[] = [];
  let founded = 0;
  const face = (nth: number): FaceVector => {
    const [embedding = new Float32Array(), personId] = [vectors[nth], people[nth]];
    return { faceId: `${nth}`, contentHash: `${nth}`, model, embedding, ...(personId !== undefined && { personId }) };
  };
  const give = (faceIds: readonly string[], personId: string): string[] =>
    faceIds.filter((faceId) => {
      const nth = Number(faceId);
      if (people[nth] !== undefined) return false;
      people[nth] = personId;
      changes.push(nth);
      return true;
    });
  /** Faces behind the one of that id that are wanted. */
  function page(after: string | undefined, limit: number, isWanted: (nth: number) => boolean): FaceVector[] {
    const found: FaceVector[] = [];
    for (let nth = Number(after ?? -1) + 1; nth < vectors.length && found.length < limit; nth += 1)
      if (isWanted(nth)) found.push(face(nth));
    return found;
  }
  return {
    people: () => people,
    assignments: {
      unassigned: async ({ after, limit, deferred: isDeferred }) =>
        page(after, limit, (nth) => people[nth] === undefined && deferred.has(nth) === isDeferred),
      assign: async ({ faceIds, personId }) => give(faceIds, personId),
      async foundPerson(faceIds) {
        founded += 1;
        give(faceIds, `${founded}`);
        return `${founded}`;
      },
      defer: async (faceIds) => faceIds.forEach((faceId) => deferred.add(Number(faceId))),
      suggest: async () => undefined,
    },
    vectors: {
      page: async ({ after, limit }) => page(after, limit, () => true),
      position: async () => `${changes.length}`,
      async changes({ since, limit }) {
        const some = changes.slice(Number(since), Number(since) + limit);
        const next = `${Number(since) + some.length}`;
        return { changed: some.map(face), removed: [], next, isLast: some.length < limit };
      },
    },
  };
}
