import type { AssetRow, WriteRow } from './rows.ts';
import { put, serverNow, type State } from './state.ts';

/** What an API write asks for, beside the text itself. */
export interface Written {
  readonly by: 'api' | 'person';
  readonly text: string;
}

/**
 * Sets the description and queues the SidecarWrite (sheet 3.1). Says in the log of writes whether a person's text was lost
 * by it: a text of an API that holds the person's own keeps it.
 */
export function writeDescription(state: State, asset: AssetRow, { by, text }: Written): void {
  const before = asset.description;
  const lost = by === 'api' && asset.humanText !== '' && !text.includes(asset.humanText);
  note(state, {
    at: serverNow(state),
    assetId: asset.id,
    by,
    before,
    after: text,
    ...(lost ? { lostHumanText: asset.humanText } : {}),
    ...(by === 'api' && asset.cleared && text !== '' ? { afterClear: true } : {}),
  });
  asset.description = text;
  if (by === 'person') {
    asset.humanText = text.trim();
    asset.cleared = text.trim() === '' && before !== '';
  } else {
    if (lost) asset.humanText = '';
    if (text !== '') asset.cleared = false;
  }
  queueSidecar(state, asset);
}

/** Every edit of what a sidecar can hold ends here, tags too (sheet 3.4). */
export function queueSidecar(state: State, asset: AssetRow): void {
  asset.sidecarQueuedAt ??= Date.now();
  put(state, 'assets', asset);
}

/** Does what Immich's queue has done meanwhile. Whoever looks at an asset's description or tags asks this first. */
export function settle(state: State, asset: AssetRow): AssetRow {
  const { jobDelayMs } = state.settings;
  const due = asset.sidecarQueuedAt !== null && jobDelayMs !== null && asset.sidecarQueuedAt + jobDelayMs <= Date.now();
  if (due) runSidecarWrite(state, asset);
  return asset;
}

/** The queue reaches this asset now. */
export function runSidecarWrite(state: State, asset: AssetRow): void {
  if (asset.sidecarQueuedAt === null) return;
  asset.sidecarQueuedAt = null;
  // On a read-only mount the write fails, which Immich only logs (sheet 3.3); the lock goes all the same.
  if (!isReadOnly(state, asset)) {
    asset.inFile = { description: asset.description, tags: asset.tags, humanText: asset.humanText };
  }
  extract(state, asset);
}

/** Re-reads file and sidecar; nothing is locked any more by then (sheet 3.2, version 2.5 and newer). */
export function extract(state: State, asset: AssetRow): void {
  if (asset.sidecarQueuedAt !== null) return; // Description and tags are locked until the sidecar is written.
  const after = asset.inFile.description.trim();
  if (after !== asset.description) {
    note(state, { at: serverNow(state), assetId: asset.id, by: 'immich', before: asset.description, after });
    asset.humanText = asset.inFile.humanText;
  }
  asset.description = after;
  asset.tags = asset.inFile.tags;
  // It writes the asset's own row too: this is how a REST write does show in `updatedAfter`, later (its metadata.service.ts).
  asset.updatedAt = serverNow(state);
  put(state, 'assets', asset);
}

export const isReadOnly = ({ tables }: State, { libraryId }: AssetRow): boolean =>
  libraryId !== null && tables.libraries.get(libraryId)?.readOnly === true;

export const isExtracted = ({ extractedAt }: AssetRow): boolean => extractedAt !== null && extractedAt <= Date.now();

/** Uploads have their row from the first moment, external assets from the first extraction on (sheet 2.2). */
export const hasExif = (asset: AssetRow): boolean => asset.libraryId === null || isExtracted(asset);

export const hasPreview = ({ previewAt }: AssetRow): boolean => previewAt !== null && previewAt <= Date.now();

function note(state: State, row: WriteRow): void {
  state.writes.push(row);
  state.keeper.write(row);
}
