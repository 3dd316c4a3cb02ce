import { createAssetIndex, type AssetIndex } from './asset-index.ts';
import type { Moments } from './moments.ts';
import type { Pictures } from './pictures.ts';
import type { AssetRow, Settings, Tables, WriteRow } from './rows.ts';

export type TableMaps = { readonly [K in keyof Tables]: Map<string, Tables[K]> };

export interface Counters {
  /** Requests by `GET /assets/:id`, answered or not. */
  readonly requests: Map<string, number>;
  /** Answers by status; 0 is a connection that was cut. */
  readonly statuses: Map<number, number>;
  /** Previews sent whole, per asset. */
  readonly previews: Map<string, number>;
  webhooks: number;
}

/** Told of every change, so that it can be kept on disk. */
export interface Keeper {
  row<K extends keyof Tables>(table: K, id: string, row: Tables[K] | undefined): void;
  write(row: WriteRow): void;
  settings(settings: Settings): void;
}

export interface State {
  readonly settings: Settings;
  readonly tables: TableMaps;
  readonly index: AssetIndex;
  /** By the secret. */
  readonly keysBySecret: Map<string, Tables['keys']>;
  readonly writes: WriteRow[];
  readonly counters: Counters;
  readonly pictures: Pictures;
  readonly moments: Moments;
  readonly keeper: Keeper;
}

export const noCounters = (): Counters => ({
  requests: new Map(),
  statuses: new Map(),
  previews: new Map(),
  webhooks: 0,
});

export const noTables = (): TableMaps => ({
  users: new Map(),
  keys: new Map(),
  assets: new Map(),
  people: new Map(),
  libraries: new Map(),
  tags: new Map(),
  albums: new Map(),
  workflows: new Map(),
});

export const keepNothing: Keeper = { row: () => undefined, write: () => undefined, settings: () => undefined };

type StateInput = Pick<State, 'settings' | 'pictures' | 'moments' | 'keeper'> & {
  readonly tables?: TableMaps;
  readonly writes?: WriteRow[];
};

export function createState({ settings, pictures, moments, keeper, tables, writes }: StateInput): State {
  const state: State = {
    settings,
    tables: tables ?? noTables(),
    index: createAssetIndex(),
    keysBySecret: new Map(),
    writes: writes ?? [],
    counters: noCounters(),
    pictures,
    moments,
    keeper,
  };
  for (const key of state.tables.keys.values()) state.keysBySecret.set(key.secret, key);
  for (const asset of state.tables.assets.values()) state.index.add(asset);
  for (const album of state.tables.albums.values()) state.index.setAlbum(album.id, album.assetIds);
  return state;
}

/** The time that this server believes it is. */
export const serverNow = ({ settings }: Pick<State, 'settings'>): number => Date.now() + settings.skewMs;

/** Puts a row into its table; every change of one ends with this. */
export function put<K extends keyof Tables>(state: State, table: K, row: Tables[K]): void {
  state.tables[table].set(row.id, row);
  state.keeper.row(table, row.id, row);
}

export function addAssetRow(state: State, row: AssetRow): void {
  put(state, 'assets', row);
  state.index.add(row);
}

export function removeAssetRow(state: State, row: AssetRow): void {
  state.tables.assets.delete(row.id);
  state.index.remove(row);
  state.keeper.row('assets', row.id, undefined);
}

/** As `major.minor`, to be compared. */
export function atLeast({ settings }: Pick<State, 'settings'>, wanted: `${number}.${number}`): boolean {
  const [major = 0, minor = 0] = settings.version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
