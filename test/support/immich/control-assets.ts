import { randomUUID } from 'node:crypto';
import { tagsOf } from './answers.ts';
import { known } from './control-people.ts';
import { extract, queueSidecar, runSidecarWrite, settle, writeDescription } from './jobs.ts';
import { type NewAsset, newAsset } from './new-rows.ts';
import { upsertTag } from './routes-names.ts';
import type { AssetRow } from './rows.ts';
import { addAssetRow, put, removeAssetRow, serverNow, type State } from './state.ts';
import { announce } from './webhooks.ts';

/** What Immich and the people in it do to photos. */
export const createAssetControl = (state: State) => ({
  ...comingControl(state),
  ...personControl(state),
  ...immichControl(state),
});

/** The row as it is, after what Immich's queue has done meanwhile. */
const assetOf = (state: State, id: string): AssetRow => settle(state, known(state.tables.assets.get(id), 'asset'));

function change(state: State, id: string, changes: Partial<AssetRow>): void {
  const asset = assetOf(state, id);
  // The order of searches hangs on some fields: out and in again.
  state.index.remove(asset);
  addAssetRow(state, Object.assign(asset, { updatedAt: serverNow(state) }, changes));
}

function comingControl(state: State) {
  const addAsset = (ownerId: string, given: NewAsset = {}): string => {
    const asset = newAsset(state, ownerId, given);
    addAssetRow(state, asset);
    announce(state, 'AssetCreate', asset);
    return asset.id;
  };
  return {
    /** An upload, whole and read, with a preview, where nothing else is said. Answers with its id. */
    addAsset,
    addAssets: (ownerId: string, count: number, given: NewAsset = {}): string[] =>
      Array.from({ length: count }, () => addAsset(ownerId, given)),
    asset: (id: string): AssetRow => ({ ...assetOf(state, id) }),
    description: (id: string): string => assetOf(state, id).description,
    /** Full paths. */
    tags: (id: string): string[] => tagsOf(state, assetOf(state, id)).map(({ value }) => value),
  };
}

function personControl(state: State) {
  return {
    /** Sets these fields; `updatedAt` goes along unless it is among them. */
    change: (id: string, changes: Partial<AssetRow>): void => change(state, id, changes),
    /** A person types this text in Immich. */
    editByPerson: (id: string, text: string): void =>
      writeDescription(state, assetOf(state, id), { by: 'person', text }),
    tagByPerson(id: string, paths: readonly string[]): void {
      const asset = assetOf(state, id);
      const owner = known(state.tables.users.get(asset.ownerId), 'user');
      asset.tags = [...new Set([...asset.tags, ...paths.map((path) => upsertTag(state, owner, path).id)])];
      queueSidecar(state, asset);
    },
    trash: (id: string): void => change(state, id, { deletedAt: serverNow(state) }),
    restore: (id: string): void => change(state, id, { deletedAt: null }),
    remove: (id: string): void => removeAssetRow(state, assetOf(state, id)),
    /** The person crops it in Immich: there is a second preview (sheet 2.1). */
    editPicture: (id: string): void => change(state, id, { isEdited: true }),
  };
}

function immichControl(state: State) {
  return {
    makePreview: (id: string): void => change(state, id, { previewAt: 0 }),
    /** A preview of a test's own, in base64; a later one takes its place. */
    setPreview(id: string, base64: string, edited = false): void {
      const { ownPreviews, previewAt, isEdited } = assetOf(state, id);
      change(state, id, {
        ownPreviews: { ...ownPreviews, [edited ? 'edited' : 'plain']: base64 },
        previewAt: previewAt ?? 0,
        isEdited: isEdited || edited,
      });
    },
    /** One more face of this person is found on it. */
    recognise(id: string, personId: string): void {
      const { faces } = assetOf(state, id);
      change(state, id, { faces: [...faces, { id: randomUUID(), personId }] });
    },
    /** Immich reads the file for the first time, or again ("refresh metadata", sheet 3.4). */
    readFile(id: string): void {
      const asset = assetOf(state, id);
      const first = asset.extractedAt === null || asset.extractedAt > Date.now();
      asset.extractedAt = first ? Date.now() : asset.extractedAt;
      extract(state, asset);
      put(state, 'assets', asset);
      if (first) announce(state, 'AssetMetadataExtraction', asset);
    },
    /** All that waits in Immich's queue is done now; answers how many that were. */
    runJobs(): number {
      const waiting = [...state.tables.assets.values()].filter(({ sidecarQueuedAt }) => sidecarQueuedAt !== null);
      for (const asset of waiting) runSidecarWrite(state, asset);
      return waiting.length;
    },
  };
}
