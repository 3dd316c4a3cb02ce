import type { OpenImmich, Publication } from '../domain/immich-store.ts';
import type { ImmichAsset } from '../domain/immich.ts';
import type { KnownTexts } from '../domain/write-policy.ts';
import type { ImmichDeps } from './immich-deps.ts';

export interface FieldKnown {
  readonly texts: KnownTexts;
  readonly publication: Publication | undefined;
}

/**
 * What is ours of a photo's field: from our rows, or else from what was left in Immich beside it, which outlives the loss of our
 * database. That is one request more, for photos with a text of which we know nothing.
 */
export async function fieldKnown(
  { publications, ignore, sha256 }: Pick<ImmichDeps, 'publications' | 'ignore' | 'sha256'>,
  { immich }: Pick<OpenImmich, 'immich'>,
  { assetId, found, signal }: { assetId: string; found: ImmichAsset; signal: AbortSignal },
): Promise<FieldKnown> {
  const publication = await publications.find(assetId);
  const isKnown = publication !== undefined && publication.shas.length > 0;
  const left = found.description === '' || isKnown ? undefined : await immich.provenance(found.id, signal);
  const ours = [...(publication?.shas ?? []), ...(left === undefined ? [] : [left.textSha])];
  const parts = [...(publication?.partShas ?? []), ...(left?.partSha === undefined ? [] : [left.partSha])];
  return {
    texts: { ours, parts, part: undefined, ignore, sha: sha256 },
    publication,
  };
}
