import type { ImmichAsset } from '../domain/immich.ts';

/** A page of a library brings what the first step of each run would ask for once more: one request in five. */
export interface RecentAssets {
  keep(assets: readonly ImmichAsset[]): void;
  find(id: string): ImmichAsset | undefined;
}

/** What was seen of an asset in the last minute, of a thousand at most. Nothing is decided by it that a write rests on. */
export function createRecentAssets(now: () => number, { ms = 60_000, most = 1_000 } = {}): RecentAssets {
  const seen = new Map<string, { readonly asset: ImmichAsset; readonly at: number }>();
  return {
    keep(assets) {
      const at = now();
      for (const asset of assets) {
        // Out and in again: the map's order is that of the last look.
        seen.delete(asset.id);
        seen.set(asset.id, { asset, at });
      }
      for (const id of seen.keys()) {
        if (seen.size <= most) break;
        seen.delete(id);
      }
    },
    find(id) {
      const found = seen.get(id);
      return found === undefined || now() - found.at > ms ? undefined : found.asset;
    },
  };
}
