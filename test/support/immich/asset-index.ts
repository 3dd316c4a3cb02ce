import type { AssetRow } from './rows.ts';

/** Keeps assets in the orders that searches ask for, so that a page costs what is on it and not the whole library. */
export interface AssetIndex {
  add(asset: AssetRow): void;
  remove(asset: AssetRow): void;
  setAlbum(id: string, assetIds: readonly string[]): void;
  albumsOf(assetId: string): ReadonlySet<string>;
  /** Of these owners, newest first by when they were taken, then by id; the bounds are inclusive. */
  candidates(owners: readonly string[], bounds: Bounds): readonly AssetRow[];
}

export interface Bounds {
  readonly takenFrom?: number | undefined;
  readonly takenTo?: number | undefined;
  readonly createdFrom?: number | undefined;
}

interface Orders {
  readonly taken: AssetRow[];
  readonly created: AssetRow[];
}

type Order = (a: AssetRow, b: AssetRow) => number;
const byId: Order = (a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
const newestTaken: Order = (a, b) => b.fileCreatedAt - a.fileCreatedAt || byId(a, b);
const newestCreated: Order = (a, b) => b.createdAt - a.createdAt || byId(a, b);
const none: ReadonlySet<string> = new Set();

export function createAssetIndex(): AssetIndex {
  const byOwner = new Map<string, Orders>();
  const albumsOfAsset = new Map<string, Set<string>>();
  const assetsOfAlbum = new Map<string, readonly string[]>();
  const ordersOf = (owner: string): Orders => {
    const known = byOwner.get(owner) ?? { taken: [], created: [] };
    byOwner.set(owner, known);
    return known;
  };
  return {
    add(asset) {
      const { taken, created } = ordersOf(asset.ownerId);
      taken.splice(
        place(taken, (other) => newestTaken(other, asset) >= 0),
        0,
        asset,
      );
      created.splice(
        place(created, (other) => newestCreated(other, asset) >= 0),
        0,
        asset,
      );
    },
    remove(asset) {
      for (const list of Object.values(ordersOf(asset.ownerId))) list.splice(list.indexOf(asset), 1);
    },
    setAlbum(id, assetIds) {
      for (const assetId of assetsOfAlbum.get(id) ?? []) albumsOfAsset.get(assetId)?.delete(id);
      assetsOfAlbum.set(id, assetIds);
      for (const assetId of assetIds) {
        const albums = albumsOfAsset.get(assetId) ?? new Set();
        albumsOfAsset.set(assetId, albums.add(id));
      }
    },
    albumsOf: (assetId) => albumsOfAsset.get(assetId) ?? none,
    candidates(owners, bounds) {
      const [first, ...others] = owners.map((owner) => cut(ordersOf(owner), bounds));
      return others.length === 0 ? (first ?? []) : [...(first ?? []), ...others.flat()].sort(newestTaken);
    },
  };
}

function cut({ taken, created }: Orders, { takenFrom, takenTo, createdFrom }: Bounds): readonly AssetRow[] {
  if (createdFrom !== undefined) {
    const end = place(created, ({ createdAt }) => createdAt < createdFrom);
    // What came lately is little, the rest of the library is much.
    if (end < taken.length / 2) return created.slice(0, end).sort(newestTaken);
  }
  const start = takenTo === undefined ? 0 : place(taken, ({ fileCreatedAt }) => fileCreatedAt <= takenTo);
  const end = takenFrom === undefined ? taken.length : place(taken, ({ fileCreatedAt }) => fileCreatedAt < takenFrom);
  return start === 0 && end === taken.length ? taken : taken.slice(start, end);
}

/** The first place in a sorted list from which on `holds` is true. */
function place(list: readonly AssetRow[], holds: (asset: AssetRow) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const asset = list[middle];
    if (asset !== undefined && holds(asset)) high = middle;
    else low = middle + 1;
  }
  return low;
}
