import type { ImmichStore } from '../domain/immich-store.ts';
import { holdingFor, type KeptPauses, keptInWords } from '../domain/kept-pause.ts';

export interface HoldsBackDeps {
  readonly kept: Pick<KeptPauses, 'look'>;
  readonly immichStore: Pick<ImmichStore, 'libraries'>;
  /** In words; undefined where there is room on the disk. */
  readonly shortOfRoom: () => Promise<string | undefined>;
}

/** In words, why nothing of a library is started now; undefined where nothing holds it back. */
export const createHoldsBack =
  ({ kept, immichStore, shortOfRoom }: HoldsBackDeps) =>
  async (library: string): Promise<string | undefined> =>
    (await libraryPause(kept, library)) ?? (await firstLookHolds(immichStore, library)) ?? (await shortOfRoom());

async function libraryPause(kept: Pick<KeptPauses, 'look'>, name: string): Promise<string | undefined> {
  const now = Date.now();
  const pause = holdingFor((await kept.look()).pauses, { kind: 'library', name }, now);
  return pause === undefined ? undefined : keptInWords(pause, now);
}

/** Its first photos were described and shown: a person is to say go. */
async function firstLookHolds(store: Pick<ImmichStore, 'libraries'>, name: string): Promise<string | undefined> {
  const shown = (await store.libraries()).some((one) => one.name === name && one.firstLook === 'shown');
  return shown ? `first look: "darkroom backfill ${name} --go" goes on` : undefined;
}
