import type { ImmichRecord } from '../../domain/immich-store.ts';
import type { ImmichLibrary } from '../../domain/immich.ts';
import { looseLibrary } from '../../domain/library.ts';
import type { LibraryRecord } from '../../domain/ports.ts';
import type { WritePolicy } from '../../domain/write-policy.ts';
import { UsageError } from '../usage-error.ts';
import type { ImmichAccess } from './open.ts';

/** An Immich library as a command works with it. */
export interface NamedImmich {
  readonly record: ImmichRecord;
  readonly immich: ImmichLibrary;
  readonly policy: WritePolicy;
}

export type Libraries = Pick<ImmichAccess, 'ways'> & { readonly store: Pick<ImmichAccess['store'], 'libraries'> };

/**
 * The Immich library of this name, or the only one there is: albums and people are of one library. Throws UsageError where
 * there is none or several, where it is a folder, and where this shell has no key of it.
 */
export async function immichNamed(
  access: Libraries,
  all: readonly LibraryRecord[],
  name: string | undefined,
): Promise<NamedImmich> {
  const records = await access.store.libraries();
  const names = records.map((one) => one.name).join(', ');
  const [only, another] = records;
  if (only === undefined) {
    throw new UsageError(
      'Albums and people are of Immich libraries, and there is none: set IMMICH_API_URL and IMMICH_API_KEY.',
    );
  }
  if (name === undefined && another !== undefined) throw new UsageError(`Which library? There are: ${names}`);
  const record = name === undefined ? only : records.find((one) => one.name === name);
  if (record !== undefined) return await openImmichNamed(access, record);
  const isFolder = all.some((one) => one.name === name && one.name !== looseLibrary);
  throw new UsageError(
    isFolder
      ? `${name} is a folder; albums and people are of Immich libraries: ${names}`
      : `${name} is no Immich library. There are: ${names}`,
  );
}

/** Throws UsageError where this shell has no key of it. */
export async function openImmichNamed(
  { ways }: Pick<ImmichAccess, 'ways'>,
  record: ImmichRecord,
): Promise<NamedImmich> {
  const way = (await ways()).find(({ keySha }) => keySha === record.keySha);
  if (way !== undefined) return { record, immich: way.immich, policy: way.policy };
  throw new UsageError(
    `This shell has no settings to ask Immich for ${record.name}: set IMMICH_API_URL and IMMICH_API_KEY (or IMMICH_DB_URL) ` +
      'here as where "darkroom up" runs.',
  );
}
