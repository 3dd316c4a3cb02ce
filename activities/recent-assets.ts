import type { ImmichAsset } from '../domain/immich.ts';

/** A page of a library brings what the first step of each run would ask for once more: one request in five. */
export interface RecentAssets {
  /** Pages may leave out the tags of a photo; `whole` where it was asked for by itself. */
  keep(assets: readonly ImmichAsset[], options?: { readonly whole?: boolean }): void;
  find(id: string, options?: { readonly whole?: boolean }): ImmichAsset | undefined;
}

/** What was seen of an asset in the last minute, of a thousand at most. Nothing is decided by it that a write rests on. */
export function createRecentAssets(now: () => number, { ms = 60_000, most = 1_000 } = {}): RecentAssets {
  const seen = new Map<string, { readonly asset: ImmichAsset; readonly at: number; readonly whole: boolean }>();
  return {
    keep(assets, { whole = false } = {}) {
      const at = now();
      for (const asset of assets) {
        // Out and in again: the map's order is that of the last look.
        seen.delete(asset.id);
        seen.set(asset.id, { asset, at, whole });
      }
      for (const id of seen.keys()) {
        if (seen.size <= most) break;
        seen.delete(id);
      }
    },
    find(id, { whole = false } = {}) {
      const found = seen.get(id);
      if (found === undefined || now() - found.at > ms || (whole && !found.whole)) return undefined;
      return found.asset;
    },
  };
}
