import type { AssetRef } from '../../domain/asset.ts';
import { isDomainError } from '../../domain/errors.ts';
import { type NamedAsset, namedAsset } from '../../domain/immich-link.ts';
import { shownPath } from '../../domain/immich-rules.ts';
import type { ImmichStore } from '../../domain/immich-store.ts';
import type { ImmichLibrary } from '../../domain/immich.ts';
import { UsageError } from '../usage-error.ts';

export interface FetchedPhoto {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
}

interface AskedWay {
  readonly immich: Pick<ImmichLibrary, 'asset'>;
  readonly keySha: string;
  readonly root: string;
}

export interface Asking {
  /** Of this shell's settings. */
  readonly ways: () => Promise<readonly AskedWay[]>;
  readonly store: Pick<ImmichStore, 'libraries' | 'register'>;
}

/**
 * A photo of an Immich that no pass has reached yet: asked for at Immich with the settings of this shell, and given its row. Undefined
 * where nothing named is an asset of Immich. Throws UsageError with what to do where it cannot be found, and the faults of Immich.
 */
export async function fetchPhoto(
  { ways, store }: Asking,
  text: string,
  signal: AbortSignal,
): Promise<FetchedPhoto | undefined> {
  const named = namedAsset(text);
  if (named === undefined) return undefined;
  const known = await ways();
  if (known.length === 0) throw new UsageError(withoutSettings(named));
  const records = await store.libraries();
  const troubles: unknown[] = [];
  for (const { immich, keySha, root } of known) {
    const record = records.find((one) => one.keySha === keySha && one.root === root);
    if (record === undefined) continue;
    try {
      const found = await immich.asset(named.id, signal);
      // A partner's photo, or one in a shared album, is answered too; it belongs to another library.
      if (found === undefined || found.ownerId !== record.ownerId) continue;
      const [row] = await store.register(record, [{ id: found.id, path: shownPath(found) }]);
      if (row !== undefined) return row;
    } catch (error) {
      if (!isDomainError(error)) throw error;
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw troubles[0];
  throw new UsageError(nowhere(named));
}

const withoutSettings = ({ id }: NamedAsset): string =>
  `The photo ${id} is not known yet, and this shell has no IMMICH_API_URL and IMMICH_API_KEY to ask Immich for it. ` +
  'Set them here as where "darkroom up" runs, or wait until the pass through the library has met it.';

const nowhere = ({ id, host }: NamedAsset): string =>
  `No user whose key Darkroom has owns a photo ${id}${host === undefined ? '' : ` (from ${host})`}. ` +
  'It may be deleted, in the trash or the locked folder, or belong to somebody else: each user needs a key in IMMICH_API_KEY.';
