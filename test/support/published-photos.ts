import { createImmichStore } from '../../adapters/postgres/immich-store.ts';
import { createPublicationStore } from '../../adapters/postgres/publication-store.ts';
import { createUndoStore } from '../../adapters/postgres/undo-store.ts';
import { createVerificationStore } from '../../adapters/postgres/verification-store.ts';
import type { Database } from '../../adapters/postgres/connection.ts';
import type { AssetRef } from '../../domain/asset.ts';
import { sha256 } from '../../runtime/sha256.ts';

export interface Write {
  readonly asset: AssetRef;
  readonly text: string;
  readonly before?: string;
  /** Milliseconds since 1970; undefined: meant, and not written yet. */
  readonly at?: number | undefined;
  readonly taken?: number;
  readonly runId?: string;
}

/** Rows as publishing leaves them, without publishing. */
export async function publishedPhotos(database: Database, { ownerId = 'anna', root = 'http://immich:2283' } = {}) {
  const store = createImmichStore({ database });
  const publications = createPublicationStore({ database });
  const library = await store.ensure({ name: 'immich', root, ownerId, keySha: 'k1', firstLook: 'over' });
  return {
    store,
    publications,
    verifications: createVerificationStore({ database }),
    undos: createUndoStore({ database }),
    library,
    /** By the ids that they have in Immich. */
    async photos(ids: readonly string[]): Promise<AssetRef[]> {
      const known = await store.register(
        library,
        ids.map((id) => ({ id, path: `${id}/IMG.jpg` })),
      );
      return known.map(({ asset }) => asset);
    },
    write: async ({ asset, text, before = '', at, taken = 1_000, runId = 'run' }: Write): Promise<void> => {
      const intent = { asset, workflowId: `asset/immich/${asset.path}`, runId, recipeHash: 'a'.repeat(64) };
      const shas = { textSha: sha256(text), partSha: sha256(text) };
      await publications.intend({ ...intent, before, text, ...shas, taken });
      if (at !== undefined) await publications.written(asset.assetId, at);
    },
    state: async (asset: AssetRef | undefined) => {
      const { state, rewrites, verifiedAt } = (await publications.find(asset?.assetId ?? '')) ?? {};
      return [state, rewrites, verifiedAt !== undefined] as const;
    },
  };
}

export type PublishedPhotos = Awaited<ReturnType<typeof publishedPhotos>>;
