import type { ImmichWay } from '../../adapters/immich-ways.ts';
import { createFirstLookQueries } from '../../adapters/postgres/first-look.ts';
import { createImmichStatusQueries } from '../../adapters/postgres/immich-status.ts';
import { createImmichStore } from '../../adapters/postgres/immich-store.ts';
import type { Database } from '../../adapters/postgres/connection.ts';
import type { FirstLookQueries } from '../../domain/first-look.ts';
import type { ImmichStatusQueries } from '../../domain/immich-status.ts';
import type { ImmichStore } from '../../domain/immich-store.ts';
import type { Settings } from '../../runtime/config.ts';
import { immichAccess } from '../../runtime/immich-settings.ts';

/** Immich libraries as a command needs them: their rows, and the ways to them that the settings of this shell know. */
export interface ImmichAccess {
  readonly store: Pick<ImmichStore, 'libraries' | 'setFirstLook' | 'register' | 'skip'>;
  readonly status: ImmichStatusQueries;
  readonly firstLook: FirstLookQueries;
  /** Opened when first asked for; none where this shell has no settings of an Immich. */
  ways(): Promise<readonly ImmichWay[]>;
  close(): Promise<void>;
}

export function openImmich({ database, settings }: { database: Database; settings: Settings }): ImmichAccess {
  let ways: Promise<readonly ImmichWay[]> | undefined;
  return {
    store: createImmichStore({ database }),
    status: createImmichStatusQueries({ database }),
    firstLook: createFirstLookQueries({ database }),
    ways: () => (ways ??= waysOf(settings)),
    async close() {
      const opened = await ways?.catch(() => []);
      await Promise.all((opened ?? []).map(({ immich }) => immich.close()));
    },
  };
}

/** Loaded when it is wanted: an HTTP client would hold up every command by 60 ms. */
async function waysOf(settings: Settings): Promise<readonly ImmichWay[]> {
  const { openImmichWays } = await import('../../adapters/immich-ways.ts');
  return await openImmichWays(immichAccess(settings));
}
