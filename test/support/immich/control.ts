import { randomUUID } from 'node:crypto';
import { extract, runSidecarWrite, settle, writeDescription } from './jobs.ts';
import type { Fault, Match } from './moments.ts';
import { type NewAsset, newAsset, usualPermissions } from './new-rows.ts';
import type { AlbumRow, AssetRow, PersonRow, Settings, UserRow, WriteRow } from './rows.ts';
import { addAssetRow, put, removeAssetRow, serverNow, type State } from './state.ts';
import { announce } from './webhooks.ts';
import { upsertTag } from './routes-names.ts';

export interface NewUser {
  readonly name?: string;
  readonly key?: string;
  readonly permissions?: readonly string[];
  readonly isAdmin?: boolean;
}

/** A user with a key of theirs. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly key: string;
}

export interface Counts {
  readonly requests: Readonly<Record<string, number>>;
  readonly requestsInAll: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly previews: number;
  readonly previewsByAsset: Readonly<Record<string, number>>;
  readonly webhooks: number;
  /** API writes of a description, per asset. */
  readonly textsWritten: Readonly<Record<string, number>>;
  /** API writes that took the place of a text that a person had typed. */
  readonly lostHumanTexts: readonly WriteRow[];
  /** API writes into a field that a person had cleared. */
  readonly writesAfterClear: number;
}

/** What a test does to the server. Everything here is JSON, so that it works from another process too. */
export type Control = ReturnType<typeof createControl>;

export function createControl(state: State) {
  const { tables, counters } = state;
  const must = (id: string): AssetRow => {
    const asset = tables.assets.get(id);
    if (asset === undefined) throw new Error(`the scripted Immich has no asset ${id}`);
    return settle(state, asset);
  };
  const change = (id: string, changes: Partial<AssetRow>): void => {
    const asset = must(id);
    // The order of searches hangs on some fields: out and in again.
    state.index.remove(asset);
    addAssetRow(state, Object.assign(asset, { updatedAt: serverNow(state) }, changes));
  };
  return {
    ...createAccounts(state),
    addAsset(ownerId: string, given: NewAsset = {}): string {
      const asset = newAsset(state, ownerId, given);
      addAssetRow(state, asset);
      announce(state, 'AssetCreate', asset);
      return asset.id;
    },
    addAssets(ownerId: string, count: number, given: NewAsset = {}): string[] {
      return Array.from({ length: count }, () => this.addAsset(ownerId, given));
    },
    /** The row as it is, after what Immich's queue has done meanwhile. */
    asset: (id: string): AssetRow => ({ ...must(id) }),
    description: (id: string): string => must(id).description,
    change,
    /** A person types this text in Immich. */
    editByPerson: (id: string, text: string): void => writeDescription(state, must(id), { by: 'person', text }),
    trash: (id: string): void => change(id, { deletedAt: serverNow(state) }),
    restore: (id: string): void => change(id, { deletedAt: null }),
    remove: (id: string): void => removeAssetRow(state, must(id)),
    /** The person crops it in Immich: there is a second preview (sheet 2.1). */
    editPicture: (id: string): void => change(id, { isEdited: true }),
    makePreview: (id: string): void => change(id, { previewAt: 0 }),
    /** Immich reads the file for the first time, or again ("refresh metadata", sheet 3.4). */
    readFile(id: string): void {
      const asset = must(id);
      const first = asset.extractedAt === null;
      asset.extractedAt = Math.min(asset.extractedAt ?? 0, Date.now());
      extract(state, asset);
      put(state, 'assets', asset);
      if (first) announce(state, 'AssetMetadataExtraction', asset);
    },
    /** All that waits in Immich's queue is done now. */
    runJobs(): number {
      const waiting = [...tables.assets.values()].filter(({ sidecarQueuedAt }) => sidecarQueuedAt !== null);
      for (const asset of waiting) runSidecarWrite(state, asset);
      return waiting.length;
    },
    set(settings: Partial<Settings>): void {
      Object.assign(state.settings, settings);
      state.keeper.settings(state.settings);
    },
    fault: (match: Match, fault: Fault): void => void state.moments.fault(match, fault),
    /** A person types this text at that moment; without `assetId` on whichever asset the request is about. */
    editWhen(at: 'before' | 'after', match: Match, text: string): void {
      state.moments.when(at, match, ({ assetId }) => {
        const id = match.assetId ?? assetId;
        if (id !== undefined) writeDescription(state, must(id), { by: 'person', text });
      });
    },
    clearMoments: (): void => state.moments.clear(),
    writes: (): readonly WriteRow[] => [...state.writes],
    counts: (): Counts => countsOf(state),
    /** From now on counted anew; the log of writes stays. */
    resetCounts(): void {
      for (const map of [counters.requests, counters.statuses, counters.previews]) map.clear();
      counters.webhooks = 0;
    },
  };
}

