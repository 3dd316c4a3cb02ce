import type { TestContext } from 'node:test';
import { createUndoActivities } from '../../activities/undo.ts';
import { createVerifyActivities } from '../../activities/verify.ts';
import { createImmichLibrary } from '../../adapters/immich/library.ts';
import type { Database } from '../../adapters/postgres/connection.ts';
import type { AssetRef } from '../../domain/asset.ts';
import type { OpenImmichs } from '../../domain/immich-store.ts';
import type { ImmichLibrary } from '../../domain/immich.ts';
import { addVerified, nothingLookedAt, type VerifyKind, type VerifyTally } from '../../domain/verify.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { attempt } from './attempt.ts';
import { startScriptedImmich } from './immich/server.ts';
import { publishedPhotos } from './published-photos.ts';

export const minute = 60_000;
export const day = 1_440 * minute;

/**
 * A scripted Immich whose queue stands still until it is told, our rows of it in Postgres, and a clock of the test's own. What
 * is written goes the way of publishing: row, Immich, row.
 */
export async function writtenLibrary(t: TestContext, database: Database, over: Partial<ImmichLibrary> = {}) {
  const server = await startScriptedImmich({ jobDelayMs: null });
  const { id: ownerId, key } = server.user;
  const immich = { ...createImmichLibrary({ apiUrl: server.apiUrl, key }), ...over };
  t.after(async () => {
    await immich.close();
    await server.stop();
  });
  const rows = await publishedPhotos(database, { ownerId, root: server.url });
  const clock = { now: Date.now(), publishIsPaused: false };
  const immichs: OpenImmichs = {
    async of(name) {
      const record = (await rows.store.libraries()).find((one) => one.name === name);
      return record === undefined ? undefined : { record, immich, policy: 'none', recognisesFaces: true };
    },
  };
  const { store, verifications, undos } = rows;
  const deps = {
    immich: { immichs, store, videos: false, sha256 },
    verifications,
    undos,
    now: () => clock.now,
    publishIsPaused: async () => clock.publishIsPaused,
  };
  const activities = { ...createVerifyActivities(deps), ...createUndoActivities(deps) };
  const signal = AbortSignal.timeout(60_000);

  /** One round, as the workflow goes through it. */
  async function round(kinds: readonly VerifyKind[] = ['fresh', 'again']): Promise<VerifyTally> {
    const startedAt = clock.now;
    let sum = nothingLookedAt;
    for (const kind of kinds)
      for (let after: string | undefined = ''; after !== undefined;) {
        const input = { kind, after, startedAt, without: sum.away };
        const page: Awaited<ReturnType<typeof activities.verifyPage>> = await attempt().run(
          activities.verifyPage,
          input,
        );
        sum = addVerified(sum, page);
        after = page.next;
      }
    return sum;
  }

  return {
    ...rows,
    server,
    immich,
    clock,
    activities,
    round,
    /** By the ids in Immich. */
    async publish(ids: readonly string[], textOf: (id: string) => string = (id) => `text of ${id}`, runId = 'run') {
      const assets = await rows.photos(ids);
      for (const [nth, asset] of assets.entries()) {
        const id = ids[nth] ?? '';
        const found = await immich.asset(id, signal);
        if (found === undefined) throw new Error(`no asset ${id}`);
        const text = textOf(id);
        const write = { asset, text, before: found.description, taken: found.fileCreatedAt, runId };
        await rows.write(write);
        await immich.writeDescription({ id, text, seen: found.description, signal });
        await rows.publications.written(asset.assetId, clock.now);
      }
      return assets;
    },
    states: async (assets: readonly AssetRef[]) => {
      const states = await Promise.all(assets.map((asset) => rows.state(asset)));
      return states.map(([state, rewrites]) => `${state} ${rewrites}`);
    },
    readOnlySince: async () => (await rows.store.libraries())[0]?.readOnlySince,
  };
}

export type WrittenLibrary = Awaited<ReturnType<typeof writtenLibrary>>;
