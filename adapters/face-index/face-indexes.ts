import { ConfigError } from '../../domain/errors.ts';
import type { FaceIndex, FaceIndexes } from '../../domain/face-index.ts';
import type { FaceVectors } from '../../domain/face-store.ts';
import type { Database } from '../postgres/connection.ts';
import { createMemoryIndex } from './memory-index.ts';
import { createPgvectorIndex } from './pgvector-index.ts';
import { preparePgvector } from './pgvector-schema.ts';

interface FaceIndexesDeps {
  readonly database: Database;
  /** With a limit that is long enough to build an index, an hour; it connects only where there is pgvector. */
  readonly patient: Database;
  readonly vectors: Pick<FaceVectors, 'page' | 'position' | 'changes'>;
}

/** pgvector where the database has it, or may have it; else an index in memory (docs/decisions/face-index.md). */
export function createFaceIndexes({ database, patient, vectors }: FaceIndexesDeps): FaceIndexes {
  const indexes = new Map<string, FaceIndex>();
  let prepared: Promise<boolean> | undefined;

  const hasPgvector = async (): Promise<boolean> => {
    prepared ??= preparePgvector(database);
    try {
      return await prepared;
    } catch (error) {
      // It may not make the extension or the function there: no reason to find nobody.
      if (error instanceof ConfigError) return false;
      prepared = undefined;
      throw error;
    }
  };

  return {
    async of(model) {
      const isPgvector = await hasPgvector();
      const index =
        indexes.get(model) ??
        (isPgvector ? createPgvectorIndex({ model, database, patient }) : createMemoryIndex({ model, vectors }));
      indexes.set(model, index);
      return index;
    },
  };
}
