import type { ImmichRecord } from '../../domain/immich-store.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { createPoll } from '../../workers/engine-immich-poll.ts';
import { createRecentAssets } from '../../activities/recent-assets.ts';
import { createTakeNew } from '../../workers/engine-immich-take.ts';
import { createFakeImmich } from './fake-immich.ts';

/** When the library was made, by the server's clock. */
export const made = Date.UTC(2026, 10, 21, 12);
export const minute = 60_000;
export const newsRecord: ImmichRecord = {
  id: '7',
  name: 'immich',
  root: 'http://immich:2283',
  kind: 'immich',
  ownerId: 'owner',
  keySha: 'k',
  firstLook: 'over',
  polledUntil: made,
};
export const never = new AbortController().signal;

/** A library, and polls of it as one process does them; `again` is the process after it. */
export function newsScene(over: Partial<ImmichRecord> = {}) {
  const fake = createFakeImmich({ ...newsRecord, ...over });
  const started: { id: string; priority: number }[] = [];
  const open = new Set<string>();
  let temporalIsAway = false;
  const { immichs, store } = fake;
  const takeNew = createTakeNew({
    recent: createRecentAssets(Date.now),
    judging: {
      store,
      videos: false,
      ignore: [],
      tellsPeople: false,
      sha256,
      keepOutdated: false,
    },
    wanted: { of: async () => ({ hash: 'wanted' }) },
    photos: {
      async startNew({ asset, priority }) {
        if (temporalIsAway) throw new Error('Temporal is away');
        if (open.has(asset.assetId)) return false;
        open.add(asset.assetId);
        started.push({ id: asset.assetId, priority });
        return true;
      },
    },
    assets: { countWaiting: async () => 0 },
    runs: { countOpen: async () => 0 },
  });
  const process = () => createPoll({ immichs, store, takeNew, videos: false }, 'immich');
  return {
    ...fake,
    fake,
    takeNew,
    open,
    ids: () => started.splice(0).map(({ id }) => id),
    priorities: () => new Set(started.map(({ priority }) => priority)),
    setTemporal: (isAway: boolean) => void (temporalIsAway = isAway),
    process,
    poll: process(),
  };
}