function createAccounts(state: State) {
  const { tables } = state;
  return {
    addUser({ name = 'Ana', key = randomUUID(), permissions = usualPermissions, isAdmin = false }: NewUser = {}): User {
      const id = randomUUID();
      const createdAt = serverNow(state);
      const email = `${name.toLowerCase()}@example.org`;
      put(state, 'users', { id, name, email, isAdmin, createdAt, partners: [] });
      this.addKey(id, key, permissions);
      return { id, name, key };
    },
    addKey(userId: string, secret: string, permissions: readonly string[] = usualPermissions): void {
      const key = { id: randomUUID(), userId, secret, permissions, name: 'Darkroom', revoked: false };
      put(state, 'keys', { ...key, createdAt: serverNow(state) });
      const row = [...tables.keys.values()].find((known) => known.secret === secret);
      if (row !== undefined) state.keysBySecret.set(secret, row);
    },
    revokeKey(secret: string, revoked = true): void {
      const key = state.keysBySecret.get(secret);
      if (key !== undefined) put(state, 'keys', Object.assign(key, { revoked }));
    },
    setPermissions(secret: string, permissions: readonly string[]): void {
      const key = state.keysBySecret.get(secret);
      if (key !== undefined) put(state, 'keys', Object.assign(key, { permissions }));
    },
    /** The photos of `from` are among the results of `to` from now on. */
    sharePhotos(from: string, to: string): void {
      const user = tables.users.get(to);
      if (user !== undefined) put(state, 'users', { ...user, partners: [...user.partners, from] } satisfies UserRow);
    },
    addLibrary(ownerId: string, readOnly: boolean): string {
      const id = randomUUID();
      put(state, 'libraries', { id, ownerId, readOnly });
      return id;
    },
    setReadOnly(id: string, readOnly: boolean): void {
      const library = tables.libraries.get(id);
      if (library !== undefined) put(state, 'libraries', { ...library, readOnly });
    },
    addPerson(ownerId: string, name: string, said: Partial<PersonRow> = {}): string {
      const id = randomUUID();
      const row = { birthDate: null, isHidden: false, updatedAt: serverNow(state), ...said, id, ownerId, name };
      put(state, 'people', row);
      return id;
    },
    addTag(ownerId: string, value: string): string {
      const user = tables.users.get(ownerId);
      if (user === undefined) throw new Error(`the scripted Immich has no user ${ownerId}`);
      return upsertTag(state, user, value).id;
    },
    addAlbum(ownerId: string, name: string, assetIds: readonly string[], sharedWith: readonly string[] = []): string {
      const row: AlbumRow = { id: randomUUID(), ownerId, name, createdAt: serverNow(state), assetIds, sharedWith };
      put(state, 'albums', row);
      state.index.setAlbum(row.id, assetIds);
      return row.id;
    },
  };
}

function countsOf({ counters, writes }: State): Counts {
  const textsWritten: Record<string, number> = {};
  for (const { by, assetId } of writes) if (by === 'api') textsWritten[assetId] = (textsWritten[assetId] ?? 0) + 1;
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, one) => all + one, 0);
  return {
    requests: Object.fromEntries(counters.requests),
    requestsInAll: sum(counters.requests.values()),
    statuses: Object.fromEntries(counters.statuses),
    previews: sum(counters.previews.values()),
    previewsByAsset: Object.fromEntries(counters.previews),
    webhooks: counters.webhooks,
    textsWritten,
    lostHumanTexts: writes.filter(({ lostHumanText }) => lostHumanText !== undefined),
    writesAfterClear: writes.filter(({ afterClear }) => afterClear === true).length,
  };
}
