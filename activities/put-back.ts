import type { OpenImmich } from '../domain/immich-store.ts';
import type { KeptVerdict } from '../domain/verification-store.ts';
import type { Finding } from './judge-texts.ts';
import type { Verifying } from './verify.ts';

/** Keeps that it is meant to be put back; false where it was written, emptied or taken back meanwhile. */
export async function meanToPutBack(
  { verifications }: Pick<Verifying, 'verifications'>,
  { text: { asset, publication, textSha } }: Finding,
): Promise<boolean> {
  const { rewrites, state } = publication;
  const before = state === 'intended' ? rewrites - 1 : rewrites;
  return await verifications.putBack({ assetId: asset.assetId, textSha, rewrites: before });
}

/**
 * Writes once more what Immich lost, as the first time: what is meant is kept before it is done, and the field is read just
 * before it is written, so that what a person typed meanwhile stays.
 */
export async function putBack(
  { verifications, sha256, now }: Pick<Verifying, 'verifications' | 'sha256' | 'now'>,
  { immich }: OpenImmich,
  finding: Finding,
  signal: AbortSignal,
): Promise<'put back' | 'left'> {
  const { text, immichId, field } = finding;
  const { asset, publication, textSha } = text;
  const { assetId } = asset;
  const { intended } = publication;
  if (intended === undefined || !(await meanToPutBack({ verifications }, finding))) return 'left';
  const keep = (verdict: KeptVerdict) => verifications.judged([{ assetId, textSha, verdict }], now());
  const found = await immich.asset(immichId, signal);
  if (found === undefined) {
    await keep('stands');
    return 'left';
  }
  if (found.description !== field) {
    // Ours, by another hand of ours; or a person's.
    await keep(publication.shas.includes(sha256(found.description)) ? 'again' : 'edited');
    return 'left';
  }
  const written = await immich.writeDescription({ id: immichId, text: intended, seen: field, signal });
  // Somebody was faster: the next round sees what stands there.
  if (written === 'differs') return 'left';
  await keep(written === 'gone' ? 'stands' : 'again');
  return written === 'gone' ? 'left' : 'put back';
}
