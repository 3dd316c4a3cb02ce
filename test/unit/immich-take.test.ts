import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecentAssets } from '../../activities/recent-assets.ts';
import { createTakeNew } from '../../workers/engine-immich-take.ts';
import { createFakeImmich } from '../support/fake-immich.ts';
import { never, newsRecord } from '../support/immich-news-scene.ts';

test('what a pass did while there was no room is not begun once more', async () => {
  const { put, rows, store, open, assets } = createFakeImmich(newsRecord);
  const [first, second] = [put(1), put(2)];
  const started: string[] = [];
  let now = 0;
  let looks = 0;
  const takeNew = createTakeNew({
    recent: createRecentAssets(Date.now),
    judging: { store, videos: false, ignore: [], tellsPeople: false, sha256: (text) => text, keepOutdated: true },
    wanted: { of: async () => ({ hash: 'wanted' }) },
    photos: { startNew: async ({ asset }) => started.push(asset.assetId) > 0 },
    assets: { countWaiting: async () => 0 },
    runs: {
      // Full at first; the pass does one of them meanwhile.
      async countOpen() {
        looks += 1;
        if (looks > 1) return 0;
        now += 10_000;
        const row = rows.get(first);
        assert.ok(row);
        const publication = {
          assetId: first,
          state: 'written',
          shas: [],
          partShas: [],
          runId: 'r',
          rewrites: 0,
        } as const;
        rows.set(first, { ...row, state: 'done', publication });
        return 10_000;
      },
    },
    brakeMs: 1,
    now: () => now,
  });
  await takeNew(open, [...assets.values()], never);
  assert.deepEqual(started, [second]);
});
