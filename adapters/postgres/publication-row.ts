import { z } from 'zod';
import { type Publication, publicationStates } from '../../domain/immich-store.ts';
import type { Sql } from './connection.ts';

/** One row of `darkroom.publication p` as one value; times in milliseconds since 1970. */
export const publicationColumns = (sql: Sql) => sql`
  jsonb_build_object(
    'assetId', p.asset_id::text, 'state', p.state, 'shas', to_jsonb(p.shas), 'partShas', to_jsonb(p.part_shas), 'before', p.before, 'intended', p.intended,
    'runId', p.run_id, 'recipeHash', p.recipe_hash, 'writtenAt', extract(epoch from p.written_at) * 1000,
    'verifiedAt', extract(epoch from p.verified_at) * 1000, 'rewrites', p.rewrites)`;

export const publicationRow = z.object({
  assetId: z.string(),
  state: z.enum(publicationStates),
  shas: z.array(z.string()),
  partShas: z.array(z.string()),
  before: z.string().nullable(),
  intended: z.string().nullable(),
  runId: z.string(),
  recipeHash: z.string().nullable(),
  writtenAt: z.number().nullable(),
  verifiedAt: z.number().nullable(),
  rewrites: z.number(),
});

export function publicationOf(row: z.output<typeof publicationRow>): Publication {
  const { assetId, state, shas, partShas, runId, rewrites, before, intended, recipeHash, writtenAt, verifiedAt } = row;
  return {
    assetId,
    state,
    shas,
    partShas,
    runId,
    rewrites,
    ...(before !== null && { before }),
    ...(intended !== null && { intended }),
    ...(recipeHash !== null && { recipeHash }),
    ...(writtenAt !== null && { writtenAt }),
    ...(verifiedAt !== null && { verifiedAt }),
  };
}
