import path from 'node:path';
import type { Cleanups } from '../../support/up.ts';
import type { LoggedCall } from './call-log.ts';
import { addPhotos, type ImmichPhoto, type ImmichPolicy } from './immich-photos.ts';
import { type ChaosImmich, startChaosImmich } from './immich-server.ts';
import { tallyImmich } from './immich-tally.ts';
import { verifyAll } from './immich-verify.ts';
import { makeLibrary, type PlannedPhoto } from './library.ts';
import { type KillKind, killKinds } from './plan.ts';
import type { PhotoRow } from './rows.ts';
import type { SceneOptions } from './scene.ts';
import type { Tally } from './tally.ts';

/** Where the photos lie, and what is counted there beside rows, calls and runs. */
export interface Setting extends Pick<SceneOptions, 'folders' | 'env' | 'libraryAway'> {
  readonly photos: readonly PlannedPhoto[];
  readonly kinds: readonly KillKind[];
  /** Whatever was taken away is there again. */
  settle(): Promise<void>;
  /** Looks at the library while `up` still runs; what it answers adds that to what was found. */
  count(dataDir: string): Promise<(counted: Counted) => Tally>;
}

interface Counted {
  readonly found: Tally;
  readonly rows: readonly PhotoRow[];
  readonly calls: readonly LoggedCall[];
}

interface SettingOptions {
  /** Empty. */
  readonly home: string;
  readonly count: number;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

export async function folderSetting(_t: Cleanups, { home, count, random }: SettingOptions): Promise<Setting> {
  const folder = path.join(home, 'library');
  return {
    photos: await makeLibrary(folder, count, random),
    kinds: killKinds,
    folders: [folder],
    env: {},
    libraryAway: async () => undefined,
    settle: async () => undefined,
    count: async () => (counted) => counted.found,
  };
}

export async function immichSetting(t: Cleanups, { home, count, random, say }: SettingOptions): Promise<Setting> {
  const immich = await startChaosImmich(home);
  t.after(() => immich.end());
  const policy: ImmichPolicy = random() < 0.5 ? 'none' : 'preserve-human';
  say(`Immich at ${immich.now().url}, policy ${policy}`);
  const photos = await addPhotos(immich.now(), { count, policy, random });
  await immich.begin(photos);
  return {
    photos,
    kinds: [...killKinds, 'immich'],
    folders: [],
    env: {
      IMMICH_API_URL: immich.now().url,
      IMMICH_API_KEY: immich.now().users[0]?.key ?? '',
      OVERWRITE_POLICY: policy,
      FIRST_LOOK: '0',
      IMMICH_PEOPLE_WAIT: '0s',
      // Rounds of the verification are asked for at the end.
      IMMICH_VERIFY_MIN: '1440',
    },
    libraryAway: (ms) => immich.away(ms),
    settle: () => immich.settle(),
    count: (dataDir) => countImmich(immich, { dataDir, photos, policy }),
  };
}

interface CountInput {
  readonly dataDir: string;
  readonly photos: readonly ImmichPhoto[];
  readonly policy: ImmichPolicy;
}

async function countImmich(immich: ChaosImmich, { dataDir, photos, policy }: CountInput) {
  await immich.now().call('clearMoments');
  const publications = await verifyAll(dataDir);
  const counts = await immich.now().call('counts');
  const fields = new Map<string, string>();
  for (const { id } of photos) {
    // A photo that was deleted has none.
    const field = await immich
      .now()
      .call('description', id)
      .catch(() => undefined);
    if (field !== undefined) fields.set(id, field);
  }
  return ({ found, rows, calls }: Counted): Tally => {
    const { broken, described, humanTextLost } = tallyImmich({
      policy,
      photos,
      rows,
      calls,
      counts,
      fields,
      publications,
    });
    return { ...found, described, humanTextLost, broken: [...found.broken, ...broken] };
  };
}
